import { isSlimimageError } from '../errors.ts';
import { parseLibraryCache } from '../formats/ldcache/parse.ts';
import { followPath } from './follow-path.ts';
import type { CheckTree } from './types.ts';

/**
 * What ld.so.cache says: name -> absolute paths, those for special processors last. Empty where there is none, and where
 * it can't be read: the loader passes such a cache by.
 */
export function readLoaderCache(tree: CheckTree): ReadonlyMap<string, readonly string[]> {
  const bytes = tree.read(followPath(tree, 'etc/ld.so.cache').path) ?? tree.read('etc/ld.so.cache');
  const cache = new Map<string, string[]>();
  if (bytes === undefined) return cache;
  try {
    const { entries } = parseLibraryCache(bytes);
    const isSpecial = ({ hwcaps, legacyHwcap = 0n }: (typeof entries)[number]) =>
      hwcaps !== undefined || legacyHwcap !== 0n;
    for (const entry of [...entries.filter((one) => !isSpecial(one)), ...entries.filter(isSpecial)]) {
      const paths = cache.get(entry.name);
      if (paths === undefined) cache.set(entry.name, [entry.path]);
      else paths.push(entry.path);
    }
    return cache;
  } catch (error) {
    if (isSlimimageError(error)) return new Map();
    throw error;
  }
}
