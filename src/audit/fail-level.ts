import type { AuditLevel, AuditReport } from './types.ts';

/** From which level on a finding makes the answer no; `none`: never. */
export type FailLevel = AuditLevel | 'none';

const weights: Readonly<Record<FailLevel, number>> = { info: 0, warning: 1, error: 2, none: 3 };

export function atLeast(level: AuditLevel, failOn: FailLevel): boolean {
  return weights[level] >= weights[failOn];
}

/** Whether something was found at or above a level that no allow-list lets pass. */
export function fails({ counts }: Pick<AuditReport, 'counts'>, failOn: FailLevel): boolean {
  return (['error', 'warning', 'info'] as const).some((level) => counts[level] > 0 && atLeast(level, failOn));
}
