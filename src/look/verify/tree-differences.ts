/** In what a path of an image is not as a build makes it. */
import { isConfigured, type TreeNode } from '../../build/tree.ts';
import type { RootfsNode } from '../../rootfs/rootfs.ts';
import { sha256Hex } from '../../util/digest.ts';
import type { ReadContents } from './read-contents.ts';

/** Type, content, link. */
export function contentDifference(
  { entry, source }: TreeNode,
  found: RootfsNode,
  input: { readonly contents: ReadContents },
): string | undefined {
  const { type, linkTarget } = found.entry;
  if (entry.type === 'hardlink') {
    const target = input.contents.rootfs.get(entry.linkTarget ?? '');
    return target?.inode === found.inode ? undefined : `it is no hard link to /${entry.linkTarget}`;
  }
  if (type !== entry.type) return `it is a ${kindOf(found)}, not a ${entry.type}`;
  if (type === 'symlink' && linkTarget !== entry.linkTarget)
    return `it leads to ${JSON.stringify(linkTarget)}, not to ${JSON.stringify(entry.linkTarget)}`;
  if (type === 'character' || type === 'block') {
    const { deviceMajor, deviceMinor } = found.entry;
    if (deviceMajor !== entry.deviceMajor || deviceMinor !== entry.deviceMinor) return 'it is another device';
  }
  if (type !== 'file') return undefined;
  const wanted = sha256Of(source);
  const held = found.entry.sha256;
  if (wanted === undefined || held === wanted) return undefined;
  return `it holds other bytes: sha256 ${held}, not ${wanted}`;
}

function sha256Of(source: TreeNode['source']): string | undefined {
  switch (source.type) {
    case 'package':
      return source.origin.sha256;
    case 'bytes':
      return sha256Hex(source.bytes);
    case 'file':
      return source.sha256;
    default:
      return undefined;
  }
}

export function metadataDifference(
  { entry, source }: TreeNode,
  found: RootfsNode,
  { isWhole }: { readonly isWhole: boolean },
): string | undefined {
  // A hard link has the metadata of the file that it shares, which is held by itself.
  if (entry.type === 'hardlink') return undefined;
  const { mode, uid, gid, mtime, xattrs } = found.entry;
  const stripped = source.type === 'package' ? source.origin.stripped : undefined;
  if (entry.type !== 'symlink' && mode !== entry.mode) {
    const kept = mode === stripped?.mode ? ': set-user-id or set-group-id that the .deb has, and a build strips' : '';
    return `its mode is ${octal(mode)}, not ${octal(entry.mode)}${kept}`;
  }
  if (uid !== entry.uid || gid !== entry.gid) return `its owner is ${uid}:${gid}, not ${entry.uid}:${entry.gid}`;
  const [has, wants] = [xattrs, entry.xattrs].map(capability);
  if (has !== wants) return `its capabilities are ${has ?? 'none'}, not ${wants ?? 'none'}`;
  // Generated files have the time of the layer that they went into, which is never later than the image's.
  const isTimely = isSettled(source) ? mtime === entry.mtime : mtime <= entry.mtime;
  if (isWhole && entry.type === 'file' && !isTimely) return `its time is ${mtime}, not ${entry.mtime}`;
  return undefined;
}

function capability(xattrs: ReadonlyMap<string, Uint8Array> | undefined): string | undefined {
  const value = xattrs?.get('security.capability');
  return value === undefined ? undefined : Buffer.from(value).toString('hex');
}

export function kindOf({ entry: { type } }: RootfsNode): string {
  return type === 'character' || type === 'block' ? `${type} device` : type;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function isSettled(source: TreeNode['source']): boolean {
  return source.type === 'package' || isConfigured(source);
}
