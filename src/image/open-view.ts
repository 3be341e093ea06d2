import type { HistoryEntry, ImageConfig } from '../oci/documents.ts';
import type { RootfsNode } from '../rootfs/rootfs.ts';
import { digestOf } from '../util/digest.ts';
import type { ImageView } from '../view/types.ts';
import { imageTree } from './image-tree.ts';
import { strayTexts } from './stray-texts.ts';
import type { Image, OpenViewOptions } from './types.ts';
import { type SharedLayers, viewLayers } from './view-layers.ts';

/**
 * Reads what there is to know of an image. Each layer is read once, ever (by its diff ID), two at a time; a kind of fact that nobody asked
 * for before is read alone.
 * @throws SlimimageError as `readLayer` and `Rootfs.of` do
 */
export async function openView(
  image: Image,
  options: OpenViewOptions & { readonly shared?: SharedLayers | undefined },
): Promise<ImageView> {
  const { onEvent } = options;
  onEvent?.({ type: 'phase', phase: 'read', state: 'start' });
  try {
    return await viewOf(image, options);
  } finally {
    onEvent?.({ type: 'phase', phase: 'read', state: 'end' });
  }
}

async function viewOf(image: Image, options: Parameters<typeof openView>[1]): Promise<ImageView> {
  const facts = await viewLayers(image, options);
  const rootfs = imageTree(
    image,
    facts.map(({ index }) => index.entries),
  );
  const kept = ({ origin }: Pick<RootfsNode, 'origin'>) => facts[origin.layer]?.texts.get(origin.index);
  const stray = await strayTexts(image, rootfs, {
    memo: options.store.memo,
    isKnown: (node) => kept(node) !== undefined,
    signal: options.signal,
  });
  const textOf = (node: Pick<RootfsNode, 'origin'>) => kept(node) ?? stray(node);
  const histories = layerHistories(image.config, image.layers.length);
  return {
    name: image.name,
    descriptor: image.descriptor,
    configDigest: image.configBytes === undefined ? image.manifest?.config.digest : digestOf(image.configBytes),
    config: image.config,
    platform: image.platform,
    layers: facts.map(({ index: { entries, diffId, size } }, number) => {
      return { entries, diffId, size, descriptor: image.layers[number]?.descriptor, history: histories[number] };
    }),
    rootfs,
    text: (path) => {
      const node = rootfs.resolve(path);
      return node === undefined ? undefined : textOf(node);
    },
    textOf,
    program: ({ origin }) => facts[origin.layer]?.programs.get(origin.index),
    secrets: ({ origin }) => facts[origin.layer]?.secrets.get(origin.index) ?? [],
    md5: ({ origin }) => facts[origin.layer]?.sums.of(origin.index),
  };
}

/** History has an entry for each step; those that made no layer say so. Lists that don't fit say nothing. */
function layerHistories(config: ImageConfig | undefined, layers: number): readonly (HistoryEntry | undefined)[] {
  const made = (config?.history ?? []).filter((entry) => entry.empty_layer !== true);
  return made.length === layers ? made : new Array(layers).fill(undefined);
}
