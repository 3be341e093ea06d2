import type { LayerEntry } from './entry.ts';

export type ChangedAspect = 'type' | 'mode' | 'owner' | 'time' | 'size' | 'content' | 'link' | 'device' | 'attributes';

/** In which respects two entries of the same path differ. */
export function compareEntries(a: LayerEntry, b: LayerEntry): readonly ChangedAspect[] {
  if (a.type !== b.type) return ['type'];
  const aspects: ChangedAspect[] = [];
  if (a.mode !== b.mode) aspects.push('mode');
  if (a.uid !== b.uid || a.gid !== b.gid) aspects.push('owner');
  if (a.mtime !== b.mtime) aspects.push('time');
  if (a.size !== b.size) aspects.push('size');
  if (a.sha256 !== undefined && b.sha256 !== undefined && a.sha256 !== b.sha256) aspects.push('content');
  if (a.linkTarget !== b.linkTarget) aspects.push('link');
  if ((a.deviceMajor ?? 0) !== (b.deviceMajor ?? 0) || (a.deviceMinor ?? 0) !== (b.deviceMinor ?? 0))
    aspects.push('device');
  if (!sameAttributes(a.xattrs, b.xattrs)) aspects.push('attributes');
  return aspects;
}

function sameAttributes(a: LayerEntry['xattrs'], b: LayerEntry['xattrs']): boolean {
  if ((a?.size ?? 0) !== (b?.size ?? 0)) return false;
  for (const [name, value] of a ?? []) {
    const other = b?.get(name);
    if (other === undefined || other.length !== value.length) return false;
    if (value.some((byte, index) => byte !== other[index])) return false;
  }
  return true;
}
