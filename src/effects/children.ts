import { parentPath } from '../rootfs/path.ts';
import type { EffectTree } from './types.ts';

/** The paths directly in a folder, in any order; '' is the root. */
export function childrenOf(tree: EffectTree, folder: string): readonly string[] {
  if (tree.childrenOf !== undefined) return tree.childrenOf(folder);
  return [...tree.below(folder)].filter((path) => parentPath(path) === folder);
}
