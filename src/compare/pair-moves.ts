import type { LayerEntry } from '../rootfs/entry.ts';
import { baseName } from '../rootfs/path.ts';
import { isTelling, pairFolders } from './pair-folders.ts';

export interface Moves {
  readonly pairs: readonly (readonly [before: LayerEntry, after: LayerEntry])[];
  /** The first of each pair. */
  readonly gone: ReadonlySet<LayerEntry>;
  /** The second of each. */
  readonly come: ReadonlySet<LayerEntry>;
}

/**
 * Files that were removed in one place and added in another with equal content. Of several with one content those of the same
 * name are paired first, then in order. Empty files say nothing, unless they moved with their folder.
 */
export function pairMoves(removed: readonly LayerEntry[], added: readonly LayerEntry[]): Moves {
  const waiting = Map.groupBy(removed.filter(isTelling), ({ sha256 }) => sha256);
  const pairs: (readonly [LayerEntry, LayerEntry])[] = [];
  const gone = new Set<LayerEntry>();
  const come = new Set<LayerEntry>();
  const pair = (before: LayerEntry, after: LayerEntry) => {
    pairs.push([before, after]);
    gone.add(before);
    come.add(after);
  };
  const arrived = Map.groupBy(
    added.filter((entry) => isTelling(entry) && waiting.has(entry.sha256)),
    ({ sha256 }) => sha256,
  );
  for (const [sha256, entries] of arrived) {
    const candidates = waiting.get(sha256) ?? [];
    const byName = Map.groupBy(candidates, ({ path }) => baseName(path));
    for (const after of entries) {
      const before = byName.get(baseName(after.path))?.shift();
      if (before !== undefined) pair(before, after);
    }
    const left = candidates.filter((entry) => !gone.has(entry)).values();
    for (const after of entries) {
      if (come.has(after)) continue;
      const { value: before } = left.next();
      if (before === undefined) break;
      pair(before, after);
    }
  }
  for (const [before, after] of pairFolders({ removed, added }, [...pairs])) pair(before, after);
  return { pairs, gone, come };
}
