import type { LayerEntry } from '../rootfs/entry.ts';
import { isWithin } from '../rootfs/path.ts';
import { Rootfs } from '../rootfs/rootfs.ts';
import { whiteoutOf } from '../rootfs/whiteout.ts';
import { databaseFolders } from './database-files.ts';
import type { ImagePackage } from './packages.ts';
import { type DatabaseOptions, readDatabases } from './read-packages.ts';
import type { ImageView } from './types.ts';

/** The packages as the databases have them once a layer is on top. */
export interface LayerPackages {
  /** Index of the layer. */
  readonly layer: number;
  /** By name, then architecture. */
  readonly packages: readonly ImagePackage[];
}

/**
 * What the package databases said after each layer that wrote or removed something in them, lowest first; [] where no
 * layer did. The last one is what `readPackages` gives.
 * @param options.files `false`: names and versions are enough
 */
export function packagesByLayer(
  view: Pick<ImageView, 'layers' | 'textOf' | 'platform'>,
  { files }: Pick<DatabaseOptions, 'files'> = {},
): readonly LayerPackages[] {
  const { platform } = view;
  const rootfs = new Rootfs();
  /** Of each layer, where the entries that matter stand in its tar. */
  const places: number[][] = [];
  const textOf: ImageView['textOf'] = ({ origin: { layer, index } }) =>
    view.textOf({ origin: { layer, index: places[layer]?.[index] ?? -1 } });
  return view.layers.flatMap(({ entries }, layer): readonly LayerPackages[] => {
    const chosen = entries.flatMap((entry, index) => (matters(entry) ? [index] : []));
    places.push(chosen);
    rootfs.apply(chosen.flatMap((index) => entries[index] ?? []));
    const touched = chosen.some((index) => touches(entries[index]?.path ?? ''));
    return touched ? [{ layer, packages: readDatabases({ rootfs, textOf }, { platform, files }).packages }] : [];
  });
}

/** Of a database, a folder above one or a link in its place, or takes one of these away. */
function matters(entry: LayerEntry): boolean {
  // Nearly all of a hundred thousand paths lie elsewhere, which is seen without a look at their parts.
  if (!near.test(entry.path)) return false;
  // A hard link may lead anywhere, and no package manager writes one.
  if (entry.type === 'hardlink') return false;
  const path = changedPath(entry.path);
  return databaseFolders.some((folder) => isWithin(path, folder) || isWithin(folder, path));
}

const near =
  /^(?:\/|\.|var\/lib\/(?:dpkg|apt)\b|(?:usr\/)?lib\/apk\b|(?:var|usr|(?:usr\/)?lib|var\/lib)$)|(?:^|\/)\.wh\./;

function touches(path: string): boolean {
  const changed = changedPath(path);
  if (changed !== path) return true;
  return databaseFolders.some((folder) => changed !== folder && isWithin(changed, folder));
}

/** The path itself, or the one that a whiteout takes away. */
function changedPath(path: string): string {
  const whiteout = whiteoutOf(path);
  if (whiteout?.type === 'remove') return whiteout.path;
  return whiteout?.type === 'opaque' ? whiteout.folder : path;
}
