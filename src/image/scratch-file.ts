import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSlimimageError } from '../errors.ts';
import type { LocalStore } from '../store/local-store.ts';

/**
 * A path for a new file that whoever asks removes. Whoever may only read the store can look at an image all the same: with the system's
 * folder for such files.
 */
export async function scratchFile(store: LocalStore, label: string): Promise<string> {
  try {
    return await store.temporaryFile(label);
  } catch (error) {
    if (!isSlimimageError(error, 'STORE')) throw error;
    return join(tmpdir(), `slimimage-${label}-${randomBytes(8).toString('hex')}`);
  }
}
