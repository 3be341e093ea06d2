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
  /** Without one, nothing depends on the order in which dive goes through it. */
  readonly hasWhiteouts: boolean;
}

const marker = '.wh.';
const opaqueMarker = '.wh..wh..';

/** dive's `processLayerTar`: folders that no entry names are there, and are no folders to it. */
export function diveTree(entries: readonly LayerEntry[]): DiveTree {
  const root = emptyNode();
  let size = 0;
  let hasWhiteouts = false;
  for (const entry of entries) {
    size += entry.size;
    put(root, entry);
    hasWhiteouts ||= entry.path.includes(marker);
  }
  return { root, size, hasWhiteouts };
}

function emptyNode(): DiveNode {
  return { size: 0, isFolder: false, children: new Map() };
}

function put(root: DiveNode, { path, size, type }: LayerEntry): void {
  if (path === '') return;
  let node = root;
  for (const name of path.split('/')) {
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

/** dive's `Copy`: what it stacks layers on is a copy of the lowest one, whiteouts included. */
export function copyOf(node: DiveNode): DiveNode {
  const children = new Map<string, DiveNode>();
  for (const [name, child] of node.children) children.set(name, copyOf(child));
  return { size: node.size, isFolder: node.isFolder, children };
}

/** dive's `Stack`: puts a layer on top of what is below, in the order of names: a whiteout takes away what came before it. */
export function stackOn(below: DiveNode, layer: DiveNode, ordered: boolean): void {
  for (const [name, child] of childrenOf(layer, ordered)) {
    if (isWhiteout(name)) {
      below.children.delete(hiddenName(name));
      continue;
    }
    let under = below.children.get(name);
    if (under === undefined) {
      under = emptyNode();
      below.children.set(name, under);
    }
    if (child.children.size > 0) stackOn(under, child, ordered);
    under.size = child.size;
    under.isFolder = child.isFolder;
  }
}

/** By name in code units, where the order counts. */
export function childrenOf({ children }: DiveNode, ordered: boolean): Iterable<readonly [string, DiveNode]> {
  return ordered ? [...children].sort(([a], [b]) => compareStrings(a, b)) : children;
}

export function isWhiteout(name: string): boolean {
  return name.startsWith(marker);
}

/** Name of what a whiteout removes. */
export function hiddenName(name: string): string {
  return name.slice(marker.length);
}

/** Bytes of a node and of all below it. */
export function bytesWithin(node: DiveNode): number {
  let bytes = node.size;
  for (const child of node.children.values()) bytes += bytesWithin(child);
  return bytes;
}
