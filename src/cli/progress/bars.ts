import type { SlimimageEvent } from '../../events.ts';
import { withoutControls } from '../../util/printable.ts';
import type { Io } from '../io.ts';
import { renderNotice } from '../render/notice.ts';
import { makeStyle, type Style } from '../render/style.ts';
import { formatBytes } from '../render/units.ts';
import { type PhaseState, ProgressState } from './state.ts';

/** Milliseconds between two drawings: the eye sees no more, and the terminal is slow. */
const interval = 80;
const barWidth = 24;
/** Tasks named below a phase. */
const namedTasks = 3;

/** One line a phase with a bar, the tasks under way below it; redrawn in place, gone when it closes. */
export class Bars {
  readonly #io: Io;
  readonly #verbose: boolean;
  readonly #style: Style;
  readonly #state = new ProgressState();
  #drawn = 0;
  #last = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(io: Io, { verbose }: { readonly verbose: boolean }) {
    this.#io = io;
    this.#verbose = verbose;
    this.#style = makeStyle(io.stderr, io.env);
  }

  onEvent(event: SlimimageEvent): void {
    if (this.#closed) return;
    this.#state.apply(event, performance.now());
    const notice = renderNotice(event, { verbose: this.#verbose, style: this.#style });
    if (notice !== undefined) this.#print(notice);
    const wait = this.#last + interval - performance.now();
    if (wait <= 0) this.#draw();
    // The last event of a burst is drawn too.
    else this.#timer ??= setTimeout(() => this.#draw(), wait).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#io.stderr.write(this.#erase());
    this.#drawn = 0;
  }

  #print(line: string): void {
    this.#io.stderr.write(`${this.#erase()}${line}\n`);
    this.#drawn = 0;
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#closed) return;
    this.#last = performance.now();
    const width = Math.max(20, (this.#io.stderr.columns ?? 80) - 1);
    const lines = [...this.#state.running.values()].flatMap((phase) => this.#renderPhase(phase, width));
    this.#io.stderr.write(this.#erase() + lines.map((line) => `${line}\n`).join(''));
    this.#drawn = lines.length;
  }

  #renderPhase(phase: PhaseState, width: number): readonly string[] {
    const { tasks, finished, totalBytes, doneBytes, active } = phase;
    const name = phase.phase.padEnd(9);
    if (tasks === 0) return [fit(name.trimEnd(), width)];
    const share = totalBytes > 0 ? doneBytes / totalBytes : finished / tasks;
    const bytes = totalBytes > 0 ? `  ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}` : '';
    const text = fit(`  ${finished}/${tasks}${bytes}`, width - name.length - 1 - barWidth);
    const names = [...active.values()].slice(0, namedTasks).map(({ label }) => withoutControls(label));
    const more = active.size > names.length ? ` and ${active.size - names.length} more` : '';
    const below = names.length === 0 ? [] : [this.#style.faint(fit(`  ${names.join(', ')}${more}`, width))];
    if (width < barWidth + 30) return [fit(`${name} ${finished}/${tasks}${bytes}`, width), ...below];
    return [`${name} ${this.#bar(share)}${text}`, ...below];
  }

  #bar(share: number): string {
    const full = Math.round(Math.min(1, Math.max(0, share)) * barWidth);
    return this.#style.good('█'.repeat(full)) + this.#style.faint('░'.repeat(barWidth - full));
  }

  /** Up over what was drawn, and clear to the end of the screen. */
  #erase(): string {
    return this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A\r\u001b[0J`;
  }
}

/** No line may wrap: what is erased is counted in lines. */
function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
