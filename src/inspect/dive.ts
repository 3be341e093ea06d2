import type { LayerEntry } from '../rootfs/entry.ts';
import { compareStrings } from '../util/text.ts';
import {
  bytesWithin,
  childrenFirst,
  type DiveNode,
  DiveStack,
  type DiveTree,
  diveTree,
  isDiveWhiteout,
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

function sizesByPath(trees: readonly DiveTree[]): ReadonlyMap<string, PathSizes> {
  const paths = new Map<string, PathSizes>();
  const [lowest] = trees;
  if (lowest === undefined) return paths;
  const below = new DiveStack(lowest);
  for (const [number, tree] of trees.entries()) {
    for (const visit of childrenFirst(tree.root)) {
      if (visit.node.children.size > 0) continue;
      const before = isDiveWhiteout(visit) ? below.get(visit.path) : undefined;
      if (isDiveWhiteout(visit) && before === undefined) {
        touch(paths, visit.path);
        break;
      }
      count(paths, visit.path, before === undefined ? visit.node.size : removedBytes(before));
    }
    if (number < trees.length - 1) below.add(tree);
  }
  return paths;
}

/** dive has made its record of the path before it looks for what was removed: its least size stays at -1. */
function touch(paths: Map<string, PathSizes>, path: readonly string[]): PathSizes {
  const key = path.join('/');
  const known = paths.get(key);
  if (known !== undefined) return known;
  const sizes = { count: 0, cumulative: 0, least: -1 };
  paths.set(key, sizes);
  return sizes;
}

function count(paths: Map<string, PathSizes>, path: readonly string[], size: number): void {
  const sizes = touch(paths, path);
  sizes.count++;
  sizes.cumulative += size;
  if (sizes.least < 0 || size < sizes.least) sizes.least = size;
}

function removedBytes(before: DiveNode): number {
  return before.isFolder ? bytesWithin(before) : 0;
}

function biggest(paths: ReadonlyMap<string, PathSizes>, top: number): readonly DivePath[] {
  const twice: DivePath[] = [];
  for (const [path, { count: times, cumulative }] of paths) {
    if (times > 1) twice.push({ path: `/${path}`, count: times, cumulativeSize: cumulative });
  }
  return topOf(twice, top, (a, b) => b.cumulativeSize - a.cumulativeSize || compareStrings(a.path, b.path));
}
