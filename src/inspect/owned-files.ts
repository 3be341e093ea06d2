import type { RootfsNode } from '../rootfs/rootfs.ts';
import { compareStrings } from '../util/text.ts';
import type { ImagePackage, ImagePackages } from '../view/packages.ts';
import type { ImageView } from '../view/types.ts';
import { topOf } from './top.ts';
import { ByFolder, type TreeNodes } from './tree-nodes.ts';

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
  /** Both by name, sorted, where names were asked for. */
  readonly paths?: readonly string[] | undefined;
  readonly missingPaths?: readonly string[] | undefined;
}

export interface UnownedFiles {
  readonly files: number;
  readonly bytes: number;
  readonly biggest: readonly SizedPath[];
  /** The folders that hold most of them. */
  readonly folders: readonly SizedFolder[];
  /** All of them, sorted, where names were asked for. */
  readonly paths?: readonly string[] | undefined;
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

export interface CountOwnedOptions {
  readonly nodes: TreeNodes;
  readonly packages: ImagePackages;
  readonly top: number;
  /** With the names of all. */
  readonly named?: boolean | undefined;
}

/** Which files belong to which package, and which to none. */
export function countOwned(view: ImageView, { nodes, packages, top, named = false }: CountOwnedOptions): PackageReport {
  const tallies = new Map<ImagePackage, OwnTally>(
    packages.packages.map((one) => [one, { files: 0, bytes: 0, found: 0, paths: named ? [] : undefined }]),
  );
  const owned = { files: 0, bytes: 0 };
  const none = { files: 0, bytes: 0 };
  const unowned: RootfsNode[] = [];
  const count = (node: RootfsNode, bytes: number) => {
    const listed = tallies.size === 0 ? [] : packages.ownersOf(node.entry.path);
    const owners = listed.length === 0 && tallies.size > 0 ? ownersOfLink(node, { packages, view }) : listed;
    add(owners.length === 0 ? none : owned, bytes);
    if (owners.length === 0) unowned.push(node);
    for (const owner of owners) {
      const tally = tallies.get(owner);
      if (tally === undefined) continue;
      add(tally, bytes);
      tally.paths?.push(`/${node.entry.path}`);
      if (owners === listed) tally.found++;
    }
  };
  for (const node of nodes.files) count(node, node.entry.size);
  // Each content once: further names of a file weigh nothing.
  for (const list of [nodes.names, nodes.symlinks, nodes.others]) for (const node of list) count(node, 0);
  if (tallies.size > 0) {
    for (const { entry } of nodes.folders) {
      for (const owner of packages.ownersOf(entry.path)) {
        const tally = tallies.get(owner);
        if (tally !== undefined) tally.found++;
      }
    }
  }
  const names = new Set(nodes.names);
  const weighed = names.size === 0 ? unowned : unowned.filter((node) => !names.has(node));
  return {
    count: packages.packages.length,
    ...owned,
    packages: packages.packages
      .map((one) => packageFiles(one, { tally: tallies.get(one), packages, view }))
      .sort(
        (a, b) => b.bytes - a.bytes || compareStrings(a.name, b.name) || compareStrings(a.architecture, b.architecture),
      ),
    unowned: {
      ...none,
      biggest: topOf(weighed, top, bySize).map(sizedPath),
      folders: heaviestFolders(unowned, { names, top }),
      paths: named ? unowned.map(({ entry }) => `/${entry.path}`).sort(compareStrings) : undefined,
    },
    problems: packages.problems,
  };
}

/** Sums name no links: those of a package that lists nothing else are whose they lead to. */
function ownersOfLink(
  { entry: { path, type } }: RootfsNode,
  { packages, view }: { readonly packages: ImagePackages; readonly view: ImageView },
): readonly ImagePackage[] {
  const target = type === 'symlink' ? view.rootfs.resolve(path) : undefined;
  if (target === undefined) return [];
  return packages.ownersOf(target.entry.path).filter(({ database }) => database.startsWith('var/lib/dpkg/status.d/'));
}

interface OwnTally extends Tally {
  /** Paths of its list that the tree has, folders too. */
  found: number;
  /** Undefined where nobody asks for names. */
  readonly paths: string[] | undefined;
}

function add(tally: Tally, bytes: number): void {
  tally.files++;
  tally.bytes += bytes;
}

function packageFiles(
  one: ImagePackage,
  {
    tally,
    packages,
    view,
  }: { readonly tally: OwnTally | undefined; readonly packages: ImagePackages; readonly view: ImageView },
): PackageFiles {
  const { ecosystem, name, version, architecture, source, files } = one;
  // Nearly every package has all of its paths: only where the numbers differ they are looked up.
  const missing = tally?.found === files.length ? [] : files.filter((path) => isMissing(one, { path, packages, view }));
  const automatic = packages.automatic?.has(name);
  const counts = { files: tally?.files ?? 0, bytes: tally?.bytes ?? 0 };
  const paths = tally?.paths?.sort(compareStrings);
  const missingPaths = paths === undefined ? undefined : missing.map((path) => `/${path}`).sort(compareStrings);
  return {
    ...{ ecosystem, name, version, architecture, source, automatic, ...counts },
    ...{ missing: missing.length, paths, missingPaths },
  };
}

function isMissing(
  owner: ImagePackage,
  { path, packages, view }: { readonly path: string; readonly packages: ImagePackages; readonly view: ImageView },
): boolean {
  return view.rootfs.get(path) === undefined && view.rootfs.get(packages.placeOf(owner, path)) === undefined;
}

/** Biggest first. */
export function bySize(a: RootfsNode, b: RootfsNode): number {
  return b.entry.size - a.entry.size || compareStrings(a.entry.path, b.entry.path);
}

export function sizedPath({ entry, layer }: RootfsNode): SizedPath {
  return { path: `/${entry.path}`, bytes: entry.size, layer: layer + 1 };
}

/** Three names are enough to tell what something is: /usr/local/lib, /app/node_modules/x. */
const telling = 3;

function heaviestFolders(
  nodes: readonly RootfsNode[],
  { names, top }: { readonly names: ReadonlySet<RootfsNode>; readonly top: number },
): readonly SizedFolder[] {
  const exact = new ByFolder<Tally>(() => ({ files: 0, bytes: 0 }));
  for (const node of nodes) add(exact.of(node.entry.path), names.has(node) ? 0 : node.entry.size);
  const folders = new Map<string, Tally>();
  for (const [path, { files, bytes }] of exact.values) {
    const folder = `/${path.split('/').slice(0, telling).join('/')}`;
    const tally = folders.get(folder) ?? { files: 0, bytes: 0 };
    tally.files += files;
    tally.bytes += bytes;
    folders.set(folder, tally);
  }
  const sized = [...folders].map(([path, tally]) => ({ path, ...tally }));
  return topOf(sized, top, (a, b) => b.bytes - a.bytes || b.files - a.files || compareStrings(a.path, b.path));
}
