import { withoutControls } from '../../util/printable.ts';
import type { Style } from './style.ts';

interface Warning {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A line a warning, and its hint below; '' where there is none. */
export function renderWarnings(warnings: readonly Warning[], style: Style): string {
  return warnings
    .map(({ message, hint }) => {
      const below = hint === undefined ? '' : `\n  ${withoutControls(hint)}`;
      return `${style.warning('warning:')} ${withoutControls(message)}${below}\n`;
    })
    .join('');
}
