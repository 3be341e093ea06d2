import type { OnEvent } from '../events.ts';
import { indexLayer } from '../image/layer-index.ts';
import { readRootfs } from '../image/read-rootfs.ts';
import type { Image } from '../image/types.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import { Rootfs } from '../rootfs/rootfs.ts';
import { whiteoutOf } from '../rootfs/whiteout.ts';
import { chooseLayer } from './choose-layer.ts';
import { type LookOptions, type Opened, withImage } from './with-image.ts';

export interface TreeOptions extends LookOptions {
  /** One layer alone, by its number from 1 or its digest; undefined: what all of them make. */
  readonly layer?: string | undefined;
}

export interface OpenedTree extends Opened {
  /** What the tree's origins mean: with one layer, an image of that layer. */
  readonly image: Image;
  readonly rootfs: Rootfs;
}

/**
 * Opens the file tree of an image, or what one of its layers brings.
 * @throws SlimimageError as withImage, chooseLayer, indexLayer and Rootfs.apply do
 */
export async function withTree<T>(
  name: string,
  options: TreeOptions,
  action: (tree: OpenedTree) => Promise<T>,
): Promise<T> {
  const { layer, signal, onEvent } = options;
  return withImage(name, options, async (opened) => {
    const { image, store } = opened;
    const reading = { memo: store.memo, signal, onEvent };
    if (layer === undefined) return action({ ...opened, rootfs: await readRootfs(image, reading) });
    const number = chooseLayer(image, layer);
    const layers = image.layers.slice(number, number + 1);
    const alone = { ...image, name: `layer ${number + 1} of ${image.name}`, layers };
    const [only] = layers;
    const entries = only === undefined ? [] : (await indexLayer(only, reading)).entries;
    return action({ ...opened, image: alone, rootfs: treeOfLayer(entries, onEvent) });
  });
}

/** A layer that is looked at alone lacks what its hard links may share. */
function treeOfLayer(entries: readonly LayerEntry[], onEvent: OnEvent | undefined): Rootfs {
  const here = new Set(entries.map(({ path }) => path));
  // Left in their places: an entry's ordinal says where its content is.
  const nothing: LayerEntry = { path: '.wh..wh.left-out', type: 'fifo', mode: 0, uid: 0, gid: 0, mtime: 0, size: 0 };
  let left: LayerEntry | undefined;
  const kept = entries.map((entry) => {
    if (whiteoutOf(entry.path) !== undefined) return nothing;
    if (entry.type !== 'hardlink' || here.has(entry.linkTarget ?? '')) return entry;
    left ??= entry;
    return nothing;
  });
  if (left !== undefined) {
    const message = `hard links to files of lower layers are left out, the first is /${left.path}`;
    onEvent?.({ type: 'warning', message, hint: 'Without --layer they are there.' });
  }
  return Rootfs.of([kept]);
}
