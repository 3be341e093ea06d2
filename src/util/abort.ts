import { SlimimageError } from '../errors.ts';

/** What every operation throws when the caller's signal fired: code ABORTED, whatever the signal's own reason is. */
export function abortedError(): SlimimageError {
  return new SlimimageError({ code: 'ABORTED', message: 'stopped on request' });
}

/** @throws SlimimageError ABORTED when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError();
}
