import type { BigIntStats } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { SlimimageError } from '../errors.ts';
import { encodeTarEntry, endOfTar, tarPadding } from '../formats/tar/writer.ts';
import type { EntryType } from '../rootfs/entry.ts';
import { joinPath } from '../rootfs/path.ts';
import { diskError } from '../store/disk-error.ts';
import { throwIfAborted } from '../util/abort.ts';
import { decodeByteText, encodeByteText } from '../util/byte-text.ts';
import { compareStrings } from '../util/text.ts';

/**
 * A folder of this host as a layer's tar: sorted, links kept, hard links as such, owners and modes as they are. Sockets are left out; so are
 * extended attributes, which Node can't read.
 * @throws SlimimageError IO
 */
export async function* directoryTar(
  root: string,
  signal?: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const seen = new Map<string, string>();
  const pending = [''];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    throwIfAborted(signal);
    const host = hostPath(root, path);
    const stats = await attempt(root, path, () => lstat(host, { bigint: true }));
    const type = typeOf(stats);
    if (type === undefined) continue;
    const key = `${stats.dev}:${stats.ino}`;
    const first = stats.nlink > 1n && type !== 'directory' ? seen.get(key) : undefined;
    if (first !== undefined) {
      yield header(path, 'hardlink', stats, first);
      continue;
    }
    seen.set(key, path);
    const target =
      type === 'symlink'
        ? decodeByteText(await attempt(root, path, () => readlink(host, { encoding: 'buffer' })))
        : undefined;
    yield header(path, type, stats, target);
    if (type === 'file') yield* content(root, path, Number(stats.size));
    if (type === 'directory') {
      const names = await attempt(root, path, () => readdir(host, { encoding: 'buffer' }));
      const sorted = names.map(decodeByteText).sort(compareStrings).reverse();
      pending.push(...sorted.map((name) => joinPath(path, name)));
    }
  }
  yield endOfTar();
}

/** Names are bytes: a path in Node's own text form could not name each of them. */
export function hostPath(root: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(root), Buffer.from('/'), encodeByteText(path)]);
}

async function* content(root: string, path: string, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await attempt(root, path, () => open(hostPath(root, path), 'r'));
  try {
    let done = 0;
    while (done < size) {
      const buffer = new Uint8Array(Math.min(256 * 1024, size - done));
      const { bytesRead } = await attempt(root, path, () => handle.read(buffer, 0, buffer.length, done));
      if (bytesRead === 0) {
        const message = `${root}/${path} became shorter while it was read`;
        throw new SlimimageError({ code: 'IO', message });
      }
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
  yield tarPadding(size);
}

function header(path: string, type: EntryType, stats: BigIntStats, linkTarget: string | undefined): Uint8Array {
  const isDevice = type === 'character' || type === 'block';
  return encodeTarEntry({
    path,
    type,
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: type === 'file' ? Number(stats.size) : 0,
    mtime: Number(stats.mtimeNs / 1_000_000_000n),
    linkTarget,
    // gnu_dev_major(3), gnu_dev_minor(3)
    deviceMajor: isDevice ? Number(((stats.rdev >> 8n) & 0xfffn) | ((stats.rdev >> 32n) & 0xfffff000n)) : 0,
    deviceMinor: isDevice ? Number((stats.rdev & 0xffn) | ((stats.rdev >> 12n) & 0xffffff00n)) : 0,
  });
}

function typeOf(stats: BigIntStats): EntryType | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isCharacterDevice()) return 'character';
  return stats.isBlockDevice() ? 'block' : undefined;
}

async function attempt<T>(root: string, path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw diskError(cause, `cannot read ${root}/${path}`, 'IO');
  }
}
