import { SlimimageError } from '../errors.ts';
import { indexLayer } from '../image/layer-index.ts';
import { readRootfs } from '../image/read-rootfs.ts';
import type { Image } from '../image/types.ts';
import type { EntryType, LayerEntry } from '../rootfs/entry.ts';
import { isWithin } from '../rootfs/path.ts';
import type { RootfsNode } from '../rootfs/rootfs.ts';
import { whiteoutOf } from '../rootfs/whiteout.ts';
import { compareStrings } from '../util/text.ts';
import { chooseLayer } from './choose-layer.ts';
import { namedPath } from './named-path.ts';
import { withImage } from './with-image.ts';
import type { TreeOptions } from './with-tree.ts';

export interface ListImageOptions extends TreeOptions {
  /** Folder to list, or one file, which is then all there is; undefined: everything. Symlinks are followed, but not in one layer alone. */
  readonly path?: string | undefined;
}

/** A path of an image or of one layer. */
export interface ListedEntry {
  /** Relative to the root; of a whiteout the path that it hides. */
  readonly path: string;
  /** `whiteout` hides a path of the layers below, `opaque` all that they have in its folder. Both only in a layer. */
  readonly type: EntryType | 'whiteout' | 'opaque';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly size: number;
  /** symlink: its text. hardlink: the path that it shares. */
  readonly linkTarget?: string | undefined;
  readonly deviceMajor?: number | undefined;
  readonly deviceMinor?: number | undefined;
  /** Hexadecimal; files only. */
  readonly sha256?: string | undefined;
  /** Extended attributes, values in base64. */
  readonly xattrs?: Readonly<Record<string, string>> | undefined;
  /** The layer that wrote this name, 1 the lowest. */
  readonly layer: number;
}

/**
 * The paths that the layers of an image make, sorted, the root itself not among them; or what one layer's tar lists. `image` is a location as
 * in product.md. Nothing is unpacked.
 * @throws SlimimageError as withImage, chooseLayer, indexLayer do; SOURCE_INVALID where there is no such path
 */
export async function listImageTree(name: string, options: ListImageOptions): Promise<readonly ListedEntry[]> {
  const { layer, signal, onEvent, path = '/' } = options;
  return withImage(name, options, async ({ image, store }) => {
    const reading = { memo: store.memo, signal, onEvent };
    if (layer !== undefined) return listLayer(image, { ...reading, path, layer });
    const rootfs = await readRootfs(image, reading);
    const start = rootfs.resolve(path);
    if (start === undefined) throw noPath(name, path, 'slimimage ls IMAGE shows all that it has.');
    if (start.entry.type !== 'directory') return [listedNode(start)];
    return [...rootfs.walk(start.entry.path)].map(listedNode);
  });
}

async function listLayer(
  image: Image,
  options: Parameters<typeof indexLayer>[1] & { readonly path: string; readonly layer: string },
): Promise<readonly ListedEntry[]> {
  const number = chooseLayer(image, options.layer);
  const layer = image.layers[number];
  const { entries } = layer === undefined ? { entries: [] } : await indexLayer(layer, options);
  const top = namedPath(options.path);
  const found = entries
    .filter(({ path }) => path !== '')
    .map((entry) => listedInLayer(entry, number))
    .filter(({ path }) => isWithin(path, top));
  if (found.length === 0 && top !== '')
    throw noPath(`layer ${number + 1} of ${image.name}`, options.path, 'ls --layer N without a path shows all of it.');
  return found
    .filter(({ path, type }) => path !== top || type !== 'directory')
    .map((entry) => ({ key: sortKey(entry.path), entry }))
    .sort((a, b) => compareStrings(a.key, b.key))
    .map(({ entry }) => entry);
}

function listedNode({ entry, layer }: RootfsNode): ListedEntry {
  return listed(entry, layer);
}

function listedInLayer(entry: LayerEntry, layer: number): ListedEntry {
  const whiteout = whiteoutOf(entry.path);
  if (whiteout === undefined || whiteout.type === 'ignore') return listed(entry, layer);
  if (whiteout.type === 'remove') return { ...listed(entry, layer), type: 'whiteout', path: whiteout.path };
  return { ...listed(entry, layer), type: 'opaque' };
}

function listed({ offset: _, xattrs, ...entry }: LayerEntry, layer: number): ListedEntry {
  const values = [...(xattrs ?? [])].map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  return { ...entry, ...(values.length === 0 ? {} : { xattrs: Object.fromEntries(values) }), layer: layer + 1 };
}

/** Sorts as a walk does: what a folder holds right after it. */
function sortKey(path: string): string {
  return path.replaceAll('/', '\0');
}

function noPath(where: string, path: string, hint: string): SlimimageError {
  return new SlimimageError({ code: 'SOURCE_INVALID', message: `${where} has no path ${path}`, hint });
}
