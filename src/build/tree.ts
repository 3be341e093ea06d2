import type { ContentEntry } from '../content/types.ts';
import type { EffectEntry } from '../effects/types.ts';
import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';

/** Where the bytes and the metadata of a path come from. */
export type NodeSource =
  /** An entry of a package's content; `intact` while path and header are still the fragment's own. */
  | { readonly type: 'package'; readonly package: string; readonly origin: ContentEntry; readonly intact: boolean }
  /** Made by a rule (`rule` names it for `why`). */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array; readonly rule: string }
  /** A file of the host. */
  | { readonly type: 'file'; readonly file: string; readonly sha256: string; readonly rule: string }
  /** Directories, links and other entries without bytes. */
  | { readonly type: 'none'; readonly rule: string }
  /** A path of the image below (`on:`): there already, never written again unless something new lies in it. */
  | { readonly type: 'base' };

/** Put there by `files:` or `paths:`. */
export function isConfigured(source: NodeSource): boolean {
  if (source.type === 'package' || source.type === 'base') return false;
  return source.type === 'file' || /^(?:files|paths): /.test(source.rule);
}

export interface TreeNode {
  readonly entry: EffectEntry;
  readonly source: NodeSource;
}

/** The file tree of the image being built: every path once, any later writer knows what it replaces. */
export class ImageTree {
  readonly #nodes = new Map<string, TreeNode>();
  #children: Map<string, string[]> | undefined;

  get(path: string): TreeNode | undefined {
    return this.#nodes.get(path);
  }

  has(path: string): boolean {
    return this.#nodes.has(path);
  }

  set(node: TreeNode): void {
    if (!this.#nodes.has(node.entry.path)) this.#children = undefined;
    this.#nodes.set(node.entry.path, node);
  }

  delete(path: string): void {
    if (this.#nodes.delete(path)) this.#children = undefined;
  }

  /** Every node, in no particular order. */
  nodes(): IterableIterator<TreeNode> {
    return this.#nodes.values();
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Paths below a folder, all levels. */
  *below(folder: string): IterableIterator<string> {
    const children = this.#childIndex();
    const stack = [folder];
    while (stack.length > 0) {
      for (const path of children.get(stack.pop() as string) ?? []) {
        yield path;
        stack.push(path);
      }
    }
  }

  /** Names directly in a folder, as full paths. */
  childrenOf(folder: string): readonly string[] {
    return this.#childIndex().get(folder) ?? [];
  }

  /**
   * The path that a program reaches by `path`, links followed inside the root; `last: false` leaves a link at the
   * end as it is. Missing components are taken as written.
   * @throws SlimimageError PATH_UNSAFE for a loop of links.
   */
  resolve(path: string, options: { readonly last: boolean }): string {
    const pending = split(path).reverse();
    const done: string[] = [];
    let hops = 0;
    while (pending.length > 0) {
      const name = pending.pop() as string;
      if (name === '..') {
        done.pop();
        continue;
      }
      done.push(name);
      const entry = this.#nodes.get(done.join('/'))?.entry;
      if (entry?.type !== 'symlink' || (pending.length === 0 && !options.last)) continue;
      hops += 1;
      if (hops > limits.symlinkHops)
        throw new SlimimageError({ code: 'PATH_UNSAFE', message: `/${path} goes through a loop of symbolic links` });
      const target = entry.linkTarget ?? '';
      done.pop();
      if (target.startsWith('/')) done.length = 0;
      pending.push(...split(target).reverse());
    }
    return done.join('/');
  }

  #childIndex(): Map<string, string[]> {
    if (this.#children !== undefined) return this.#children;
    const children = new Map<string, string[]>();
    for (const path of this.#nodes.keys()) {
      const parent = parentOf(path);
      const names = children.get(parent);
      if (names === undefined) children.set(parent, [path]);
      else names.push(path);
    }
    for (const names of children.values()) names.sort();
    this.#children = children;
    return children;
  }
}

/**
 * Makes the tree one that can be written: every path in a folder, which is made where it is missing.
 * @throws SlimimageError FILE_CONFLICT where a file or link is in the folder's place; PATH_UNSAFE for a name that would
 *   delete others (OCI image-spec, layer.md, "Whiteouts")
 */
export function completeFolders(tree: ImageTree, mtime: number): void {
  for (const { entry, source } of [...tree.nodes()]) {
    if (source.type === 'base') continue;
    const { path } = entry;
    if (path.includes('.wh.') && path.split('/').some((name) => name.startsWith('.wh.'))) throw whiteout(path);
    const [outermost = path] = ensureParents(tree, path, { mtime });
    const parent = tree.get(parentOf(outermost))?.entry;
    if (parent === undefined || parent.type === 'directory') continue;
    throw new SlimimageError({
      code: 'FILE_CONFLICT',
      message: `/${path} can't be in the image: /${parent.path} is a ${parent.type}`,
    });
  }
}

function whiteout(path: string): SlimimageError {
  return new SlimimageError({
    code: 'PATH_UNSAFE',
    message: `/${path} can't be in an image: names that begin with ".wh." delete other files there`,
    hint: 'Leave it out: exclude: for a package, ignore: for copied-in files.',
  });
}

/** Adds missing folders above `path`: root's, 0755. Returns the paths added, outermost first. */
export function ensureParents(tree: ImageTree, path: string, options: { readonly mtime: number }): readonly string[] {
  const added: string[] = [];
  for (let parent = parentOf(path); parent !== '' && !tree.has(parent); parent = parentOf(parent))
    added.unshift(parent);
  for (const folder of added) {
    tree.set({
      entry: { path: folder, type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: options.mtime, size: 0 },
      source: { type: 'none', rule: 'parent folder' },
    });
  }
  return added;
}

/** The folder of a path; '' for a path at the root. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function split(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
