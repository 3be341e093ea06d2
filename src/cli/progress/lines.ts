import type { Phase, SlimimageEvent } from '../../events.ts';
import type { Io } from '../io.ts';
import { renderNotice } from '../render/notice.ts';
import { makeStyle, type Style } from '../render/style.ts';
import { count, formatBytes, formatDuration } from '../render/units.ts';
import { type PhaseState, ProgressState } from './state.ts';

/** Milliseconds between two lines about a phase that takes long. */
const interval = 5000;

export interface LinesOptions {
  /** Not true: notices alone. */
  readonly progress?: boolean | undefined;
  readonly verbose: boolean;
}

/** One line when a phase ends, and one now and then while it lasts: for logs. */
export class Lines {
  readonly #io: Io;
  readonly #style: Style;
  readonly #options: LinesOptions;
  readonly #state = new ProgressState();
  #told = performance.now();

  constructor(io: Io, options: LinesOptions) {
    this.#io = io;
    this.#style = makeStyle(io.stderr, io.env);
    this.#options = options;
  }

  onEvent(event: SlimimageEvent): void {
    const notice = renderNotice(event, { verbose: this.#options.verbose, style: this.#style });
    if (notice !== undefined) this.#write(notice);
    const now = performance.now();
    const ended = this.#state.apply(event, now);
    if (!this.#options.progress) return;
    if (ended !== undefined) {
      this.#write(`${ended.phase}: ${describe(ended)}in ${formatDuration(now - ended.started)}`);
      this.#told = now;
    } else if (now - this.#told > interval) {
      this.#told = now;
      for (const phase of this.#state.running.values()) this.#write(`${phase.phase}: ${describe(phase)}so far`);
    }
  }

  close(): void {
    // Every line is written already.
  }

  #write(line: string): void {
    this.#io.stderr.write(`${line}\n`);
  }
}

/** What the tasks of a phase are about: of a registry's or a layout's parts some are blobs, some documents. */
const nouns: Readonly<Partial<Record<Phase, readonly [one: string, many: string]>>> = {
  read: ['layer', 'layers'],
  indexes: ['index', 'indexes'],
  download: ['file', 'files'],
  convert: ['package', 'packages'],
  assemble: ['layer', 'layers'],
  write: ['part', 'parts'],
};

function describe({ phase, tasks, finished, cached, totalBytes, doneBytes }: PhaseState): string {
  if (tasks === 0) return '';
  const [one, many] = nouns[phase] ?? ['task', 'tasks'];
  const items = `${finished === tasks ? '' : `${finished} of `}${count(tasks, one, many)}`;
  const bytes =
    finished === tasks ? formatBytes(totalBytes) : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
  const size = totalBytes > 0 ? `, ${bytes}` : '';
  return `${items}${size}${cached > 0 ? `, ${cached} of them there already` : ''}, `;
}
