import { compareStrings } from '../util/text.ts';
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

/** Paths of `*.conf` files in folders of drop-ins, by their names; of two with one name that in the earlier folder. */
export function dropIns(tree: EffectTree, folders: readonly string[]): readonly string[] {
  const files = new Map<string, string>();
  for (const folder of folders) {
    for (const path of childrenOf(tree, folder)) {
      const name = path.slice(folder.length + 1);
      if (name.endsWith('.conf') && !files.has(name)) files.set(name, path);
    }
  }
  return [...files].sort(([a], [b]) => compareStrings(a, b)).map(([, path]) => path);
}
