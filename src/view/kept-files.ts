import type { TreeEntry } from '../rootfs/entry.ts';
import type { Rootfs, RootfsNode } from '../rootfs/rootfs.ts';

/** Raised with every change of what is kept: what was remembered of layers under another number is read anew. */
export const keptVersion = 2;

/** Bytes of one file that are kept: dpkg's status of 5,000 packages has 6 MB. */
const keptBytes = 64 * 1024 * 1024;

const exact = new Set([
  'etc/os-release',
  'usr/lib/os-release',
  'etc/debian_version',
  'etc/alpine-release',
  'etc/passwd',
  'etc/group',
  'etc/shadow',
  'etc/gshadow',
  'etc/shells',
  'etc/ld.so.cache',
  'etc/nsswitch.conf',
  'var/lib/dpkg/status',
  'var/lib/dpkg/statoverride',
  'var/lib/dpkg/diversions',
  'var/lib/apt/extended_states',
  'lib/apk/db/installed',
  'usr/lib/apk/db/installed',
]);

const patterns = [
  /^etc\/ld-musl-[^/]+\.path$/,
  /^var\/lib\/dpkg\/status\.d\/[^/]+$/,
  /^var\/lib\/dpkg\/info\/[^/]+\.(?:list|md5sums|conffiles)$/,
];

/** Folders of the patterns above. */
const folders = ['etc', 'var/lib/dpkg/status.d', 'var/lib/dpkg/info'];

/** Whether the content of this entry of a layer is kept with what is known of the layer. */
export function isKept(entry: TreeEntry): boolean {
  return entry.type === 'file' && entry.size <= keptBytes && isKeptPath(entry.path);
}

/**
 * Files of a tree whose content is kept, links followed. Not all of them are entries that `isKept` knows: the path may be a link to
 * anywhere, or a hard link to a file of a lower layer.
 */
export function keptNodes(rootfs: Rootfs): readonly RootfsNode[] {
  const listed = folders.flatMap((folder) => rootfs.list(folder) ?? []).map(({ entry }) => entry.path);
  const paths = [...exact, ...listed.filter((path) => patterns.some((pattern) => pattern.test(path)))];
  return paths.flatMap((path) => {
    const node = rootfs.resolve(path);
    return node?.entry.type === 'file' && node.entry.size <= keptBytes ? [node] : [];
  });
}

function isKeptPath(path: string): boolean {
  return exact.has(path) || patterns.some((pattern) => pattern.test(path));
}
