import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
// Synchronous calls: six short ones a file, each of which would be a trip to another thread. Reading the layer awaits.
import type { OnEvent } from '../events.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import type { Rootfs, RootfsNode } from '../rootfs/rootfs.ts';
import { diskError } from '../store/disk-error.ts';
import { encodeByteText } from '../util/byte-text.ts';
import { hostPath } from './directory-tar.ts';
import { readFiles } from './read-files.ts';
import type { Image } from './types.ts';

export interface UnpackOptions {
  /** Part of the tree, folders before what they hold; default all of it. */
  readonly nodes?: readonly RootfsNode[] | undefined;
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
  const { root, nodes = [...rootfs.walk()] } = options;
  // What this process makes belongs to the user that it runs as: only root may give it away.
  const target: Target = { root, owners: lstatSync(root).uid === 0 };
  for (const { entry } of nodes) {
    if (entry.type === 'directory') attempt(entry, () => mkdirSync(hostPath(root, entry.path), { mode: 0o700 }));
  }
  const written = await writeFiles(image, nodes, { ...options, target });
  for (const { entry, inode } of nodes) {
    const first = written.get(inode);
    if (first === undefined || first === entry.path || entry.type !== 'file') continue;
    attempt(entry, () => linkSync(hostPath(root, first), hostPath(root, entry.path)));
  }
  writeSymlinks(target, nodes);
  // Deepest first: setting a child's time or name would change its folder's.
  for (const { entry } of [...nodes].reverse()) if (entry.type === 'directory') setDirectory(target, entry);
  setDirectory(target, rootfs.root.entry);
  warnAboutLosses(nodes, target, options.onEvent);
}

async function writeFiles(
  image: Image,
  nodes: readonly RootfsNode[],
  options: UnpackOptions & { readonly target: Target },
): Promise<ReadonlyMap<number, string>> {
  const { target } = options;
  const written = new Map<number, string>();
  let file: { readonly descriptor: number; readonly entry: LayerEntry } | undefined;
  try {
    for await (const event of readFiles(image, nodes, options)) {
      if (event.type === 'file') {
        const { entry, inode } = event.node;
        file = { entry, descriptor: attempt(entry, () => createFile(target.root, entry)) };
        written.set(inode, entry.path);
      } else if (file !== undefined) {
        const { entry, descriptor } = file;
        if (event.type === 'data') {
          attempt(entry, () => writeAll(descriptor, event.bytes));
        } else {
          attempt(entry, () => finishFile(descriptor, entry, target));
          file = undefined;
        }
      }
    }
  } finally {
    if (file !== undefined) closeSync(file.descriptor);
  }
  return written;
}

function createFile(root: string, entry: LayerEntry): number {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  return openSync(hostPath(root, entry.path), flags, 0o600);
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

/** The mode comes after the owner, whose change clears set-user-id bits. */
function finishFile(descriptor: number, entry: LayerEntry, target: Target): void {
  if (target.owners) fchownSync(descriptor, entry.uid, entry.gid);
  fchmodSync(descriptor, entry.mode);
  futimesSync(descriptor, entry.mtime, entry.mtime);
  closeSync(descriptor);
}

function writeSymlinks({ root, owners }: Target, nodes: readonly RootfsNode[]): void {
  for (const { entry } of nodes) {
    if (entry.type !== 'symlink') continue;
    const path = hostPath(root, entry.path);
    const target = Buffer.from(encodeByteText(entry.linkTarget ?? ''));
    attempt(entry, () => {
      symlinkSync(target, path);
      if (owners) lchownSync(path, entry.uid, entry.gid);
      lutimesSync(path, entry.mtime, entry.mtime);
    });
  }
}

function setDirectory({ root, owners }: Target, entry: LayerEntry): void {
  const path = hostPath(root, entry.path);
  attempt(entry, () => {
    if (owners) lchownSync(path, entry.uid, entry.gid);
    chmodSync(path, entry.mode);
    utimesSync(path, entry.mtime, entry.mtime);
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

function attempt<T>(entry: LayerEntry, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw diskError(cause, `cannot unpack /${entry.path}`, 'IO');
  }
}
