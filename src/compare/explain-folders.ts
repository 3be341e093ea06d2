import { parentPath } from '../rootfs/path.ts';
import type { FileChange } from './types.ts';

/**
 * Folders that no package's list names (status.d lists files alone) come and go with what is in them: where packages
 * explain all of that, they explain the folder.
 *
 * @param changes folders before what they hold
 */
export function explainFolders(changes: readonly FileChange[]): readonly FileChange[] {
  const inside = new Map<string, { explained: boolean; by: string | undefined }>();
  const result: FileChange[] = [];
  for (const change of changes.toReversed()) {
    const told = explained(change, inside.get(change.path));
    result.push(told);
    const parent = `/${parentPath(told.path.slice(1))}`;
    const known = inside.get(parent);
    const isExplained = told.explainedBy !== undefined;
    if (known === undefined) inside.set(parent, { explained: isExplained, by: told.explainedBy });
    else known.explained &&= isExplained;
  }
  return result.reverse();
}

function explained(
  change: FileChange,
  inside: { readonly explained: boolean; readonly by: string | undefined } | undefined,
): FileChange {
  const cameOrWent = change.change === 'added' || change.change === 'removed';
  if (!cameOrWent || change.packages.length > 0 || inside?.explained !== true) return change;
  return (change.to ?? change.from)?.type === 'directory' ? { ...change, explainedBy: inside.by } : change;
}
