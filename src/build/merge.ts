import type { Content, ContentEntry } from '../content/types.ts';
import type { Relation } from '../distro/types.ts';
import type { Diversion } from '../effects/diversions.ts';
import { SlimimageError } from '../errors.ts';
import type { TreeEntry } from '../rootfs/entry.ts';
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
  | { readonly type: 'relocated'; readonly path: string; readonly to: string; readonly package: string };

export interface MergedPackages {
  readonly tree: ImageTree;
  readonly notes: readonly MergeNote[];
}

/**
 * Puts packages into one tree as dpkg would have unpacked them: directories are shared, Replaces and diversions
 * decide about files, folders that another package turned into a link are followed.
 * @throws SlimimageError FILE_CONFLICT naming both packages where nothing decides.
 */
export function mergePackages(packages: readonly MergeInput[], options: MergeOptions): MergedPackages {
  const merger = new Merger(packages, options);
  return merger.run();
}

class Merger {
  readonly #tree = new ImageTree();
  readonly #notes: MergeNote[] = [];
  readonly #packages: ReadonlyMap<string, MergeInput>;
  readonly #rank: ReadonlyMap<string, number>;
  readonly #options: MergeOptions;

  constructor(packages: readonly MergeInput[], options: MergeOptions) {
    this.#packages = new Map(packages.map((item) => [item.name, item]));
    this.#rank = new Map(options.order.map((name, index) => [name, index]));
    this.#options = options;
    for (const node of options.base ?? []) this.#tree.set(node);
  }

  run(): MergedPackages {
    const inOrder = [...this.#packages.values()].sort((a, b) => this.#rankOf(a.name) - this.#rankOf(b.name));
    const links = folderLinks([
      ...(this.#options.base ?? []).map((node) => node.entry),
      ...inOrder.flatMap((item) => item.content.index.entries),
    ]);
    for (const item of inOrder) this.#add(item, links);
    this.#addParents();
    return { tree: this.#tree, notes: this.#notes };
  }

  #add(item: MergeInput, links: ReadonlyMap<string, string>): void {
    for (const entry of item.content.index.entries) {
      const placed = links.size === 0 ? entry.path : follow(entry.path, links);
      if (placed !== entry.path)
        this.#notes.push({ type: 'relocated', path: entry.path, to: placed, package: item.name });
      if (entry.type === 'directory') this.#addDirectory(item, entry, placed);
      else this.#addFile(item, entry, this.#divert(item, placed));
    }
  }

  #addDirectory(item: MergeInput, entry: ContentEntry, path: string): void {
    const existing = this.#tree.get(path);
    if (existing === undefined) {
      this.#tree.set(nodeOf(item, entry, path));
      return;
    }
    // A link to a folder stands for the folder (dpkg(1)); `folderLinks` has moved what lies below.
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
      if (entry.type === 'symlink') return;
      throw conflict(path, packageOf(existing), item.name);
    }
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

  #divert(item: MergeInput, path: string): string {
    const diversion = this.#options.diversions.find((one) => one.from === path && one.package !== item.name);
    if (diversion === undefined) return path;
    this.#notes.push({ type: 'diverted', path, to: diversion.to, package: item.name, by: diversion.package });
    return diversion.to;
  }

  #replaces(winner: MergeInput, loser: MergeInput): boolean {
    return winner.replaces.some(
      (relation) => relation.name === loser.name && this.#options.satisfies(loser.version, relation),
    );
  }

  /** Every folder on the way to a path exists, also where no package lists it. */
  #addParents(): void {
    for (const { entry, source } of [...this.#tree.nodes()]) {
      if (source.type !== 'base') ensureParents(this.#tree, entry.path, { mtime: entry.mtime });
    }
  }

  #rankOf(name: string): number {
    return this.#rank.get(name) ?? Number.MAX_SAFE_INTEGER;
  }
}

/**
 * Paths that are a link in one package and a folder in another, with the folder that the link means. The link wins
 * where its target is a folder of some package, as when dpkg finds it in place.
 */
function folderLinks(entries: readonly TreeEntry[]): ReadonlyMap<string, string> {
  const links = new Map<string, string>();
  const folders = new Set<string>();
  for (const entry of entries) {
    if (entry.type === 'symlink') links.set(entry.path, absoluteTarget(entry));
    else if (entry.type === 'directory') folders.add(entry.path);
  }
  const result = new Map<string, string>();
  for (const [path, target] of links) {
    if (folders.has(path) && target !== path && folders.has(target)) result.set(path, target);
  }
  return result;
}

function follow(path: string, links: ReadonlyMap<string, string>): string {
  for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder)) {
    const target = links.get(folder);
    if (target !== undefined) return `${target}${path.slice(folder.length)}`;
  }
  return path;
}

function absoluteTarget(entry: TreeEntry): string {
  const target = entry.linkTarget ?? '';
  const parts: string[] = target.startsWith('/') ? [] : parentOf(entry.path).split('/');
  for (const name of target.split('/')) {
    if (name === '..') parts.pop();
    else if (name !== '' && name !== '.') parts.push(name);
  }
  return parts.filter((name) => name !== '').join('/');
}

function nodeOf(item: MergeInput, entry: ContentEntry, path: string): TreeNode {
  const source = { type: 'package', package: item.name, origin: entry, intact: path === entry.path } as const;
  return { entry: path === entry.path ? entry : { ...entry, path }, source };
}

function packageOf(node: TreeNode): string {
  return node.source.type === 'package' ? node.source.package : 'the image below';
}

function conflict(path: string, first: string, second: string): SlimimageError {
  return new SlimimageError({
    code: 'FILE_CONFLICT',
    message: `/${path} is in both ${first} and ${second}, and neither Replaces the other`,
    hint: `Leave one of them out, or exclude the path of one: exclude: [{ ${second}: /${path} }]`,
  });
}
