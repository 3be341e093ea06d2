import { homedir } from 'node:os';
import { join } from 'node:path';
import { SlimimageError } from '../errors.ts';

/**
 * SLIMIMAGE_STORE, else `slimimage` in the user's cache folder (XDG Base Directory Specification).
 * @throws SlimimageError STORE for a user without a home, as `docker run --user 1234` makes them.
 */
export function storeFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (env['SLIMIMAGE_STORE']) return env['SLIMIMAGE_STORE'];
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homeFolder(), '.cache'), 'slimimage');
}

function homeFolder(): string {
  try {
    return homedir();
  } catch (cause) {
    const message = 'There is no place for the local store: HOME is not set, and the user has no home folder';
    const hint = 'Name a folder: --store FOLDER, SLIMIMAGE_STORE or HOME.';
    throw new SlimimageError({ code: 'STORE', message, hint, cause });
  }
}
