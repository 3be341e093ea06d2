import { parentPath } from '../rootfs/path.ts';
import type { FileChange } from './types.ts';

/**
 * Folders that no package's list names (lists of checksums name files alone) come, go and move with what is in them: where packages
 * explain all of that, they explain the folder, and with it the folders in it that are empty.
 */
export function explainFolders(changes: readonly FileChange[]): readonly FileChange[] {
  const inside = new Map<string, FileChange[]>();
  for (const change of changes) {
    // What moved away was in a folder, too.
    for (const path of [change.path, change.movedFrom]) {
      if (path === undefined) continue;
      const folder = `/${parentPath(path.slice(1))}`;
      const known = inside.get(folder);
      if (known === undefined) inside.set(folder, [change]);
      else known.push(change);
    }
  }
  const decided = new Map<FileChange, Reason>();

  function explain(change: FileChange): Reason {
    if (!isOpen(change)) return change.explainedBy;
    if (decided.has(change)) return decided.get(change);
    // Folders that were turned inside out hold one another.
    decided.set(change, undefined);
    const paths = change.movedFrom === undefined ? [change.path] : [change.path, change.movedFrom];
    const content = paths.flatMap((path) => inside.get(path) ?? []);
    const reasons = content.map(explain);
    const by = reasons.includes(undefined) ? undefined : (reasons.find((reason) => reason !== empty) ?? empty);
    decided.set(change, by);
    return by;
  }

  const folders = new Map<string, string>();
  return changes.map((change) => {
    const reason = explain(change);
    // Folders stand before what they hold.
    const key = (path: string) => `${change.change} ${path}`;
    const by = reason === empty ? folders.get(key(`/${parentPath(change.path.slice(1))}`)) : reason;
    if (by !== undefined && (change.to ?? change.from)?.type === 'directory') folders.set(key(change.path), by);
    return by === change.explainedBy ? change : { ...change, explainedBy: by };
  });
}

/** Of a folder in which nothing is but such folders. */
const empty = Symbol('empty');

/** A package, nothing, or that there is nothing to be explained. */
type Reason = string | typeof empty | undefined;

/** A folder that came, went or moved, and that nobody explains yet. */
function isOpen({ change, packages, explainedBy, from, to }: FileChange): boolean {
  return (
    change !== 'changed' && explainedBy === undefined && packages.length === 0 && (to ?? from)?.type === 'directory'
  );
}
