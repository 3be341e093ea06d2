import { setTimeout as delay } from 'node:timers/promises';
import type { SlimimageEvent } from '../events.ts';
import { throwIfAborted } from '../util/abort.ts';
import { HttpError } from './http-error.ts';
import type { RetryNotice, RetryPolicy, Sleep } from './types.ts';

export interface RetryContext {
  readonly policy: RetryPolicy;
  readonly sleep: Sleep;
  readonly onRetry: ((notice: RetryNotice) => void) | undefined;
}

export interface RetryOptions {
  /** Fit to be shown. */
  readonly url: string;
  /** The most bytes held so far: a long download over a bad line may fail often, as long as it gets on. */
  readonly progress: () => number;
  readonly signal: AbortSignal | undefined;
}

/** Runs `attempt` until it succeeds, fails for good, or has used up its tries. */
export async function withRetries<T>(
  context: RetryContext,
  attempt: () => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { policy, sleep, onRetry } = context;
  let failures = 0;
  let mark = options.progress();
  for (;;) {
    throwIfAborted(options.signal);
    try {
      return await attempt();
    } catch (error) {
      throwIfAborted(options.signal);
      if (!(error instanceof HttpError) || !error.retryable) throw error;
      if (options.progress() - mark >= worthwhileBytes) failures = 0;
      mark = Math.max(mark, options.progress());
      failures++;
      const delayMs = error.retryAfterMs ?? backoffMs(policy, failures);
      if (failures >= policy.attempts || (error.retryAfterMs ?? 0) > policy.maxRetryAfterMs) throw error;
      onRetry?.({ url: options.url, reason: error.message, delayMs });
      await pause(sleep, delayMs, options.signal);
    }
  }
}

/** The event that tells of a failure, in words without a secret, and of the wait after it. */
export function retryEvent({ reason, delayMs }: Pick<RetryNotice, 'reason' | 'delayMs'>): SlimimageEvent {
  const seconds = delayMs < 10_000 ? (delayMs / 1000).toFixed(1).replace('.0', '') : Math.round(delayMs / 1000);
  return { type: 'retry', message: `${reason}; trying again in ${seconds} s`, delayMs };
}

/** The wait after the n-th failure (n from 1), in milliseconds. */
export function backoffMs(policy: RetryPolicy, failures: number): number {
  return Math.min(policy.maxDelayMs, policy.baseMs * 2 ** Math.min(failures - 1, 30));
}

/** Retry-After (RFC 9110, 10.2.3): seconds or a date, as milliseconds from now; undefined where it is neither. */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^[0-9]{1,10}$/.test(text)) return Number(text) * 1000;
  // Only the form that servers have to send; Date.parse alone would accept much else.
  if (!/^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

export const realSleep: Sleep = async (milliseconds, signal) => {
  await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
};

async function pause(sleep: Sleep, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, signal);
  } finally {
    throwIfAborted(signal);
  }
}

const worthwhileBytes = 1024 * 1024;
