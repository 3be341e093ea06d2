import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { compareStrings } from '../util/text.ts';
import type { LayerEntry } from './entry.ts';
import { baseName, joinPath, parentPath } from './path.ts';
import { whiteoutOf } from './whiteout.ts';

/** A name in the tree of an image, and what it names. */
export interface RootfsNode {
  /** Metadata; never a `hardlink`: every name of a file shows the file. `path` is this name's. */
  readonly entry: LayerEntry;
  /** Index of the layer that wrote this name. */
  readonly layer: number;
  /** Where the content is: the entry's ordinal in that layer's tar. Another layer than `layer` for some hard links. */
  readonly origin: { readonly layer: number; readonly index: number };
  /** Equal for names that are hard links of one another. */
  readonly inode: number;
  /** A folder that no layer lists, but that something lies in. */
  readonly implicit: boolean;
}

interface Node extends RootfsNode {
  entry: LayerEntry;
  layer: number;
  origin: { readonly layer: number; readonly index: number };
  implicit: boolean;
  readonly depth: number;
  readonly parent: Node | undefined;
  /** Folders only. */
  readonly children: Map<string, Node> | undefined;
}

/**
 * The file tree that a stack of layers makes, as a value: nothing is unpacked. Symlinks are resolved inside the root: an
 * absolute target starts there, and `..` never leaves it.
 */
