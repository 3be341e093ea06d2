import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { SlimimageError } from '../errors.ts';
import { diskError, errorCode } from '../store/disk-error.ts';
import type { Memo } from '../store/memo.ts';
import { removeTree } from '../store/remove-tree.ts';
import { temporaryBeside } from './atomic-output.ts';

const namespace = 'output-directories';

/**
 * Fills a folder at once: `fill` gets a new one beside it, which takes its place when it is complete. The target may be missing, empty, or
 * what an earlier call made (`memo` knows; undefined: not even that); anything else is refused, because it might be somebody's.
 *
 * @param directory absolute path
 * @throws SlimimageError OUTPUT_INVALID, IO, or what `fill` throws (the old folder stays then)
 */
export async function replaceDirectory(
  directory: string,
  memo: Memo | undefined,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  await checkReplaceable(directory, memo);
  const temporary = await temporaryBeside(directory);
  try {
    await mkdir(temporary, { mode: 0o755 });
    await fill(temporary);
    await checkReplaceable(directory, memo);
    const made = identityOf(await lstat(temporary, { bigint: true }));
    // Before it is moved: who dies on the way leaves the old folder or the new one, and the next call knows either.
    await memo?.set(namespace, directory, [...(await remembered(directory, memo)), made]);
    await exchange(temporary, directory);
    await memo?.set(namespace, directory, [made]);
  } catch (cause) {
    await removeTree(temporary).catch(() => undefined);
    throw diskError(cause, `cannot write ${directory}`, 'IO');
  }
}

/** A missing or empty folder is replaced in one step; a full one in two, because Node can't exchange two folders. */
async function exchange(temporary: string, directory: string): Promise<void> {
  try {
    return await rename(temporary, directory);
  } catch (cause) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(cause) ?? '')) throw cause;
  }
  const old = await temporaryBeside(directory);
  await rename(directory, old);
  try {
    await rename(temporary, directory);
  } catch (cause) {
    await rename(old, directory);
    throw cause;
  }
  await removeTree(old);
}

async function checkReplaceable(directory: string, memo: Memo | undefined): Promise<void> {
  const stats = await lstat(directory, { bigint: true }).catch(() => undefined);
  if (stats === undefined) return;
  if (stats.isDirectory()) {
    if ((await readdir(directory)).length === 0) return;
    if ((await remembered(directory, memo)).includes(identityOf(stats))) return;
  }
  throw new SlimimageError({
    code: 'OUTPUT_INVALID',
    message: `${directory} is there already and ${memo === undefined ? 'is not an empty folder' : 'was not made by slimimage'}`,
    hint: 'Name a new or an empty folder.',
  });
}

/** Identities of the folders that are, or were about to be, this one. */
async function remembered(directory: string, memo: Memo | undefined): Promise<readonly unknown[]> {
  const known = await memo?.get(namespace, directory);
  return Array.isArray(known) ? known : [];
}

/** An inode number is used again; with its birth it is not. */
function identityOf(stats: { readonly dev: bigint; readonly ino: bigint; readonly birthtimeNs: bigint }): string {
  return `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
}
