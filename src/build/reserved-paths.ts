import type { MergeNote } from './merge.ts';
import type { ImageTree } from './tree.ts';

/** Files that the runtime mounts, that tell one machine from another, or that the image's accounts are in (contract.md). */
const files = new Set([
  'etc/group',
  'etc/gshadow',
  'etc/hostname',
  'etc/hosts',
  'etc/machine-id',
  'etc/passwd',
  'etc/resolv.conf',
  'etc/shadow',
  'var/lib/dbus/machine-id',
]);

/** Below these folders the runtime mounts file systems of its own. */
const mountPoint = /^(?:dev|proc|run|sys)\//;

/** Takes out what no package may decide; the configuration may still put something there. */
export function dropReservedPaths(tree: ImageTree): readonly MergeNote[] {
  const notes: MergeNote[] = [];
  for (const { entry, source } of [...tree.nodes()]) {
    const { path } = entry;
    if (source.type === 'base' || !(files.has(path) || mountPoint.test(path))) continue;
    tree.delete(path);
    if (source.type === 'package') notes.push({ type: 'reserved', path, package: source.package });
  }
  return notes;
}
