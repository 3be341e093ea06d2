import type { Content, ContentEntry } from '../content/types.ts';
import type { Relation } from '../distro/types.ts';
import type { Diversion } from '../effects/diversions.ts';
import { SlimimageError } from '../errors.ts';
import type { TreeEntry } from '../rootfs/entry.ts';
import { confinePath } from '../rootfs/path.ts';
import { ensureParents, ImageTree, parentOf, type TreeNode } from './tree.ts';

/** A package on its way into the tree. */
export interface MergeInput {
  readonly name: string;
  readonly version: string;
  readonly replaces: readonly Relation[];
  readonly content: Pick<Content, 'index'>;
}

export interface MergeOptions {
  /** Package names in dependency order: the first one's directories decide. */
  readonly order: readonly string[];
  readonly diversions: readonly Diversion[];
  /** Does this version satisfy the relation? (dpkg's order of versions is the distribution's business.) */
  readonly satisfies: (version: string, relation: Relation) => boolean;
  /** What is there already: the tree of the image below (`on:`). New files take the place of its files. */
  readonly base?: readonly TreeNode[] | undefined;
}

/** What the merge decided and a person may want to know. */
export type MergeNote =
  | { readonly type: 'replaced'; readonly path: string; readonly winner: string; readonly loser: string }
  | {
      readonly type: 'diverted';
      readonly path: string;
      readonly to: string;
      readonly package: string;
      readonly by: string;
    }
  | { readonly type: 'directory-differs'; readonly path: string; readonly winner: string; readonly loser: string }
  /** Left out, because it is the runtime's or the image's to say. */
  | { readonly type: 'reserved'; readonly path: string; readonly package: string }
  | { readonly type: 'link-dropped'; readonly path: string; readonly winner: string; readonly loser: string }
  | { readonly type: 'relocated'; readonly path: string; readonly to: string; readonly package: string };

export interface MergedPackages {
  readonly tree: ImageTree;
  readonly notes: readonly MergeNote[];
}

/**
 * Puts packages into one tree as dpkg would have unpacked them, in dependency order: directories are shared, Replaces
 * and diversions decide about files, links to folders that are there by then are followed inside the root.
 * @throws SlimimageError FILE_CONFLICT naming both packages where nothing decides; PATH_UNSAFE for a loop of links.
 */
export function mergePackages(packages: readonly MergeInput[], options: MergeOptions): MergedPackages {
  const merger = new Merger(packages, options);
  return merger.run();
}

interface FolderOptions {
  readonly item: MergeInput;
  /** Time of folders that have to be made. */
  readonly mtime: number;
}

class Merger {
  readonly #tree = new ImageTree();
  readonly #notes: MergeNote[] = [];
  readonly #packages: ReadonlyMap<string, MergeInput>;
  readonly #rank: ReadonlyMap<string, number>;
  /** A folder's path as packages write it -> the path that it leads to. */
  readonly #folders = new Map<string, string>();
  readonly #options: MergeOptions;

  constructor(packages: readonly MergeInput[], options: MergeOptions) {
    this.#packages = new Map(packages.map((item) => [item.name, item]));
    this.#rank = new Map(options.order.map((name, index) => [name, index]));
    this.#options = options;
    for (const node of options.base ?? []) this.#tree.set(node);
  }

  run(): MergedPackages {
    const inOrder = [...this.#packages.values()].sort((a, b) => this.#rankOf(a.name) - this.#rankOf(b.name));
    for (const item of inOrder) for (const entry of item.content.index.entries) this.#add(item, entry);
    return { tree: this.#tree, notes: this.#notes };
  }

  #add(item: MergeInput, entry: ContentEntry): void {
    const placed = this.#place(entry.path, { item, mtime: entry.mtime });
    if (placed !== entry.path)
      this.#notes.push({ type: 'relocated', path: entry.path, to: placed, package: item.name });
    if (entry.type === 'directory') this.#addDirectory(item, entry, placed);
    else this.#addFile(item, entry, this.#divert(item, { path: placed, mtime: entry.mtime }));
  }

  /** Where a path lies once the links on its way are followed: those that are there by now, as when dpkg unpacks. */
  #place(path: string, options: FolderOptions): string {
    const written = parentOf(path);
    if (written === '') return path;
    // What a folder's path led to stays so: no folder ever becomes a link.
    const folder = this.#folders.get(written) ?? this.#openFolder(written, options);
    this.#folders.set(written, folder);
    if (folder === written) return path;
    const name = path.slice(written.length + 1);
    return confinePath(folder === '' ? name : `${folder}/${name}`, { what: options.item.name });
  }

