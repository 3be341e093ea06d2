import { parentPath } from '../rootfs/path.ts';
import type { RootfsNode } from '../rootfs/rootfs.ts';
import { compareStrings } from '../util/text.ts';
import type { ImagePackage, ImagePackages } from '../view/packages.ts';
import type { ImageView } from '../view/types.ts';
import { topOf } from './top.ts';

export interface PackageReport {
  /** How many. */
  readonly count: number;
  /** Bytes of files that belong to one, each content once. */
  readonly bytes: number;
  /** Files and links that belong to one. */
  readonly files: number;
  /** By bytes, biggest first. */
  readonly packages: readonly PackageFiles[];
  readonly unowned: UnownedFiles;
  /** What of the package databases can't be read. */
  readonly problems: readonly string[];
}

export interface PackageFiles {
  readonly ecosystem: ImagePackage['ecosystem'];
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: ImagePackage['source'];
  /** apt brought it for others; undefined where apt does not say. */
  readonly automatic: boolean | undefined;
  /** Files and links of the tree that are its own. */
  readonly files: number;
  /** Bytes of these, as they lie in the tree. */
  readonly bytes: number;
  /** Files that it lists and the tree has not. */
  readonly missing: number;
}

export interface UnownedFiles {
  readonly files: number;
  readonly bytes: number;
  readonly biggest: readonly SizedPath[];
  /** The folders that hold most of them. */
  readonly folders: readonly SizedFolder[];
}

export interface SizedPath {
  readonly path: string;
  readonly bytes: number;
  /** The layer that wrote it, from 1. */
  readonly layer: number;
}

export interface SizedFolder {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

interface Tally {
  files: number;
  bytes: number;
}

/** Which files belong to which package, and which to none. */
export function countOwned(
  view: ImageView,
  {
    nodes,
    packages,
    top,
  }: { readonly nodes: readonly RootfsNode[]; readonly packages: ImagePackages; readonly top: number },
): PackageReport {
  const tallies = new Map<ImagePackage, Tally>(packages.packages.map((one) => [one, { files: 0, bytes: 0 }]));
  const owned = { files: 0, bytes: 0 };
  const none = { files: 0, bytes: 0 };
  const unowned: SizedPath[] = [];
  const counted = new Set<number>();
  for (const { entry, inode, layer } of nodes) {
    if (entry.type === 'directory') continue;
    // Each content once: names of hard links are files of their own and weigh nothing.
    const bytes = counted.has(inode) ? 0 : entry.size;
    if (entry.type === 'file') counted.add(inode);
    const owners = tallies.size === 0 ? [] : packages.ownersOf(entry.path);
    add(owners.length === 0 ? none : owned, bytes);
    for (const owner of owners) add(tallies.get(owner), bytes);
    if (owners.length === 0) unowned.push({ path: `/${entry.path}`, bytes, layer: layer + 1 });
  }
  return {
    count: packages.packages.length,
    ...owned,
    packages: packages.packages
      .map((one) => packageFiles(one, { tally: tallies.get(one), packages, view }))
      .sort(
        (a, b) => b.bytes - a.bytes || compareStrings(a.name, b.name) || compareStrings(a.architecture, b.architecture),
      ),
    unowned: { ...none, biggest: topOf(unowned, top, bySize), folders: heaviestFolders(unowned, top) },
    problems: packages.problems,
  };
}

function add(tally: Tally | undefined, bytes: number): void {
  if (tally === undefined) return;
  tally.files++;
  tally.bytes += bytes;
}

function packageFiles(
  one: ImagePackage,
  {
    tally,
    packages,
    view,
  }: { readonly tally: Tally | undefined; readonly packages: ImagePackages; readonly view: ImageView },
): PackageFiles {
  const { ecosystem, name, version, architecture, source, files } = one;
  let missing = 0;
  for (const path of files) {
    if (view.rootfs.get(path) === undefined && view.rootfs.get(packages.placeOf(one, path)) === undefined) missing++;
  }
  const automatic = packages.automatic?.has(name);
  return { ecosystem, name, version, architecture, source, automatic, files: 0, bytes: 0, ...tally, missing };
}

export function bySize(a: SizedPath, b: SizedPath): number {
  return b.bytes - a.bytes || compareStrings(a.path, b.path);
}

function heaviestFolders(files: readonly SizedPath[], top: number): readonly SizedFolder[] {
  const folders = new Map<string, Tally>();
  for (const { path, bytes } of files) {
    // Three names are enough to tell what something is: /usr/local/lib, /app/node_modules/x.
    const folder = parentPath(path).split('/').slice(0, 4).join('/');
    const tally = folders.get(folder);
    if (tally === undefined) folders.set(folder, { files: 1, bytes });
    else add(tally, bytes);
  }
  const sized = [...folders].map(([path, tally]) => ({ path: path === '' ? '/' : path, ...tally }));
  return topOf(sized, top, (a, b) => b.bytes - a.bytes || b.files - a.files || compareStrings(a.path, b.path));
}
