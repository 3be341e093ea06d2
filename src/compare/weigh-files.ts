import type { Rootfs } from '../rootfs/rootfs.ts';
import type { ImagePackage, ImagePackages } from '../view/packages.ts';

/** Bytes of a tree's files, each once whatever names it has. */
export interface FileWeights {
  readonly total: number;
  /** Of files that belong to no package. */
  readonly unowned: number;
  /** Of a package's files; of what belongs to several, all of them have it. */
  of(one: ImagePackage): number;
}

export function weighFiles(rootfs: Rootfs, packages: ImagePackages): FileWeights {
  const seen = new Set<number>();
  const weights = new Map<ImagePackage, number>();
  let total = 0;
  let unowned = 0;
  for (const { entry, inode } of rootfs.walk()) {
    if (entry.type !== 'file' || seen.has(inode)) continue;
    seen.add(inode);
    total += entry.size;
    const owners = packages.ownersOf(entry.path);
    if (owners.length === 0) unowned += entry.size;
    for (const owner of owners) weights.set(owner, (weights.get(owner) ?? 0) + entry.size);
  }
  return { total, unowned, of: (one) => weights.get(one) ?? 0 };
}
