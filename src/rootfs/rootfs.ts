import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { LayerEntry } from './entry.ts';
import { FolderMembers } from './folder-members.ts';
import { LayerRecord } from './layer-record.ts';
import { LostContents } from './lost-contents.ts';
import type { Cell, RootfsNode } from './node.ts';
import { baseName, joinPath, parentPath } from './path.ts';
import type { LostContent, TreeChange } from './tree-change.ts';
import { type Whiteout, whiteoutOf } from './whiteout.ts';

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
    members: new FolderMembers(),
  };
  /** By path: no folder on the way to one is a link. */
  readonly #folders = new Map([['', this.#root]]);
  readonly #changes: (readonly TreeChange[])[] = [];
  readonly #lost = new LostContents();
  #record = new LayerRecord(0);
  /** Where the last entry went: tars list what a folder holds in one run. Forgotten with anything that is detached. */
  #folder: { readonly path: string; readonly cell: Cell; readonly isPlain: boolean } | undefined;
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
    const whiteouts = new Map<number, Whiteout>();
    for (const [index, { path }] of entries.entries()) {
      const whiteout = whiteoutOf(path);
      if (whiteout !== undefined) whiteouts.set(index, whiteout);
    }
    const isMade = folderQuestion(entries);
    for (const [index, whiteout] of whiteouts) {
      const entry = entries[index] as LayerEntry;
      this.#lost.never(entry, layer);
      if (this.#replacesLink(parentPath(entry.path), isMade)) continue;
      if (whiteout.type === 'remove') this.#hide(whiteout.path);
      else if (whiteout.type === 'opaque') this.#hideBelow(whiteout.folder);
    }
    for (const [index, entry] of entries.entries()) {
      if (whiteouts.size === 0 || !whiteouts.has(index)) this.#add(entry, { layer, index });
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
    return this.#walk(path, true)
      ?.members?.sorted()
      .map(({ node }) => node);
  }

  /** Every name below the folder of exactly this path, folders before what they hold, names in code-unit order. */
  *walk(path = ''): Generator<RootfsNode, void, undefined> {
    const pending = [...(this.#cell(path)?.members?.sorted() ?? [])].reverse();
    for (let cell = pending.pop(); cell !== undefined; cell = pending.pop()) {
      yield cell.node;
      const members = cell.members?.sorted() ?? [];
      for (let at = members.length - 1; at >= 0; at--) pending.push(members[at] as Cell);
    }
  }

  #cell(path: string): Cell | undefined {
    return path === '' ? this.#root : this.#folders.get(parentPath(path))?.members?.get(path);
  }

  /** Whether a layer has a folder of its own where a link was: whiteouts in it say nothing of what the link leads to. */
  #replacesLink(folder: string, isMade: (path: string) => boolean): boolean {
    if (this.#cell(folder)?.members !== undefined) return false;
    const names = folder.split('/');
    return names.some((_, index) => {
      const path = names.slice(0, index + 1).join('/');
      return this.#walk(path, false)?.node.entry.type === 'symlink' && isMade(path);
    });
  }

  #hide(path: string): void {
    const parent = this.#walk(parentPath(path), true);
    const cell = parent === undefined ? undefined : this.#member(parent, baseName(path));
    if (cell !== undefined) this.#detach(cell);
  }

  #hideBelow(folder: string): void {
    for (const cell of this.#walk(folder, true)?.members?.sorted() ?? []) this.#detach(cell);
  }

  #member(folder: Cell, name: string): Cell | undefined {
    return folder.members?.get(joinPath(folder.node.entry.path, name));
  }

  #detach(top: Cell): void {
    top.parent?.members?.delete(top);
    if (top.node.entry.type !== 'file') this.#folder = undefined;
    const pending = [top];
    for (let cell = pending.pop(); cell !== undefined; cell = pending.pop()) {
      this.#size--;
      cell.attached = false;
      this.#record.detach(cell);
      this.#lost.unlink(cell.node, this.#layers - 1);
      if (cell.members === undefined) continue;
      this.#folders.delete(cell.node.entry.path);
      for (const member of cell.members.sorted()) pending.push(member);
    }
  }

  #add(entry: LayerEntry, origin: RootfsNode['origin']): void {
    if (entry.path === '') {
      if (entry.type !== 'directory') throw invalid(entry.path, 'the root is not a folder');
      this.#update(this.#root, entry, origin);
      return;
    }
    const parent = this.#parentFor(entry.path, origin.layer);
    const path = this.#folder?.isPlain === true ? entry.path : joinPath(parent.node.entry.path, baseName(entry.path));
    const existing = parent.members?.get(path);
    if (entry.type === 'directory' && existing?.members !== undefined) {
      this.#update(existing, entry, origin);
      return;
    }
    // A hard link is looked up first: it may name the very path that it replaces.
    const shared = entry.type === 'hardlink' ? this.#linkTarget(entry) : undefined;
    if (shared !== undefined && shared === existing) return;
    if (shared !== undefined) this.#lost.link(shared.node);
    if (existing !== undefined) this.#detach(existing);
    this.#attach(parent, {
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

  #attach(parent: Cell, node: RootfsNode): Cell {
    const { path, type } = node.entry;
    const depth = parent.depth + 1;
    if (depth > limits.pathDepth || path.length > limits.pathBytes) {
      throw new SlimimageError({
        code: 'PATH_UNSAFE',
        message: `links make ${JSON.stringify(path.slice(0, 120))} too deep`,
      });
    }
    const members = type === 'directory' ? new FolderMembers<Cell>() : undefined;
    const cell: Cell = { node, attached: true, depth, parent, members };
    parent.members?.add(cell);
    if (members !== undefined) this.#folders.set(path, cell);
    this.#size++;
    this.#record.attach(cell);
    return cell;
  }

  #linkTarget(entry: LayerEntry): Cell {
    const target = entry.linkTarget ?? '';
    const cell = this.#walk(target, false);
    if (cell === undefined)
      throw invalid(entry.path, `it is a hard link to ${JSON.stringify(target)}, which is not there`);
    if (cell.members !== undefined)
      throw invalid(entry.path, `it is a hard link to the folder ${JSON.stringify(target)}`);
    return cell;
  }

  /** The folder that `path` lies in, through symlinks; missing folders are made. */
  #parentFor(path: string, layer: number): Cell {
    const last = this.#folder;
    if (last !== undefined && path.lastIndexOf('/') === last.path.length && path.startsWith(last.path))
      return last.cell;
    const folder = parentPath(path);
    const cell = this.#walk(folder, true, layer);
    if (cell?.members === undefined) throw invalid(path, `${JSON.stringify(folder)} is not a folder`);
    this.#folder = { path: folder, cell, isPlain: cell.node.entry.path === folder };
    return cell;
  }

  /** As path_resolution(7) with the root as `/`. With `make`, missing folders appear, as of that layer. */
  #walk(path: string, followLast: boolean, make?: number): Cell | undefined {
    // Nearly every path is there and on no link's way.
    const plain = this.#cell(path);
    if (plain !== undefined && (!followLast || plain.node.entry.type !== 'symlink')) return plain;
    let cell: Cell = this.#root;
    let hops = 0;
    const pending = path.split('/').reverse();
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name === '' || name === '.') continue;
      if (cell.members === undefined) return undefined;
      if (name === '..') {
        cell = cell.parent ?? cell;
        continue;
      }
      const known = this.#member(cell, name);
      // Long texts take long to make and to look up.
      this.#followed += cell.node.entry.path.length >> 6;
      const child = known ?? (make === undefined ? undefined : this.#imply(cell, name, make));
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
    return this.#attach(parent, {
      entry: { path, type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 },
      layer,
      origin: { layer, index: -1 },
      inode: this.#inodes++,
      implicit: true,
    });
  }
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
