import type { LayerEntry } from '../rootfs/entry.ts';
import { compareStrings } from '../util/text.ts';

/** A layer as dive sees it: whiteouts are files of it. */
export interface DiveNode {
  size: number;
  isFolder: boolean;
  readonly children: Map<string, DiveNode>;
}

export interface DiveTree {
  readonly root: DiveNode;
  /** Bytes of all entries of the tar, those included that the tar has twice. */
  readonly size: number;
}

const marker = '.wh.';
const opaqueMarker = '.wh..wh..';

/** dive's `processLayerTar`: folders that no entry names are there, and are no folders to it. */
export function diveTree(entries: readonly LayerEntry[]): DiveTree {
  const root = emptyNode();
  let size = 0;
  for (const entry of entries) {
    size += entry.size;
    put(root, entry.path.split('/'), entry);
  }
  return { root, size };
}

function emptyNode(): DiveNode {
  return { size: 0, isFolder: false, children: new Map() };
}

function put(root: DiveNode, names: readonly string[], { size, type }: Pick<LayerEntry, 'size' | 'type'>): void {
  if (names[0] === '') return;
  let node = root;
  for (const name of names) {
    let child = node.children.get(name);
    if (child === undefined) {
      if (name.startsWith(opaqueMarker)) return;
      child = emptyNode();
      node.children.set(name, child);
    }
    node = child;
  }
  node.size = size;
  node.isFolder = type === 'directory';
}

/** What dive makes of the layers below: `Copy` and `Stack` of its file tree. */
export class DiveStack {
  readonly #root: DiveNode;

  /** Of the lowest layer alone, whiteouts included: what dive copies before it stacks. */
  constructor(lowest: DiveTree) {
    this.#root = copyOf(lowest.root);
  }

  /** Puts a layer on top, names in byte order and children before their folder: a whiteout takes away what came before it. */
  add(layer: DiveTree): void {
    for (const { path, node, name } of childrenFirst(layer.root)) {
      if (name.startsWith(marker)) this.#remove(path);
      else this.#put(path, node);
    }
  }

  get(path: readonly string[]): DiveNode | undefined {
    let node: DiveNode | undefined = this.#root;
    for (const name of path) node = node?.children.get(name);
    return node;
  }

  #put(path: readonly string[], { size, isFolder }: DiveNode): void {
    put(this.#root, path, { size, type: isFolder ? 'directory' : 'file' });
  }

  #remove(path: readonly string[]): void {
    this.get(path.slice(0, -1))?.children.delete(path.at(-1) ?? '');
  }
}

export interface DiveVisit {
  /** A whiteout has the path of what it removes. */
  readonly path: readonly string[];
  readonly name: string;
  readonly node: DiveNode;
}

/** dive's `VisitDepthChildFirst`, without the root. */
export function* childrenFirst(node: DiveNode, above: readonly string[] = []): Generator<DiveVisit, void, undefined> {
  for (const [name, child] of [...node.children].sort(([a], [b]) => compareStrings(a, b))) {
    if (child.children.size > 0) yield* childrenFirst(child, [...above, name]);
    yield { path: [...above, name.startsWith(marker) ? name.slice(marker.length) : name], name, node: child };
  }
}

export function isDiveWhiteout({ name }: DiveVisit): boolean {
  return name.startsWith(marker);
}

/** Bytes of a node and of all below it. */
export function bytesWithin(node: DiveNode): number {
  let bytes = node.size;
  for (const child of node.children.values()) bytes += bytesWithin(child);
  return bytes;
}

function copyOf(node: DiveNode): DiveNode {
  const children = new Map<string, DiveNode>();
  for (const [name, child] of node.children) children.set(name, copyOf(child));
  return { size: node.size, isFolder: node.isFolder, children };
}
