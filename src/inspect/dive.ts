import type { LayerEntry } from '../rootfs/entry.ts';
import { compareStrings } from '../util/text.ts';
import {
  bytesWithin,
  childrenOf,
  copyOf,
  type DiveNode,
  type DiveTree,
  diveTree,
  hiddenName,
  isWhiteout,
  stackOn,
} from './dive-tree.ts';
import { topOf } from './top.ts';

/** The figures of dive, for who has limits in them: they are no measure of waste (facts: `waste`). */
export interface DiveFigures {
  /** 0..1. */
  readonly efficiency: number;
  /** Bytes of every path that more than one layer has, the copy that is left included. */
  readonly wastedBytes: number;
  /** Of all layers. */
  readonly sizeBytes: number;
  /** Of all layers but the lowest. */
  readonly userSizeBytes: number;
  /** `wastedBytes / userSizeBytes`: a share (0.1 is ten per cent) as dive has it; undefined where there is one layer alone. */
  readonly userWastedPercent: number | undefined;
  /** The biggest of those paths, biggest first. */
  readonly inefficiencies: readonly DivePath[];
}

export interface DivePath {
  readonly path: string;
  /** Times that a layer has it or takes it away. */
  readonly count: number;
  readonly cumulativeSize: number;
}

interface PathSizes {
  count: number;
  cumulative: number;
  least: number;
}

/**
 * As `dive --ci` and `dive --json` count (wagoodman/dive, dive/filetree/efficiency.go and dive/image/analysis.go): of each
 * path that is a leaf of its layer's tree the sizes in all layers are added up; the score is the sum of the least over the sum of
 * all. A removed folder counts what lay in it, a removed file nothing. Its quirks are kept: a folder that the upper layer does
 * not list is none; a whiteout of what is not there ends the look at its layer.
 */
export function diveFigures(
  layers: readonly (readonly LayerEntry[])[],
  options: { readonly top: number },
): DiveFigures {
  const trees = layers.map((entries) => diveTree(entries));
  const paths = sizesByPath(trees);
  let least = 0;
  let discovered = 0;
  let wastedBytes = 0;
  for (const sizes of paths.values()) {
    least += sizes.least;
    discovered += sizes.cumulative;
    if (sizes.count > 1) wastedBytes += sizes.cumulative;
  }
  const sizeBytes = trees.reduce((sum, { size }) => sum + size, 0);
  const userSizeBytes = sizeBytes - (trees[0]?.size ?? 0);
  return {
    efficiency: discovered === 0 ? 1 : least / discovered,
    wastedBytes,
    sizeBytes,
    userSizeBytes,
    userWastedPercent: userSizeBytes === 0 ? undefined : wastedBytes / userSizeBytes,
    inefficiencies: biggest(paths, options.top),
  };
}

function sizesByPath(trees: readonly DiveTree[]): Map<string, PathSizes> {
  const paths = new Map<string, PathSizes>();
  const [lowest] = trees;
  if (lowest === undefined) return paths;
  const below = copyOf(lowest.root);
  for (const [number, { root, hasWhiteouts }] of trees.entries()) {
    countLeaves(root, { paths, folder: '', below, ordered: hasWhiteouts });
    if (number < trees.length - 1) stackOn(below, root, hasWhiteouts);
  }
  return paths;
}

interface Place {
  readonly paths: Map<string, PathSizes>;
  readonly folder: string;
  /** The same folder in the layers below. */
  readonly below: DiveNode | undefined;
  readonly ordered: boolean;
}

/** False where a whiteout removes what is not there: dive looks no further then. */
function countLeaves(node: DiveNode, { paths, folder, below, ordered }: Place): boolean {
  for (const [name, child] of childrenOf(node, ordered)) {
    if (child.children.size > 0) {
      const inside = { paths, folder: `${folder}/${name}`, below: below?.children.get(name), ordered };
      if (!countLeaves(child, inside)) return false;
    } else if (isWhiteout(name)) {
      const sizes = sizesOf(paths, `${folder}/${hiddenName(name)}`);
      const before = below?.children.get(hiddenName(name));
      // dive has made its record by now: the least size stays at -1.
      if (before === undefined) return false;
      count(sizes, before.isFolder ? bytesWithin(before) : 0);
    } else count(sizesOf(paths, `${folder}/${name}`), child.size);
  }
  return true;
}

function sizesOf(paths: Map<string, PathSizes>, path: string): PathSizes {
  const known = paths.get(path);
  if (known !== undefined) return known;
  const sizes = { count: 0, cumulative: 0, least: -1 };
  paths.set(path, sizes);
  return sizes;
}

function count(sizes: PathSizes, size: number): void {
  sizes.count++;
  sizes.cumulative += size;
  if (sizes.least < 0 || size < sizes.least) sizes.least = size;
}

function biggest(paths: ReadonlyMap<string, PathSizes>, top: number): readonly DivePath[] {
  const twice: DivePath[] = [];
  for (const [path, { count: times, cumulative }] of paths) {
    if (times > 1) twice.push({ path, count: times, cumulativeSize: cumulative });
  }
  return topOf(twice, top, (a, b) => b.cumulativeSize - a.cumulativeSize || compareStrings(a.path, b.path));
}
