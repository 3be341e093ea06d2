import type { LayersSetting } from '../../config/spec.ts';
import { limits } from '../../limits.ts';
import type { ImageTree } from '../tree.ts';
import { divideTree, type TreePart, wholeTree } from './divide-tree.ts';
import { groupPackages, type LayeredPackage } from './group-packages.ts';
import { keepPackagesTime, keepTimesApart, type TimeOptions } from './layer-times.ts';

export interface PlanLayersOptions extends TimeOptions {
  readonly setting: LayersSetting;
  /** Sorted by name. */
  readonly packages: readonly LayeredPackage[];
  /** Layers of the image below. */
  readonly below: number;
  readonly onWarning: (message: string, hint: string) => void;
}

/** Bytes of packages from which `automatic` divides them. */
const large = 100_000_000;

/** Layers that `automatic` makes then, at most: what changes together, and not so many that each costs a round trip. */
const usualBudget = 8;

/**
 * The layers of a build, as parts of its tree, in their order. One where nothing is to be gained: no packages, or
 * nothing else than them in a small image.
 */
export function planLayers(tree: ImageTree, options: PlanLayersOptions): readonly TreePart[] {
  const { setting, packages } = options;
  const names = packages.map(({ name }) => name);
  const room = Math.min(roomOf(setting, tree), limits.builtLayers - options.below);
  if (packages.length === 0 || room === 1) return [wholeTree(tree, names)];
  const generatedApart = room > 3;
  const by = setting.type === 'package' || setting.type === 'source' ? setting.type : 'stability';
  // One is for your own files, whether there are any or not: packages must not move because of a file.
  const { groups, crowded } = groupPackages(packages, { by, room: room - (generatedApart ? 2 : 1) });
  if (crowded > 0) options.onWarning(...crowdedWarning(crowded, by));
  const parts = divideTree(tree, { groups, generatedApart });
  if (parts.length === 1) return [wholeTree(tree, names)];
  return groups.length > 1 ? keepTimesApart(parts, options) : keepPackagesTime(parts, options);
}

function roomOf(setting: LayersSetting, tree: ImageTree): number {
  switch (setting.type) {
    case 'single':
      return 1;
    case 'automatic':
      return packagedBytes(tree) < large ? 2 : usualBudget;
    case 'budget':
      return setting.budget;
    case 'package':
    case 'source':
      return limits.builtLayers;
  }
}

function packagedBytes(tree: ImageTree): number {
  let bytes = 0;
  for (const { entry, source } of tree.nodes()) if (source.type === 'package') bytes += entry.size;
  return bytes;
}

function crowdedWarning(crowded: number, by: 'package' | 'source' | 'stability'): [message: string, hint: string] {
  const [one, other] = by === 'package' ? ['package', 'source'] : ['source package', undefined];
  const hint = ['{ budget: N }', ...(other === undefined ? [] : [other])].join(' or ');
  return [
    `layers: engines take ${limits.builtLayers} layers at most, so the ${crowded} smallest ${one}s share one`,
    `Fewer layers do as well: layers: ${hint}.`,
  ];
}
