import { type ChangedAspect, compareEntries } from './compare-entries.ts';
import type { LayerEntry } from './entry.ts';
import type { Rootfs } from './rootfs.ts';

export interface ChangedPath {
  readonly path: string;
  readonly before: LayerEntry;
  readonly after: LayerEntry;
  readonly aspects: readonly ChangedAspect[];
}

export interface RootfsDiff {
  /** In code-unit order of the paths' components, as `Rootfs.walk` gives them. */
  readonly added: readonly LayerEntry[];
  readonly removed: readonly LayerEntry[];
  readonly changed: readonly ChangedPath[];
}

/** What differs between two trees. Contents are compared where both entries know their sha256. */
export function diffRootfs(before: Rootfs, after: Rootfs): RootfsDiff {
  const added: LayerEntry[] = [];
  const removed: LayerEntry[] = [];
  const changed: ChangedPath[] = [];
  for (const { entry } of before.walk()) {
    const other = after.get(entry.path)?.entry;
    if (other === undefined) {
      removed.push(entry);
      continue;
    }
    const aspects = compareEntries(entry, other);
    if (aspects.length > 0) changed.push({ path: entry.path, before: entry, after: other, aspects });
  }
  for (const { entry } of after.walk()) {
    if (before.get(entry.path) === undefined) added.push(entry);
  }
  return { added, removed, changed };
}
