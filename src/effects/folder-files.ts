import { childrenOf } from './children.ts';
import type { EffectTree } from './types.ts';

/** Regular files directly in a folder whose names match, in any order. */
export function filesIn(
  tree: EffectTree,
  folder: string,
  names: RegExp,
): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  return childrenOf(tree, folder).flatMap((path) => {
    const name = path.slice(folder.length + 1);
    const bytes = names.test(name) ? tree.read(path) : undefined;
    return bytes === undefined ? [] : [{ name, bytes }];
  });
}
