import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { compareStrings } from '../util/text.ts';
import type { LayerEntry } from './entry.ts';
import { LayerRecord } from './layer-record.ts';
import { LostContents } from './lost-contents.ts';
import type { Cell, RootfsNode } from './node.ts';
import { baseName, joinPath, parentPath } from './path.ts';
import type { LostContent, TreeChange } from './tree-change.ts';
import { whiteoutOf } from './whiteout.ts';

export type { RootfsNode } from './node.ts';

/**
 * The file tree that a stack of layers makes, as a value: nothing is unpacked. Symlinks are resolved inside the root: an
 * absolute target starts there, and `..` never leaves it.
 */
export class Rootfs {
  readonly #root: Cell = {
    node: {
      entry: { path: '', type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 },
      layer: 0,
      origin: { layer: 0, index: -1 },
      inode: 0,
      implicit: true,
    },
    attached: true,
    depth: 0,
    parent: undefined,
    children: new Map(),
  };
  readonly #changes: (readonly TreeChange[])[] = [];
  readonly #lost = new LostContents();
  #record = new LayerRecord(0);
  /** Where the last entry went: tars list what a folder holds in one run. Forgotten with anything that is detached. */
  #folder: { readonly path: string; readonly cell: Cell } | undefined;
  #layers = 0;
  #inodes = 1;
  #size = 0;
  /** Components of symlinks that were followed, ever: some bytes of a layer may ask for hours of it. */
  #followed = 0;

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
    return this.#root.node;
  }

  /**
   * What each layer did to the tree below it, lowest first: the outcome, each path once, links of its folders resolved. What it
   * added or changed in the order of its tar, then what it removed, with everything below a folder. A path written again is a change,
   * a folder only where its metadata differ.
   */
  get changes(): readonly (readonly TreeChange[])[] {
    return this.#changes;
  }

  /**
   * Content of files that lies in layers and has no name in the tree, in the order in which it was lost; none of 0 bytes. The bytes of all
   * layers' files are these and the visible ones, each inode counted once.
   */
  get lost(): readonly LostContent[] {
    return this.#lost.all;
  }

  /**
   * Puts a layer on top (OCI image-spec, layer.md). Whiteouts hide what lies below and nothing of their own layer, wherever
   * they stand in the tar; of entries with the same path the last one counts; parents may be symlinks to folders.
   *
   * @param entries in the order of the tar, paths and hard link targets confined
   * @throws SlimimageError OCI_INVALID where an entry can't be: below a file, a hard link to nothing or to a folder;
   *   PATH_UNSAFE where links lead too deep; LIMIT_EXCEEDED where following them takes too long
   */
  apply(entries: readonly LayerEntry[]): void {
    const layer = this.#layers++;
    this.#record = new LayerRecord(layer);
    const ordinary: number[] = [];
    const isMade = folderQuestion(entries);
    for (const [index, entry] of entries.entries()) {
      const whiteout = whiteoutOf(entry.path);
      if (whiteout === undefined) {
        ordinary.push(index);
        continue;
      }
      this.#lost.never(entry, layer);
      if (this.#replacesLink(parentPath(entry.path), isMade)) continue;
      if (whiteout.type === 'remove') this.#hide(whiteout.path);
      else if (whiteout.type === 'opaque') this.#hideBelow(whiteout.folder);
    }
    for (const index of ordinary) {
      const entry = entries[index];
      if (entry !== undefined) this.#add(entry, { layer, index });
    }
    this.#changes.push(this.#record.changes());
  }

  /** The node of exactly this path: its folders may not be symlinks, and it may be one itself. */
  get(path: string): RootfsNode | undefined {
    return this.#cell(path)?.node;
  }

  /**
   * The node that a process in the image would find at a path (absolute or relative to the root), through all symlinks,
   * or, with `followLast: false`, through all but the last. Undefined where there is none, or the links go in a circle.
   * @throws SlimimageError LIMIT_EXCEEDED where all that was followed so far took too long
   */
  resolve(path: string, options: { readonly followLast?: boolean | undefined } = {}): RootfsNode | undefined {
    return this.#walk(path, options.followLast ?? true)?.node;
  }

  /** What is in a folder (links to it followed), by name; undefined where there is no such folder. */
  list(path = ''): readonly RootfsNode[] | undefined {
    const children = this.#walk(path, true)?.children;
    return children === undefined ? undefined : sortedChildren(children).map(({ node }) => node);
  }

  /** Every name below the folder of exactly this path, folders before what they hold, names in code-unit order. */
  *walk(path = ''): Generator<RootfsNode, void, undefined> {
    const start = this.#cell(path);
    const stack = start?.children === undefined ? [] : sortedChildren(start.children).reverse();
    for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
      yield cell.node;
      if (cell.children !== undefined && cell.children.size > 0) stack.push(...sortedChildren(cell.children).reverse());
    }
  }

  #cell(path: string): Cell | undefined {
    let cell: Cell | undefined = this.#root;
    if (path === '') return cell;
    for (const name of path.split('/')) {
      cell = cell.children?.get(name);
      if (cell === undefined) return undefined;
    }
    return cell;
  }

  /** Whether a layer has a folder of its own where a link was: whiteouts in it say nothing of what the link leads to. */
  #replacesLink(folder: string, isMade: (path: string) => boolean): boolean {
    if (this.#cell(folder)?.children !== undefined) return false;
    const names = folder.split('/');
    return names.some((_, index) => {
      const path = names.slice(0, index + 1).join('/');
      return this.#walk(path, false)?.node.entry.type === 'symlink' && isMade(path);
    });
  }

  #hide(path: string): void {
    const parent = this.#walk(parentPath(path), true);
    const cell = parent?.children?.get(baseName(path));
    if (cell !== undefined) this.#detach(cell);
  }

  #hideBelow(folder: string): void {
    const children = this.#walk(folder, true)?.children;
    for (const cell of [...(children?.values() ?? [])]) this.#detach(cell);
  }

  #detach(top: Cell): void {
    top.parent?.children?.delete(baseName(top.node.entry.path));
    this.#folder = undefined;
    const stack = [top];
    for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
      this.#size--;
      cell.attached = false;
      this.#record.detach(cell);
      this.#lost.unlink(cell.node, this.#layers - 1);
      for (const child of cell.children?.values() ?? []) stack.push(child);
    }
  }

  #add(entry: LayerEntry, origin: RootfsNode['origin']): void {
    if (entry.path === '') {
      if (entry.type !== 'directory') throw invalid(entry.path, 'the root is not a folder');
      this.#update(this.#root, entry, origin);
      return;
    }
    const parent = this.#parentFor(entry.path, origin.layer);
    const name = baseName(entry.path);
    const existing = parent.children?.get(name);
    if (entry.type === 'directory' && existing?.children !== undefined) {
      this.#update(existing, entry, origin);
      return;
    }
    // A hard link is looked up first: it may name the very path that it replaces.
    const shared = entry.type === 'hardlink' ? this.#linkTarget(entry) : undefined;
    if (shared !== undefined && shared === existing) return;
    if (shared !== undefined) this.#lost.link(shared.node);
    if (existing !== undefined) this.#detach(existing);
    const path = pathIn(parent.node.entry.path, { name, written: entry.path });
    this.#attach(parent, name, {
      entry: withPath(shared?.node.entry ?? entry, path),
      layer: origin.layer,
      origin: shared?.node.origin ?? origin,
      inode: shared?.node.inode ?? this.#inodes++,
      implicit: false,
    });
  }

  #update(folder: Cell, entry: LayerEntry, origin: RootfsNode['origin']): void {
    this.#record.update(folder);
    const { path } = folder.node.entry;
    const { inode } = folder.node;
    folder.node = { entry: withPath(entry, path), layer: origin.layer, origin, inode, implicit: false };
  }

  #attach(parent: Cell, name: string, node: RootfsNode): Cell {
    const depth = parent.depth + 1;
    if (depth > limits.pathDepth) {
      throw new SlimimageError({
        code: 'PATH_UNSAFE',
        message: `links make ${JSON.stringify(node.entry.path.slice(0, 120))} too deep`,
      });
    }
    const children = node.entry.type === 'directory' ? new Map<string, Cell>() : undefined;
    const cell: Cell = { node, attached: true, depth, parent, children };
    parent.children?.set(name, cell);
    this.#record.attach(cell);
    this.#size++;
    return cell;
  }

  #linkTarget(entry: LayerEntry): Cell {
    const target = entry.linkTarget ?? '';
    const cell = this.#walk(target, false);
    if (cell === undefined)
      throw invalid(entry.path, `it is a hard link to ${JSON.stringify(target)}, which is not there`);
    if (cell.children !== undefined)
      throw invalid(entry.path, `it is a hard link to the folder ${JSON.stringify(target)}`);
    return cell;
  }

  /** The folder that `path` lies in, through symlinks; missing folders are made. */
  #parentFor(path: string, layer: number): Cell {
    const folder = parentPath(path);
    if (this.#folder?.path === folder) return this.#folder.cell;
    // Nearly every path's folder is there and no link: no need to be careful.
    const plain = this.#cell(folder);
    const cell = plain?.children === undefined ? this.#walk(folder, true, layer) : plain;
    if (cell?.children === undefined) throw invalid(path, `${JSON.stringify(folder)} is not a folder`);
    this.#folder = { path: folder, cell };
    return cell;
  }

  /** As path_resolution(7) with the root as `/`. With `make`, missing folders appear, as of that layer. */
  #walk(path: string, followLast: boolean, make?: number): Cell | undefined {
    let cell: Cell = this.#root;
    let hops = 0;
    const pending = path.split('/').reverse();
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name === '' || name === '.') continue;
      if (cell.children === undefined) return undefined;
      if (name === '..') {
        cell = cell.parent ?? cell;
        continue;
      }
      const child: Cell | undefined =
        cell.children.get(name) ?? (make === undefined ? undefined : this.#imply(cell, name, make));
      if (child === undefined) return undefined;
      if (
        child.node.entry.type !== 'symlink' ||
        (!followLast && pending.every((rest) => rest === '' || rest === '.'))
      ) {
        cell = child;
        continue;
      }
      if (++hops > limits.symlinkHops) return undefined;
      const target = child.node.entry.linkTarget ?? '';
      if (target.startsWith('/')) cell = this.#root;
      const components = target.split('/').reverse();
      this.#followed += components.length;
      if (this.#followed > limits.linkComponents) throw tangled(path);
      pending.push(...components);
    }
    return cell;
  }

  #imply(parent: Cell, name: string, layer: number): Cell {
    const path = joinPath(parent.node.entry.path, name);
    return this.#attach(parent, name, {
      entry: { path, type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 },
      layer,
      origin: { layer, index: -1 },
      inode: this.#inodes++,
      implicit: true,
    });
  }
}

