import { limits } from '../limits.ts';
import type { HistoryEntry, ImageConfig } from '../oci/documents.ts';
import { Rootfs, type RootfsNode } from '../rootfs/rootfs.ts';
import type { LocalStore } from '../store/local-store.ts';
import { digestOf } from '../util/digest.ts';
import { isKept } from '../view/kept-files.ts';
import type { ImageView, ViewedLayer } from '../view/types.ts';
import { indexLayer } from './layer-index.ts';
import { type LayerPrograms, layerPrograms } from './layer-programs.ts';
import { readFiles } from './read-files.ts';
import type { Image } from './types.ts';

export interface OpenViewOptions {
  /** Where what is known of layers is remembered. */
  readonly store: LocalStore;
  /** Look for secrets in the contents of files. */
  readonly secrets?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads what there is to know of an image. Each layer is read once, ever (by its diff ID).
 * @throws SlimimageError as indexLayer, layerPrograms and Rootfs.apply do
 */
export async function openView(image: Image, options: OpenViewOptions): Promise<ImageView> {
  const { store, signal } = options;
  const layers: ViewedLayer[] = [];
  const programs: LayerPrograms[] = [];
  const histories = layerHistories(image.config, image.layers.length);
  for (const [number, layer] of image.layers.entries()) {
    const index = await indexLayer(layer, { memo: store.memo, hashes: true, signal });
    programs.push(await layerPrograms(layer, index.entries, { store, signal }));
    const { entries, diffId, size } = index;
    layers.push({ entries, diffId, size, descriptor: layer.descriptor, history: histories[number] });
  }
  const rootfs = Rootfs.of(layers.map(({ entries }) => entries));
  const texts = await readTexts(image, layers, signal);
  const textOf = ({ origin }: Pick<RootfsNode, 'origin'>) => texts.get(`${origin.layer} ${origin.index}`);
  return {
    name: image.name,
    descriptor: image.descriptor,
    configDigest: image.configBytes === undefined ? image.manifest?.config.digest : digestOf(image.configBytes),
    config: image.config,
    platform: image.platform,
    layers,
    rootfs,
    text: (path) => {
      const node = rootfs.resolve(path);
      return node === undefined ? undefined : textOf(node);
    },
    textOf,
    program: ({ origin }) => programs[origin.layer]?.get(origin.index),
    secrets: () => [],
  };
}

/** History has an entry for each step; those that made no layer say so. Lists that don't fit say nothing. */
export function layerHistories(config: ImageConfig | undefined, layers: number): readonly (HistoryEntry | undefined)[] {
  const made = (config?.history ?? []).filter((entry) => entry.empty_layer !== true);
  return made.length === layers ? made : new Array(layers).fill(undefined);
}

async function readTexts(
  image: Image,
  layers: readonly ViewedLayer[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const nodes = layers.flatMap(({ entries }, layer) =>
    entries.flatMap((entry, index) =>
      isKept(entry) && entry.size <= limits.baseFileBytes
        ? [{ entry, layer, origin: { layer, index }, inode: index, implicit: false }]
        : [],
    ),
  );
  const texts = new Map<string, Uint8Array>();
  let chunks: Uint8Array[] = [];
  let key = '';
  for await (const event of readFiles(image, nodes, { signal })) {
    if (event.type === 'file') {
      key = `${event.node.origin.layer} ${event.node.origin.index}`;
      chunks = [];
    } else if (event.type === 'data') chunks.push(event.bytes.slice());
    else texts.set(key, Buffer.concat(chunks));
  }
  return texts;
}