export class Rootfs {
  readonly #root: Node = {
    entry: { path: '', type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 },
    layer: 0,
    origin: { layer: 0, index: -1 },
    inode: 0,
    implicit: true,
    depth: 0,
    parent: undefined,
    children: new Map(),
  };
  #layers = 0;
  #inodes = 1;
  #size = 0;

  /** The tree of these layers, lowest first. */
  static of(layers: Iterable<readonly LayerEntry[]>): Rootfs {
    const rootfs = new Rootfs();
    for (const layer of layers) rootfs.apply(layer);
    return rootfs;
  }

  get layerCount(): number {
    return this.#layers;
  }

  /** Names in the tree, the root apart. */
  get size(): number {
    return this.#size;
  }

  get root(): RootfsNode {
    return this.#root;
  }

  /**
   * Puts a layer on top (OCI image-spec, layer.md). Whiteouts hide what lies below and nothing of their own layer, wherever
   * they stand in the tar; of entries with the same path the last one counts; parents may be symlinks to folders.
   *
   * @param entries in the order of the tar, paths and hard link targets confined
   * @throws SlimimageError OCI_INVALID where an entry can't be: below a file, a hard link to nothing or to a folder;
   *   PATH_UNSAFE where links lead too deep
   */
  apply(entries: readonly LayerEntry[]): void {
    const layer = this.#layers++;
    const ordinary: number[] = [];
    for (const [index, entry] of entries.entries()) {
      const whiteout = whiteoutOf(entry.path);
      if (whiteout === undefined) ordinary.push(index);
      else if (whiteout.type === 'remove') this.#hide(whiteout.path);
      else if (whiteout.type === 'opaque') this.#hideBelow(whiteout.folder);
    }
    for (const index of ordinary) {
      const entry = entries[index];
      if (entry !== undefined) this.#add(entry, { layer, index });
    }
  }

  /** The node of exactly this path: its folders may not be symlinks, and it may be one itself. */
  get(path: string): RootfsNode | undefined {
    let node: Node | undefined = this.#root;
    if (path === '') return node;
    for (const name of path.split('/')) {
      node = node.children?.get(name);
      if (node === undefined) return undefined;
    }
    return node;
  }

  /**
   * The node that a process in the image would find at a path (absolute or relative to the root), through all symlinks,
   * or, with `followLast: false`, through all but the last. Undefined where there is none, or the links go in a circle.
   */
  resolve(path: string, options: { readonly followLast?: boolean | undefined } = {}): RootfsNode | undefined {
    return this.#walk(path, options.followLast ?? true);
  }

  /** What is in a folder (links to it followed), by name; undefined where there is no such folder. */
  list(path = ''): readonly RootfsNode[] | undefined {
    const children = this.#walk(path, true)?.children;
    return children === undefined ? undefined : sortedChildren(children);
  }

  /** Every name below the folder of exactly this path, folders before what they hold, names in code-unit order. */
  *walk(path = ''): Generator<RootfsNode, void, undefined> {
    const start = this.get(path) as Node | undefined;
    const stack = start?.children === undefined ? [] : sortedChildren(start.children).reverse();
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      yield node;
      if (node.children !== undefined && node.children.size > 0) stack.push(...sortedChildren(node.children).reverse());
    }
  }

  #hide(path: string): void {
    const parent = this.#walk(parentPath(path), true);
    const node = parent?.children?.get(baseName(path));
    if (node !== undefined) this.#detach(node);
  }

  #hideBelow(folder: string): void {
    const children = this.#walk(folder, true)?.children;
    for (const node of [...(children?.values() ?? [])]) this.#detach(node);
  }

  #detach(node: Node): void {
    this.#size -= 1 + countBelow(node);
    node.parent?.children?.delete(baseName(node.entry.path));
  }

  #add(entry: LayerEntry, origin: RootfsNode['origin']): void {
    if (entry.path === '') {
      if (entry.type !== 'directory') throw invalid(entry.path, 'the root is not a folder');
      Object.assign(this.#root, { entry, layer: origin.layer, origin, implicit: false });
      return;
    }
    const parent = this.#parentFor(entry.path, origin.layer);
    const name = baseName(entry.path);
    const existing = parent.children?.get(name);
    if (entry.type === 'directory' && existing?.children !== undefined) {
      existing.entry = { ...entry, path: existing.entry.path };
      existing.layer = origin.layer;
      existing.origin = origin;
      existing.implicit = false;
      return;
    }
    // A hard link is looked up first: it may name the very path that it replaces.
    const shared = entry.type === 'hardlink' ? this.#linkTarget(entry) : undefined;
    if (shared !== undefined && shared === existing) return;
    if (existing !== undefined) this.#detach(existing);
    const path = joinPath(parent.entry.path, name);
    this.#attach(parent, name, {
      entry: { ...(shared?.entry ?? entry), path },
      layer: origin.layer,
      origin: shared?.origin ?? origin,
      inode: shared?.inode ?? this.#inodes++,
      implicit: false,
    });
  }

  #attach(parent: Node, name: string, node: RootfsNode): Node {
    const depth = parent.depth + 1;
    if (depth > limits.pathDepth) {
      throw new SlimimageError({
        code: 'PATH_UNSAFE',
        message: `links make ${JSON.stringify(node.entry.path.slice(0, 120))} too deep`,
      });
    }
    const children = node.entry.type === 'directory' ? new Map<string, Node>() : undefined;
    const attached: Node = { ...node, depth, parent, children };
    parent.children?.set(name, attached);
    this.#size++;
    return attached;
  }

  #linkTarget(entry: LayerEntry): Node {
    const target = entry.linkTarget ?? '';
    const node = this.#walk(target, false);
    if (node === undefined)
      throw invalid(entry.path, `it is a hard link to ${JSON.stringify(target)}, which is not there`);
    if (node.children !== undefined)
      throw invalid(entry.path, `it is a hard link to the folder ${JSON.stringify(target)}`);
    return node;
  }

  /** The folder that `path` lies in, through symlinks; missing folders are made. */
  #parentFor(path: string, layer: number): Node {
    const folder = parentPath(path);
    // Nearly every path's folder is there and no link: no need to be careful.
    const plain = this.get(folder) as Node | undefined;
    const node = plain?.children === undefined ? this.#walk(folder, true, layer) : plain;
    if (node?.children === undefined) throw invalid(path, `${JSON.stringify(folder)} is not a folder`);
    return node;
  }

  /** As path_resolution(7) with the root as `/`. With `make`, missing folders appear, as of that layer. */
  #walk(path: string, followLast: boolean, make?: number): Node | undefined {
    let node: Node = this.#root;
    let hops = 0;
    const pending = path.split('/').reverse();
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name === '' || name === '.') continue;
      if (node.children === undefined) return undefined;
      if (name === '..') {
        node = node.parent ?? node;
        continue;
      }
      const child: Node | undefined =
        node.children.get(name) ?? (make === undefined ? undefined : this.#imply(node, name, make));
      if (child === undefined) return undefined;
      if (child.entry.type !== 'symlink' || (!followLast && pending.every((rest) => rest === '' || rest === '.'))) {
        node = child;
        continue;
      }
      if (++hops > limits.symlinkHops) return undefined;
      const target = child.entry.linkTarget ?? '';
      if (target.startsWith('/')) node = this.#root;
      pending.push(...target.split('/').reverse());
    }
    return node;
  }

  #imply(parent: Node, name: string, layer: number): Node {
    const path = joinPath(parent.entry.path, name);
    return this.#attach(parent, name, {
      entry: { path, type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 },
      layer,
      origin: { layer, index: -1 },
      inode: this.#inodes++,
      implicit: true,
    });
  }
}

function sortedChildren(children: ReadonlyMap<string, Node>): Node[] {
  return [...children].sort(([a], [b]) => compareStrings(a, b)).map(([, node]) => node);
}

function countBelow(node: Node): number {
  let count = 0;
  const stack = [...(node.children?.values() ?? [])];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    count++;
    if (next.children !== undefined) stack.push(...next.children.values());
  }
  return count;
}

function invalid(path: string, reason: string): SlimimageError {
  return new SlimimageError({
    code: 'OCI_INVALID',
    message: `layer entry ${JSON.stringify(path.slice(0, 200))} can't be: ${reason}`,
    hint: 'The layer is damaged, or needs a layer below it that is not in this image.',
  });
}
