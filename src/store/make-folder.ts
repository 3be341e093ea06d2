import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './disk-error.ts';

/**
 * Makes a folder and those above it where they are missing. What `mkdir` with `recursive` does, but for a read-only
 * file system, of which Node says that there is no such file (ENOENT).
 * @throws the system's error
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (cause) {
    const parent = dirname(path);
    if (errorCode(cause) !== 'ENOENT' || parent === path) throw cause;
    await makeFolder(parent);
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (cause) {
    if (!(errorCode(cause) === 'EEXIST' && (await stat(path)).isDirectory())) throw cause;
  }
}
