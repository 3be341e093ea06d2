import { isWithin } from '../rootfs/path.ts';
import type { FileChange } from './types.ts';

/** One line of a list of changes: one change, or a folder with all that came or went in it. */
export interface FoldedChange {
  readonly change: FileChange;
  /** Changes of the same kind inside that are not listed; 0 for one that stands alone. */
  readonly inside: number;
  /** Bytes of the files that came, less those that went. */
  readonly bytes: number;
}

/** Folders that came, went or moved as a whole, with what is in them, in one line each. */
export function foldFiles(changes: readonly FileChange[]): readonly FoldedChange[] {
  const folded: { change: FileChange; inside: number; bytes: number }[] = [];
  const open = new Map<FileChange['change'], { change: FileChange; inside: number; bytes: number }>();
  for (const change of changes) {
    const folder = open.get(change.change);
    if (folder !== undefined && goesWith(change, folder.change)) {
      folder.inside++;
      folder.bytes += bytesOf(change);
      continue;
    }
    const line = { change, inside: 0, bytes: bytesOf(change) };
    folded.push(line);
    if (change.change !== 'changed' && (change.to ?? change.from)?.type === 'directory') open.set(change.change, line);
  }
  return folded;
}

function goesWith(change: FileChange, folder: FileChange): boolean {
  if (!isWithin(change.path, folder.path)) return false;
  if (change.movedFrom === undefined) return true;
  const before = `${folder.movedFrom}${change.path.slice(folder.path.length)}`;
  return change.movedFrom === before && change.aspects.length === 0;
}

/** Bytes that a change adds to the tree; negative where it takes some away. */
export function bytesOf({ from, to }: FileChange): number {
  return (to?.size ?? 0) - (from?.size ?? 0);
}

/** Changes that no package explains come first to whom it matters; the rest by package. */
export interface GroupedFiles {
  readonly unexplained: readonly FileChange[];
  /** By name of the package. */
  readonly explained: ReadonlyMap<string, readonly FileChange[]>;
}

export function groupFiles(changes: readonly FileChange[]): GroupedFiles {
  const groups = Map.groupBy(changes, ({ explainedBy }) => explainedBy);
  const unexplained = groups.get(undefined) ?? [];
  groups.delete(undefined);
  const named = [...groups] as [string, readonly FileChange[]][];
  return { unexplained, explained: new Map(named.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) };
}

const kinds = ['changed', 'added', 'removed', 'moved'] as const;

/** `3 changed, 1 added`; `none`. */
export function countFiles(changes: readonly FileChange[]): string {
  const counts = Map.groupBy(changes, ({ change }) => change);
  const texts = kinds.flatMap((kind) => {
    const number = counts.get(kind)?.length ?? 0;
    return number === 0 ? [] : [`${number} ${kind}`];
  });
  return texts.length === 0 ? 'none' : texts.join(', ');
}
