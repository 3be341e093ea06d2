import { parentPath } from '../rootfs/path.ts';
import type { Rootfs, RootfsNode } from '../rootfs/rootfs.ts';

/** The nodes of a tree by what they are, each list in the order of the tree. */
export interface TreeNodes {
  /** The root among them, folders before what they hold. */
  readonly folders: readonly RootfsNode[];
  /** Regular files, each under its first name. */
  readonly files: readonly RootfsNode[];
  /** Further names of those: hard links. */
  readonly names: readonly RootfsNode[];
  readonly symlinks: readonly RootfsNode[];
  /** Device nodes and pipes. */
  readonly others: readonly RootfsNode[];
}

/** One walk for all that looks at every path. */
export function sortNodes(rootfs: Rootfs): TreeNodes {
  const folders: RootfsNode[] = [rootfs.root];
  const files: RootfsNode[] = [];
  const names: RootfsNode[] = [];
  const symlinks: RootfsNode[] = [];
  const others: RootfsNode[] = [];
  const inodes = new Set<number>();
  for (const node of rootfs.walk()) {
    const { type } = node.entry;
    if (type === 'file') {
      const before = inodes.size;
      inodes.add(node.inode);
      (inodes.size === before ? names : files).push(node);
    } else if (type === 'directory') folders.push(node);
    else if (type === 'symlink') symlinks.push(node);
    else others.push(node);
  }
  return { folders, files, names, symlinks, others };
}

/** Files come in runs of one folder: its figures are looked up once a run. */
export class ByFolder<T> {
  readonly values = new Map<string, T>();
  readonly #make: () => T;
  #folder = '';
  #value: T | undefined;

  constructor(make: () => T) {
    this.#make = make;
  }

  /** The value of the folder that a path lies in; made where there is none. */
  of(path: string): T {
    const slash = Math.max(0, path.lastIndexOf('/'));
    if (this.#value !== undefined && slash === this.#folder.length && path.startsWith(this.#folder)) return this.#value;
    this.#folder = parentPath(path);
    let value = this.values.get(this.#folder);
    if (value === undefined) {
      value = this.#make();
      this.values.set(this.#folder, value);
    }
    this.#value = value;
    return value;
  }
}
