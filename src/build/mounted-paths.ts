import type { MergeNote } from './merge.ts';
import type { ImageTree } from './tree.ts';

/** Files that the runtime mounts, and what tells one machine from another (contract.md). */
const files = new Set(['etc/hostname', 'etc/hosts', 'etc/machine-id', 'etc/resolv.conf', 'var/lib/dbus/machine-id']);

/** Below these folders the runtime mounts file systems of its own. */
const mountPoint = /^(?:dev|proc|run|sys)\//;

/** Takes out what packages have where every runtime puts its own; the configuration may still put something there. */
export function dropMountedPaths(tree: ImageTree): readonly MergeNote[] {
  const notes: MergeNote[] = [];
  for (const { entry, source } of [...tree.nodes()]) {
    const { path } = entry;
    if (source.type === 'base' || !(files.has(path) || mountPoint.test(path))) continue;
    tree.delete(path);
    if (source.type === 'package') notes.push({ type: 'mounted', path, package: source.package });
  }
  return notes;
}
