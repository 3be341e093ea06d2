import type { Phase, SlimimageEvent } from '../../events.ts';

/** Work that is under way. */
export interface ActiveTask {
  readonly label: string;
  readonly total: number | undefined;
  done: number;
}

export interface PhaseState {
  readonly phase: Phase;
  /** Milliseconds of a monotonic clock. */
  readonly started: number;
  tasks: number;
  finished: number;
  cached: number;
  /** Bytes of all tasks whose size is known, and how many of them are done. */
  totalBytes: number;
  doneBytes: number;
  readonly active: Map<string, ActiveTask>;
}

/** What is going on, folded from events. Phases of several platforms may follow one another under the same name. */
export class ProgressState {
  readonly running = new Map<Phase, PhaseState>();
  readonly #phaseOf = new Map<string, PhaseState>();

  /** Takes an event in; answers the phase that it ended, if any. */
  apply(event: SlimimageEvent, now: number): PhaseState | undefined {
    switch (event.type) {
      case 'phase':
        return event.state === 'start' ? this.#start(event.phase, now) : this.#end(event.phase);
      case 'task':
        this.#begin(event, now);
        return undefined;
      case 'advance':
        this.#advance(event.id, event.done);
        return undefined;
      case 'done':
        this.#finish(event.id, event.outcome);
        return undefined;
      case 'warning':
      case 'retry':
      case 'info':
        return undefined;
    }
  }

  #start(phase: Phase, now: number): undefined {
    if (!this.running.has(phase)) this.running.set(phase, emptyPhase(phase, now));
  }

  #end(phase: Phase): PhaseState | undefined {
    const state = this.running.get(phase);
    this.running.delete(phase);
    return state;
  }

  #begin(event: SlimimageEvent & { readonly type: 'task' }, now: number): void {
    // A task outside any phase (a load after the build) makes its phase visible.
    const state = this.running.get(event.phase) ?? emptyPhase(event.phase, now);
    this.running.set(event.phase, state);
    state.tasks++;
    state.totalBytes += event.total ?? 0;
    state.active.set(event.id, { label: event.label, total: event.total, done: 0 });
    this.#phaseOf.set(event.id, state);
  }

  #advance(id: string, done: number): void {
    const state = this.#phaseOf.get(id);
    const task = state?.active.get(id);
    if (state === undefined || task === undefined) return;
    if (task.total !== undefined) state.doneBytes += Math.min(done, task.total) - Math.min(task.done, task.total);
    task.done = done;
  }

  #finish(id: string, outcome: 'ok' | 'cached' | 'failed'): void {
    const state = this.#phaseOf.get(id);
    const task = state?.active.get(id);
    if (state === undefined || task === undefined) return;
    this.#advance(id, task.total ?? task.done);
    state.active.delete(id);
    this.#phaseOf.delete(id);
    state.finished++;
    if (outcome === 'cached') state.cached++;
  }
}

function emptyPhase(phase: Phase, started: number): PhaseState {
  return { phase, started, tasks: 0, finished: 0, cached: 0, totalBytes: 0, doneBytes: 0, active: new Map() };
}
