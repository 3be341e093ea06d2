import { constants } from 'node:fs';
import { chmod, type FileHandle, lchown, link, lstat, lutimes, mkdir, open, symlink, utimes } from 'node:fs/promises';
import type { OnEvent } from '../events.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import type { Rootfs, RootfsNode } from '../rootfs/rootfs.ts';
import { diskError } from '../store/disk-error.ts';
import { encodeByteText } from '../util/byte-text.ts';
import { hostPath } from './directory-tar.ts';
import { readFiles } from './read-files.ts';
import type { Image } from './types.ts';

export interface UnpackOptions {
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Target {
  readonly root: string;
  /** Whether owners can be set. */
  readonly owners: boolean;
}

/**
 * Unpacks a tree into a folder that this process has just made and nobody else writes to. No path can lead out: folders come first, files are
 * created new (never opened through a link), and the image's own symlinks come last, when nothing is written through a path any more. Owners are
 * set where this process is root. Devices, pipes and extended attributes are left out, with a warning.
 *
 * @param root absolute path of an empty folder
 * @throws SlimimageError IO, and what reading the image throws
 */
export async function unpackRootfs(
  image: Image,
  rootfs: Rootfs,
  options: UnpackOptions & { readonly root: string },
): Promise<void> {
  const { root } = options;
  const nodes = [...rootfs.walk()];
  // What this process makes belongs to the user that it runs as: only root may give it away.
  const target: Target = { root, owners: (await lstat(root)).uid === 0 };
  for (const { entry } of nodes) {
    if (entry.type === 'directory') await attempt(entry, () => mkdir(hostPath(root, entry.path), { mode: 0o700 }));
  }
  const written = await writeFiles(image, nodes, { ...options, target });
  for (const { entry, inode } of nodes) {
    const first = written.get(inode);
    if (first === undefined || first === entry.path || entry.type !== 'file') continue;
    await attempt(entry, () => link(hostPath(root, first), hostPath(root, entry.path)));
  }
  await writeSymlinks(target, nodes);
  // Deepest first: setting a child's time or name would change its folder's.
  for (const { entry } of [...nodes].reverse()) if (entry.type === 'directory') await setDirectory(target, entry);
  await setDirectory(target, rootfs.root.entry);
  warnAboutLosses(nodes, target, options.onEvent);
}

async function writeFiles(
  image: Image,
  nodes: readonly RootfsNode[],
  options: UnpackOptions & { readonly target: Target },
): Promise<ReadonlyMap<number, string>> {
  const { target } = options;
  const written = new Map<number, string>();
  let file: { readonly handle: FileHandle; readonly entry: LayerEntry } | undefined;
  try {
    for await (const event of readFiles(image, nodes, options)) {
      if (event.type === 'file') {
        const { entry, inode } = event.node;
        file = { entry, handle: await attempt(entry, () => createFile(target.root, entry)) };
        written.set(inode, entry.path);
      } else if (file !== undefined) {
        const { entry, handle } = file;
        if (event.type === 'data') {
          await attempt(entry, () => writeAll(handle, event.bytes));
        } else {
          await attempt(entry, () => finishFile(handle, entry, target));
          file = undefined;
        }
      }
    }
  } finally {
    await file?.handle.close();
  }
  return written;
}

function createFile(root: string, entry: LayerEntry): Promise<FileHandle> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  return open(hostPath(root, entry.path), flags, 0o600);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
}

/** The mode comes after the owner, whose change clears set-user-id bits. */
async function finishFile(handle: FileHandle, entry: LayerEntry, target: Target): Promise<void> {
  if (target.owners) await handle.chown(entry.uid, entry.gid);
  await handle.chmod(entry.mode);
  await handle.utimes(entry.mtime, entry.mtime);
  await handle.close();
}

async function writeSymlinks({ root, owners }: Target, nodes: readonly RootfsNode[]): Promise<void> {
  for (const { entry } of nodes) {
    if (entry.type !== 'symlink') continue;
    const path = hostPath(root, entry.path);
    const target = Buffer.from(encodeByteText(entry.linkTarget ?? ''));
    await attempt(entry, async () => {
      await symlink(target, path);
      if (owners) await lchown(path, entry.uid, entry.gid);
      await lutimes(path, entry.mtime, entry.mtime);
    });
  }
}

async function setDirectory({ root, owners }: Target, entry: LayerEntry): Promise<void> {
  const path = hostPath(root, entry.path);
  await attempt(entry, async () => {
    if (owners) await lchown(path, entry.uid, entry.gid);
    await chmod(path, entry.mode);
    await utimes(path, entry.mtime, entry.mtime);
  });
}

function warnAboutLosses(nodes: readonly RootfsNode[], target: Target, onEvent: OnEvent | undefined): void {
  const special = nodes.filter(({ entry }) => ['character', 'block', 'fifo'].includes(entry.type));
  const attributes = nodes.filter(({ entry }) => entry.xattrs !== undefined);
  const owned = target.owners ? [] : nodes.filter(({ entry }) => entry.uid !== 0 || entry.gid !== 0);
  const losses = [
    [special, 'devices and pipes were left out'],
    [attributes, 'extended attributes (file capabilities among them) were left out'],
    [owned, 'owners were not kept, because this user is not root'],
  ] as const;
  for (const [lost, what] of losses) {
    const [first] = lost;
    if (first === undefined) continue;
    const message = `${what}: ${lost.length} ${lost.length === 1 ? 'path' : 'paths'}, the first is /${first.entry.path}`;
    onEvent?.({ type: 'warning', message, hint: 'Write a tar: or oci: image to keep everything.' });
  }
}

async function attempt<T>(entry: LayerEntry, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw diskError(cause, `cannot unpack /${entry.path}`, 'IO');
  }
}
