import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { relative } from 'node:path';
import { SlimimageError } from '../../errors.ts';
import { writeFileAtomically } from '../../image/atomic-output.ts';
import { limits } from '../../limits.ts';
import { encodeLock } from '../../lock/encode.ts';
import { parseLock } from '../../lock/parse.ts';
import type { LockDocument } from '../../lock/types.ts';
import { diskError, isMissing } from '../../store/disk-error.ts';
import { type Digest, digestOf } from '../../util/digest.ts';

export interface LockFile {
  readonly document: LockDocument;
  /** Of the file's bytes. */
  readonly digest: Digest;
}

/**
 * @param file absolute path
 * @param options.cwd folder from which messages name it
 * @throws SlimimageError LOCK_NOT_FOUND, LOCK_INVALID, IO
 */
export async function readLock(file: string, options: { readonly cwd?: string } = {}): Promise<LockFile> {
  const name = shownPath(file, options.cwd);
  const bytes = await readBytes(file, name);
  if (bytes !== undefined) return { document: parseLock(bytes, { name }), digest: digestOf(bytes) };
  throw new SlimimageError({
    code: 'LOCK_NOT_FOUND',
    message: `There is no lock ${name}`,
    hint: 'Make it with `slimimage lock`, or name another one.',
  });
}

/** As the user would write it, unless that climbs. */
export function shownPath(file: string, cwd: string | undefined): string {
  const path = cwd === undefined ? file : relative(cwd, file);
  return path.startsWith('..') ? file : path;
}

/**
 * Writes a lock in one step. A file that says the same already is not touched. A link is not followed: it may come with
 * a repository, and lead to any file of the user.
 * @throws SlimimageError OUTPUT_INVALID where a link, a folder, a device or a file that is no lock is in the way,
 * LOCK_INVALID where a file is that is too large for one, IO also where it can't be read: what is unknown is kept
 */
export async function writeLock(
  file: string,
  document: LockDocument,
): Promise<{ readonly digest: Digest; readonly changed: boolean }> {
  const bytes = new TextEncoder().encode(encodeLock(document));
  const digest = digestOf(bytes);
  await refuseOtherThanFile(file);
  const known = await readBytes(file);
  if (known !== undefined && !isMeantAsLock(file, known)) throw inTheWay(file);
  const changed = known === undefined || digestOf(known) !== digest;
  if (changed) await writeFileAtomically(file, bytes);
  return { digest, changed };
}

/** A lock that is damaged, or half merged, may be made anew; a configuration is not overwritten. */
function isMeantAsLock(file: string, bytes: Uint8Array): boolean {
  if (bytes.length === 0 || file.endsWith('.lock.json')) return true;
  return new TextDecoder().decode(bytes.subarray(0, 1000)).includes('"lockVersion"');
}

function inTheWay(file: string): SlimimageError {
  return new SlimimageError({
    code: 'OUTPUT_INVALID',
    message: `${file} is there already, and is no lock`,
    hint: 'Name another file, or remove this one.',
  });
}

async function refuseOtherThanFile(file: string): Promise<void> {
  const stats = await lstat(file).catch((cause: unknown) => {
    if (isMissing(cause)) return undefined;
    throw diskError(cause, `cannot write ${file}`, 'IO');
  });
  if (stats === undefined || stats.isFile()) return;
  const what = stats.isSymbolicLink() ? 'a link' : stats.isDirectory() ? 'a folder' : 'a device or a pipe';
  throw new SlimimageError({
    code: 'OUTPUT_INVALID',
    message: `${file} is ${what}: a lock is written to a file alone`,
    hint: stats.isSymbolicLink() ? 'Remove the link, or name the file that it leads to.' : 'Name a file.',
  });
}

/** Undefined where there is no such file. */
async function readBytes(file: string, name = file): Promise<Uint8Array | undefined> {
  try {
    // A pipe would wait for somebody to write.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if ((await handle.stat()).isFile()) return await readUpTo(handle, limits.lockBytes, name);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw diskError(cause, `cannot read ${name}`, 'IO');
  }
  throw noLock(`${name} is no file`);
}

/** A file may grow while it is read, and /proc has files that say nothing of their size. */
async function readUpTo(handle: FileHandle, limit: number, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false, end: limit })) {
    chunks.push(chunk);
    size += chunk.length;
  }
  if (size <= limit) return Buffer.concat(chunks);
  throw noLock(`${name} is larger than the ${limit} bytes that a lock may have`);
}

function noLock(message: string): SlimimageError {
  return new SlimimageError({ code: 'LOCK_INVALID', message, hint: 'Name the lock that `slimimage lock` wrote.' });
}
