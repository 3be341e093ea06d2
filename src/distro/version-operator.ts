import type { VersionOperator } from './types.ts';

/** Does an order (negative, zero, positive, as a comparison of versions gives it) fit an operator? Debian Policy 7.1. */
export function holds(operator: VersionOperator, order: number): boolean {
  switch (operator) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>>':
      return order > 0;
  }
}
