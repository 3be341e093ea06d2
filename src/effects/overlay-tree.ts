import { parentPath } from '../rootfs/path.ts';
import { childrenOf } from './children.ts';
import type { EffectTree, GeneratedEntry } from './types.ts';

/** The tree with generated entries in their places, for an effect that needs what others make. */
export function overlayTree(tree: EffectTree, entries: readonly GeneratedEntry[]): EffectTree {
  const added = new Map(entries.map((entry) => [entry.path, entry]));
  const children = new Map<string, string[]>();
  for (const path of added.keys()) {
    if (tree.get(path) !== undefined) continue;
    const parent = parentPath(path);
    const names = children.get(parent);
    if (names === undefined) children.set(parent, [path]);
    else names.push(path);
  }
  return {
    get: (path) => added.get(path) ?? tree.get(path),
    read: (path) => {
      const entry = added.get(path);
      return entry === undefined ? tree.read(path) : entry.content;
    },
    below: function* (folder) {
      yield* tree.below(folder);
      for (const path of added.keys()) {
        if (tree.get(path) === undefined && (folder === '' || path.startsWith(`${folder}/`))) yield path;
      }
    },
    childrenOf: (folder) => {
      const own = children.get(folder);
      return own === undefined ? childrenOf(tree, folder) : [...childrenOf(tree, folder), ...own];
    },
  };
}
