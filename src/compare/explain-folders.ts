import { parentPath } from '../rootfs/path.ts';
import type { FileChange } from './types.ts';

/**
 * Folders that no package's list names (lists of checksums name files alone) come and go with what is in them: where packages
 * explain all of that, they explain the folder.
 *
 * @param changes folders before what they hold
 */
export function explainFolders(changes: readonly FileChange[]): readonly FileChange[] {
  const inside = new Map<string, { explained: boolean; readonly by: string | undefined }>();
  const note = (path: string, by: string | undefined) => {
    const parent = `/${parentPath(path.slice(1))}`;
    const known = inside.get(parent);
    if (known === undefined) inside.set(parent, { explained: by !== undefined, by });
    else known.explained &&= by !== undefined;
  };
  for (const change of changes) {
    if (!isOpen(change)) note(change.path, change.explainedBy);
    // What moved away was in a folder, too.
    if (change.movedFrom !== undefined) note(change.movedFrom, change.explainedBy);
  }
  // What is in a folder is decided before the folder.
  return changes
    .toReversed()
    .map((change) => {
      if (!isOpen(change)) return change;
      const content = inside.get(change.path);
      const by = content?.explained === true ? content.by : undefined;
      note(change.path, by);
      return by === undefined ? change : { ...change, explainedBy: by };
    })
    .reverse();
}

/** A folder that came or went, and that nobody explains yet. */
function isOpen({ change, packages, explainedBy, from, to }: FileChange): boolean {
  const cameOrWent = change === 'added' || change === 'removed';
  return cameOrWent && explainedBy === undefined && packages.length === 0 && (to ?? from)?.type === 'directory';
}
