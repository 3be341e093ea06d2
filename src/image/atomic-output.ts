import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { lstat, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SlimimageError } from '../errors.ts';
import { diskError, isMissing } from '../store/disk-error.ts';
import { makeFolder } from '../store/make-folder.ts';
import { currentOwner, isOwnerAlive, parseOwner } from '../store/owner.ts';
import { removeTree } from '../store/remove-tree.ts';
import { oneChunk } from '../util/bytes.ts';

/**
 * Writes a file beside its place and moves it there when it is complete: who dies on the way leaves the old file. A device or
 * pipe is written to directly.
 *
 * @param file absolute path
 * @returns bytes written
 * @throws SlimimageError OUTPUT_INVALID where a folder is in the way, IO, or what the source throws (nothing is left then)
 */
export async function writeFileAtomically(
  file: string,
  content: AsyncIterable<Uint8Array> | Uint8Array,
): Promise<number> {
  const bytes = content instanceof Uint8Array ? oneChunk(content) : content;
  const target = await realpath(file).catch(() => file);
  const stats = await stat(target).catch(() => undefined);
  if (stats?.isDirectory() === true) {
    throw new SlimimageError({ code: 'OUTPUT_INVALID', message: `${file} is a folder`, hint: 'Name a file.' });
  }
  if (stats !== undefined && !stats.isFile()) return writeThrough(target, bytes);
  const temporary = await temporaryBeside(target);
  try {
    const size = await writeNew(temporary, bytes);
    await rename(temporary, target);
    return size;
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw diskError(cause, `cannot write ${file}`, 'IO');
  }
}

/** A name beside `target`, on the same file system, that nobody uses; what dead processes left for that target is removed. */
export async function temporaryBeside(target: string): Promise<string> {
  const folder = dirname(target);
  const prefix = `.${basename(target)}.slimimage-`;
  await makeFolder(folder).catch((cause: unknown) => {
    throw diskError(cause, `cannot create ${folder}`, 'IO');
  });
  try {
    for (const name of await readdir(folder)) {
      const owner = name.startsWith(prefix) ? parseOwner(name.slice(prefix.length).split('.')[0] ?? '') : undefined;
      if (owner === undefined) continue;
      const { mtimeMs } = await lstat(join(folder, name));
      if (!(await isOwnerAlive(owner, mtimeMs, Date.now()))) await removeTree(join(folder, name));
    }
  } catch (cause) {
    // Another process may be sweeping too.
    if (!isMissing(cause)) throw diskError(cause, `cannot write to ${folder}`, 'IO');
  }
  return join(folder, `${prefix}${(await currentOwner()).id}.${randomBytes(4).toString('hex')}`);
}

async function writeNew(file: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await open(file, 'wx');
  try {
    let size = 0;
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
      size += chunk.length;
    }
    return size;
  } finally {
    await handle.close();
  }
}

async function writeThrough(file: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  const stream = createWriteStream(file, { flags: 'r+' });
  await pipeline(Readable.from(bytes, { objectMode: false }), stream).catch((cause: unknown) => {
    throw diskError(cause, `cannot write ${file}`, 'IO');
  });
  return stream.bytesWritten;
}
