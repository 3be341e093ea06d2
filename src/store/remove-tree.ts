import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './disk-error.ts';

/**
 * Removes a file or a folder of ours with all that is in it. A folder that an image brought may be closed to its owner, who has to open
 * it before it can be emptied. Nothing there is fine. Throws what the system throws.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    if (errorCode(cause) !== 'EACCES') throw cause;
    await openFolders(path);
    await rm(path, { recursive: true, force: true });
  }
}

/** Links are not followed. */
async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openFolders(join(folder, entry.name));
  }
}
