import type { Rootfs } from '../rootfs/rootfs.ts';

/** Of a name: the first other name of its file that both trees have; undefined where it is the first, or alone. */
export interface HardLinkChange {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Names that both trees have, and that share their file with another one of them in one tree alone. By path. */
export function compareHardLinks(from: Rootfs, to: Rootfs): ReadonlyMap<string, HardLinkChange> {
  const [before, after] = [hardLinks(from, to), hardLinks(to, from)];
  const changes = new Map<string, HardLinkChange>();
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const change = { from: before.get(path), to: after.get(path) };
    if (change.from !== change.to) changes.set(path, change);
  }
  return changes;
}

function hardLinks(rootfs: Rootfs, other: Rootfs): ReadonlyMap<string, string> {
  const links = new Map<string, string>();
  const first = new Map<number, string>();
  for (const { entry, inode } of rootfs.walk()) {
    if (entry.type !== 'file' || other.get(entry.path)?.entry.type !== 'file') continue;
    const name = first.get(inode);
    if (name === undefined) first.set(inode, entry.path);
    else links.set(entry.path, name);
  }
  return links;
}
