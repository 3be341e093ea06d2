import type { SlimimageEvent } from '../../events.ts';
import type { Io } from '../io.ts';
import { Bars } from './bars.ts';
import { Lines } from './lines.ts';

/** Shows events on stderr while something runs. `close` leaves the screen as a finished command should. */
export interface Progress {
  onEvent(event: SlimimageEvent): void;
  close(): void;
}

export interface ProgressOptions {
  readonly quiet: boolean;
  /** Not true: warnings and long waits alone. */
  readonly progress?: boolean | undefined;
  readonly verbose: boolean;
}

/** Bars on a terminal, plain lines in a log, nothing with --quiet. */
export function makeProgress(io: Io, options: ProgressOptions): Progress {
  if (options.quiet) return { onEvent: () => undefined, close: () => undefined };
  const isTerminal = io.stderr.isTTY === true && io.env['TERM'] !== 'dumb' && !io.env['CI'];
  if (options.progress && isTerminal) return new Bars(io, options);
  return new Lines(io, options);
}
