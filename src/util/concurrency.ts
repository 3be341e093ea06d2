import { abortedError, throwIfAborted } from './abort.ts';

export interface MapLimitOptions {
  /** How many calls run at once, at least 1. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `work` for every item, at most `limit` at once, and gives the results in the items' order.
 *
 * The first error ends it: the signal that the siblings got fires, nothing new starts, and once all of them have ended
 * that first error is thrown. So nothing runs on after the returned promise has settled.
 * @throws SlimimageError ABORTED when `options.signal` fires.
 */
export async function mapLimit<T, R>(
  items: readonly T[],
  work: (item: T, context: { readonly index: number; readonly signal: AbortSignal }) => Promise<R>,
  options: MapLimitOptions,
): Promise<R[]> {
  throwIfAborted(options.signal);
  const siblings = new AbortController();
  const signal = options.signal === undefined ? siblings.signal : AbortSignal.any([options.signal, siblings.signal]);
  const results = new Array<R>(items.length);
  let failure: { readonly error: unknown } | undefined;
  let next = 0;

  async function lane(): Promise<void> {
    while (next < items.length && !signal.aborted) {
      const index = next++;
      try {
        results[index] = await work(items[index] as T, { index, signal });
      } catch (error) {
        failure ??= { error };
        siblings.abort(error);
      }
    }
  }

  const lanes = Math.min(Math.max(1, Math.trunc(options.limit)), items.length);
  await Promise.all(Array.from({ length: lanes }, lane));
  throwIfAborted(options.signal);
  if (failure !== undefined) throw failure.error;
  return results;
}

/** A bounded number of places, given out in the order of asking. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = Math.max(1, Math.trunc(places));
  }

  /**
   * Waits for a place. The returned function gives it back (calling it again does nothing).
   * @throws SlimimageError ABORTED when the signal fires first.
   */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    throwIfAborted(signal);
    if (this.#free > 0) this.#free--;
    else await this.#turn(signal);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#release();
    };
  }

  /** Runs `work` in a place of its own. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const release = await this.acquire(signal);
    try {
      return await work();
    } finally {
      release();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const proceed = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(proceed), 1);
        reject(abortedError());
      };
      this.#waiting.push(proceed);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  #release(): void {
    const proceed = this.#waiting.shift();
    if (proceed === undefined) this.#free++;
    else proceed();
  }
}
