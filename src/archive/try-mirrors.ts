import { type ErrorCode, isSlimimageError, SlimimageError } from '../errors.ts';
import { throwIfAborted } from '../util/abort.ts';

/**
 * Asks one mirror after the other and gives the first answer. When none has one, throws the failure that says most.
 *
 * @param urls base URLs, at least one.
 * @throws SlimimageError what `attempt` throws; CONFIG_INVALID where there is no URL.
 */
export async function tryMirrors<T>(
  urls: readonly string[],
  attempt: (url: string) => Promise<T>,
  options: { readonly archive: string; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  const failures: SlimimageError[] = [];
  for (const url of urls) {
    throwIfAborted(options.signal);
    try {
      return await attempt(url);
    } catch (error) {
      if (!isPlacesFault(error)) throw error;
      failures.push(error);
    }
  }
  throw mostTelling(failures) ?? noUrl(options.archive);
}

/** Whether another place may do better: not where the fault is ours (a full disk, Ctrl-C). */
export function isPlacesFault(error: unknown): error is SlimimageError {
  return isSlimimageError(error) && !ours.includes(error.code);
}

/** A refusal (a bad signature, a wrong digest, ...) before an absence (no connection, not found), and else the first. */
export function mostTelling(failures: readonly SlimimageError[]): SlimimageError | undefined {
  return failures.find((error) => !absent.includes(error.code)) ?? failures[0];
}

export function noUrl(archive: string): SlimimageError {
  return new SlimimageError({ code: 'CONFIG_INVALID', message: `The archive ${archive} has no URL` });
}

const ours: readonly ErrorCode[] = ['ABORTED', 'IO', 'STORE', 'STORE_CORRUPT', 'CONFIG_INVALID'];
const absent: readonly ErrorCode[] = ['NETWORK', 'HTTP_STATUS', 'HTTP_AUTH'];
