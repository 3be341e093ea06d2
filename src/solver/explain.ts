import type { Catalog } from './catalog.ts';
import type { Root } from './resolution.ts';
import type { Conflict } from './types.ts';
export function explain(_catalog: Catalog, _roots: readonly Root[]): readonly Conflict[] {
  return [];
}
