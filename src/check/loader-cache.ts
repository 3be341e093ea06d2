import type { CheckTree } from './types.ts';

/** What ld.so.cache says: soname -> absolute paths. Empty where there is none, or none that can be read. */
export function readLoaderCache(_tree: CheckTree): ReadonlyMap<string, readonly string[]> {
  return new Map();
}
