import { SlimimageError } from '../errors.ts';
import { baseName, joinPath, parentPath } from './path.ts';

/**
 * What an entry of a layer means for the layers below (OCI image-spec, layer.md, "Whiteouts"): `remove` the path below,
 * hide everything in a folder (`opaque`), or nothing at all (`ignore`: AUFS's own bookkeeping, `.wh..wh.plnk` and such).
 */
export type Whiteout =
  | { readonly type: 'remove'; readonly path: string }
  | { readonly type: 'opaque'; readonly folder: string }
  | { readonly type: 'ignore' };

/**
 * @param path confined
 * @returns undefined for an ordinary entry
 * @throws SlimimageError PATH_UNSAFE where a whiteout names `.`, `..` or nothing, or is a folder
 */
export function whiteoutOf(path: string): Whiteout | undefined {
  if (!path.includes('.wh.')) return undefined;
  const folder = parentPath(path);
  for (const component of folder.split('/')) {
    if (component.startsWith('.wh..wh.')) return { type: 'ignore' };
    if (component.startsWith('.wh.')) throw unsafe(path, 'lies in a whiteout');
  }
  const name = baseName(path);
  if (name === '.wh..wh..opq') return { type: 'opaque', folder };
  if (name.startsWith('.wh..wh.')) return { type: 'ignore' };
  if (!name.startsWith('.wh.')) return undefined;
  const hidden = name.slice('.wh.'.length);
  if (hidden === '' || hidden === '.' || hidden === '..') throw unsafe(path, 'is a whiteout of nothing');
  return { type: 'remove', path: joinPath(folder, hidden) };
}

function unsafe(path: string, reason: string): SlimimageError {
  const message = `layer entry ${JSON.stringify(path.slice(0, 200))} ${reason}`;
  return new SlimimageError({ code: 'PATH_UNSAFE', message });
}