function sortedChildren(children: ReadonlyMap<string, Cell>): Cell[] {
  // Most tars list what a folder holds in this order.
  return isSorted(children.keys())
    ? [...children.values()]
    : [...children].sort(([a], [b]) => compareStrings(a, b)).map(([, cell]) => cell);
}

function isSorted(names: Iterable<string>): boolean {
  let last = '';
  for (const name of names) {
    if (name < last) return false;
    last = name;
  }
  return true;
}

/** The path as its entry writes it where no link led elsewhere: a text less for nearly every path. */
function pathIn(folder: string, { name, written }: { readonly name: string; readonly written: string }): string {
  const rest = folder === '' ? name.length : folder.length + 1 + name.length;
  return written.length === rest && written.startsWith(folder) ? written : joinPath(folder, name);
}

function withPath(entry: LayerEntry, path: string): LayerEntry {
  return entry.path === path ? entry : { ...entry, path };
}

/** Whether entries of a layer make a folder of this path; most layers are never asked. */
function folderQuestion(entries: readonly LayerEntry[]): (path: string) => boolean {
  let folders: ReadonlySet<string> | undefined;
  return (path) => {
    folders ??= new Set(entries.filter(({ type }) => type === 'directory').map((entry) => entry.path));
    return folders.has(path);
  };
}

function tangled(path: string): SlimimageError {
  return new SlimimageError({
    code: 'LIMIT_EXCEEDED',
    message: `the symlinks of the image lead through more than ${limits.linkComponents} folders, the last at ${JSON.stringify(path.slice(0, 200))}`,
    hint: 'The image is damaged or hostile.',
  });
}

function invalid(path: string, reason: string): SlimimageError {
  return new SlimimageError({
    code: 'OCI_INVALID',
    message: `layer entry ${JSON.stringify(path.slice(0, 200))} can't be: ${reason}`,
    hint: 'The layer is damaged, or needs a layer below it that is not in this image.',
  });
}
