import type { SlimimageEvent } from '../../events.ts';
import { withoutControls } from '../../util/printable.ts';
import type { Style } from './style.ts';
import { renderWarnings } from './warnings.ts';

/** Milliseconds of a wait from which on people ask themselves what is going on. */
const longWait = 2000;

/** What an event says in words that people should see at once; undefined for the rest. With `verbose` that is everything it says. */
export function renderNotice(
  event: SlimimageEvent,
  { verbose, style }: { readonly verbose: boolean; readonly style: Style },
): string | undefined {
  switch (event.type) {
    case 'warning':
      return renderWarnings([event], style).trimEnd();
    case 'retry':
      return verbose || event.delayMs >= longWait ? withoutControls(event.message) : undefined;
    case 'info':
      return verbose ? withoutControls(event.message) : undefined;
    default:
      return undefined;
  }
}
