import { SlimimageError } from '../errors.ts';
import type { TarHeader } from '../formats/tar/types.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import { confinePath } from '../rootfs/path.ts';

/** A member of a layer's tar as an entry, its paths confined. @throws SlimimageError PATH_UNSAFE, OCI_INVALID */
export function entryOfHeader(header: TarHeader): LayerEntry {
  const path = confinePath(header.path, { absolute: 'strip' });
  const { type, mode, uid, gid, mtime, xattrs } = header;
  const size = type === 'file' ? header.size : 0;
  const attributes = xattrs === undefined || xattrs.size === 0 ? undefined : { xattrs };
  if (header.linkTarget !== undefined)
    return { path, type, mode, uid, gid, mtime, size, linkTarget: linkTarget(header, path), ...attributes };
  if (type === 'character' || type === 'block') {
    const { deviceMajor, deviceMinor } = header;
    return { path, type, mode, uid, gid, mtime, size, deviceMajor, deviceMinor, ...attributes };
  }
  return { path, type, mode, uid, gid, mtime, size, ...attributes };
}

/** A hard link names a path of the tree, a symlink holds a text that only a process inside will resolve. */
function linkTarget(header: TarHeader, path: string): string {
  const target = header.linkTarget ?? '';
  if (header.type !== 'hardlink') return target;
  const confined = confinePath(target, { absolute: 'strip' });
  if (confined !== '') return confined;
  throw new SlimimageError({ code: 'OCI_INVALID', message: `${JSON.stringify(path)} is a hard link to the root` });
}
