import type { LayerEntry } from '../rootfs/entry.ts';
import { baseName, parentPath } from '../rootfs/path.ts';

type Pair = readonly [before: LayerEntry, after: LayerEntry];

/**
 * Folders that moved: those of which most files that went are in one new folder, at their old places in it. With them goes what
 * says nothing alone: folders, symlinks, empty files.
 *
 * @param files that moved
 */
export function pairFolders(
  { removed, added }: { readonly removed: readonly LayerEntry[]; readonly added: readonly LayerEntry[] },
  files: readonly Pair[],
): readonly Pair[] {
  if (files.length === 0) return [];
  const [gone, come] = [byPath(removed), byPath(added)];
  const folders = chooseFolders(countFiles(removed, gone), countPairs(files, { gone, come }));
  const moved = new Set(files.map(([, after]) => after.path));
  const pairs: Pair[] = [];
  for (const before of removed) {
    if (isTelling(before)) continue;
    const path = newPathOf(before.path, folders);
    const after = path === undefined ? undefined : come.get(path);
    if (after === undefined || moved.has(after.path) || !isAlike(before, after)) continue;
    pairs.push([before, after]);
    moved.add(after.path);
  }
  return pairs;
}

/** What has a content by which it is known again. */
export function isTelling({ type, size, sha256 }: LayerEntry): boolean {
  return type === 'file' && size > 0 && sha256 !== undefined;
}

type Entries = ReadonlyMap<string, LayerEntry>;

function byPath(entries: readonly LayerEntry[]): Entries {
  return new Map(entries.map((entry) => [entry.path, entry]));
}

/** Of each folder that went, the files in it. */
function countFiles(removed: readonly LayerEntry[], gone: Entries): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const entry of removed) {
    if (!isTelling(entry)) continue;
    for (let folder = parentPath(entry.path); gone.has(folder); folder = parentPath(folder)) {
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
  }
  return counts;
}

type Votes = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Of each folder that went, the new ones in which its files are at their old places. */
function countPairs(files: readonly Pair[], { gone, come }: { readonly gone: Entries; readonly come: Entries }): Votes {
  const votes = new Map<string, Map<string, number>>();
  for (const [before, after] of files) {
    let [old, fresh] = [before.path, after.path];
    while (baseName(old) === baseName(fresh)) {
      [old, fresh] = [parentPath(old), parentPath(fresh)];
      if (gone.get(old)?.type !== 'directory' || come.get(fresh)?.type !== 'directory') break;
      const counts = votes.get(old) ?? new Map<string, number>();
      votes.set(old, counts.set(fresh, (counts.get(fresh) ?? 0) + 1));
    }
  }
  return votes;
}

/** Old path -> new path, of folders of which more than half moved there. */
function chooseFolders(files: ReadonlyMap<string, number>, votes: Votes): ReadonlyMap<string, string> {
  const chosen = new Map<string, string>();
  const taken = new Set<string>();
  for (const [old, counts] of votes) {
    for (const [fresh, count] of counts) {
      if (2 * count <= (files.get(old) ?? 0) || taken.has(fresh)) continue;
      chosen.set(old, fresh);
      taken.add(fresh);
    }
  }
  return chosen;
}

/** Where something would be that moved with the innermost folder that did. */
function newPathOf(path: string, folders: ReadonlyMap<string, string>): string | undefined {
  for (let folder = path; folder !== ''; folder = parentPath(folder)) {
    const fresh = folders.get(folder);
    if (fresh !== undefined) return `${fresh}${path.slice(folder.length)}`;
  }
  return undefined;
}

function isAlike(before: LayerEntry, after: LayerEntry): boolean {
  if (before.type !== after.type) return false;
  if (before.type === 'symlink') return before.linkTarget === after.linkTarget;
  return before.type === 'directory' || (before.type === 'file' && before.size === 0 && after.size === 0);
}
