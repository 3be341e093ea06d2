import { type ErrorCode, isSlimimageError, SlimimageError } from '../errors.ts';
import { throwIfAborted } from '../util/abort.ts';

/**
 * Asks one mirror after the other and gives the first answer. When none has one, throws the failure that says most: a
 * refusal (a bad signature, a wrong digest, ...) before an absence (no connection, not found), and else the first.
 *
 * @param urls base URLs, at least one.
 * @throws SlimimageError what `attempt` throws; CONFIG_INVALID where there is no URL.
 */
export async function tryMirrors<T>(
  urls: readonly string[],
  attempt: (url: string) => Promise<T>,
  options: { readonly archive: string; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  const failures: unknown[] = [];
  for (const url of urls) {
    throwIfAborted(options.signal);
    try {
      return await attempt(url);
    } catch (error) {
      // A mirror's fault is worth another mirror; ours (a full disk, Ctrl-C) is not.
      if (!isSlimimageError(error) || ours.includes(error.code)) throw error;
      failures.push(error);
    }
  }
  if (failures.length === 0) {
    throw new SlimimageError({ code: 'CONFIG_INVALID', message: `The archive ${options.archive} has no URL` });
  }
  throw failures.find((error) => isSlimimageError(error) && !absent.includes(error.code)) ?? failures[0];
}

const ours: readonly ErrorCode[] = ['ABORTED', 'IO', 'STORE', 'STORE_CORRUPT', 'CONFIG_INVALID'];
const absent: readonly ErrorCode[] = ['NETWORK', 'HTTP_STATUS', 'HTTP_AUTH'];
