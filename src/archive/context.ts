import { SlimimageError } from '../errors.ts';
import type { OperationOptions } from '../events.ts';
import type { HttpClient } from '../net/types.ts';
import type { LocalStore } from '../store/local-store.ts';

/** What every step of reading archives needs. */
export interface ArchiveContext extends OperationOptions {
  readonly store: LocalStore;
  readonly http: HttpClient;
  /** From the store alone: nothing is asked of any server. */
  readonly offline?: boolean | undefined;
  /** Milliseconds since the epoch, for signatures, Date and Valid-Until. */
  readonly now: () => number;
}

/** @param what the missing object, for example `the Release of debian trixie`. */
export function offlineError(what: string): SlimimageError {
  return new SlimimageError({
    code: 'OFFLINE',
    message: `The local store does not hold ${what}`,
    hint: 'run the same command once without --offline',
  });
}