  /** Follows links inside the root and makes what is missing: every path has its folders, listed or not. */
  #openFolder(path: string, { item, mtime }: FolderOptions): string {
    const folder = this.#tree.resolve(path, { last: true });
    for (let at = folder; at !== ''; at = parentOf(at)) {
      const node = this.#tree.get(at);
      if (node !== undefined && node.entry.type !== 'directory') throw conflict(at, packageOf(node), item.name);
    }
    ensureParents(this.#tree, `${folder}/-`, { mtime });
    return folder;
  }

  #addDirectory(item: MergeInput, entry: ContentEntry, path: string): void {
    const existing = this.#tree.get(path);
    if (existing === undefined || existing.source.type === 'none') {
      this.#tree.set(nodeOf(item, entry, path));
      return;
    }
    // A link stands for the folder that it leads to (dpkg(1)).
    if (existing.entry.type === 'symlink') return;
    if (existing.entry.type !== 'directory') throw conflict(path, packageOf(existing), item.name);
    if (existing.source.type === 'base') return;
    const { mode, uid, gid } = existing.entry;
    if (mode !== entry.mode || uid !== entry.uid || gid !== entry.gid) {
      this.#notes.push({ type: 'directory-differs', path, winner: packageOf(existing), loser: item.name });
    }
  }

  #addFile(item: MergeInput, entry: ContentEntry, path: string): void {
    const existing = this.#tree.get(path);
    if (existing === undefined) {
      this.#tree.set(nodeOf(item, entry, path));
      return;
    }
    if (existing.entry.type === 'directory') {
      if (entry.type !== 'symlink') throw conflict(path, packageOf(existing), item.name);
      // A link never takes a folder's place (dpkg(1)).
      this.#notes.push({ type: 'link-dropped', path, winner: packageOf(existing), loser: item.name });
      return;
    }
    if (this.#isSameFolder(existing.entry, entry)) return;
    if (existing.source.type === 'base') {
      this.#tree.set(nodeOf(item, entry, path));
      return;
    }
    const other = this.#packages.get(packageOf(existing)) as MergeInput;
    // Later in dependency order is unpacked later, and of two that replace each other the later one has the file.
    if (this.#replaces(item, other)) {
      this.#tree.set(nodeOf(item, entry, path));
      this.#notes.push({ type: 'replaced', path, winner: item.name, loser: other.name });
    } else if (this.#replaces(other, item)) {
      this.#notes.push({ type: 'replaced', path, winner: other.name, loser: item.name });
    } else {
      throw conflict(path, other.name, item.name);
    }
  }

  /** Two packages may have one link where it leads to a folder: it is shared as the folder would be (dpkg(1)). */
  #isSameFolder(existing: TreeEntry, entry: ContentEntry): boolean {
    if (existing.type !== 'symlink' || entry.type !== 'symlink' || existing.linkTarget !== entry.linkTarget)
      return false;
    return this.#tree.get(this.#tree.resolve(existing.path, { last: true }))?.entry.type === 'directory';
  }

  #divert(item: MergeInput, { path, mtime }: { readonly path: string; readonly mtime: number }): string {
    const diversion = this.#options.diversions.find((one) => one.from === path && one.package !== item.name);
    if (diversion === undefined) return path;
    const to = this.#place(diversion.to, { item, mtime });
    this.#notes.push({ type: 'diverted', path, to, package: item.name, by: diversion.package });
    return to;
  }

  #replaces(winner: MergeInput, loser: MergeInput): boolean {
    return winner.replaces.some(
      (relation) => relation.name === loser.name && this.#options.satisfies(loser.version, relation),
    );
  }

  #rankOf(name: string): number {
    return this.#rank.get(name) ?? Number.MAX_SAFE_INTEGER;
  }
}

function nodeOf(item: MergeInput, entry: ContentEntry, path: string): TreeNode {
  const source = { type: 'package', package: item.name, origin: entry, intact: path === entry.path } as const;
  return { entry: path === entry.path ? entry : { ...entry, path }, source };
}

function packageOf(node: TreeNode): string {
  const { source } = node;
  if (source.type === 'package') return source.package;
  return source.type === 'base' ? 'the image below' : 'another package';
}

function conflict(path: string, first: string, second: string): SlimimageError {
  return new SlimimageError({
    code: 'FILE_CONFLICT',
    message: `/${path} is in both ${first} and ${second}, and neither Replaces the other`,
    hint: `Leave one of them out, or exclude the path of one: exclude: [{ ${second}: /${path} }]`,
  });
}
