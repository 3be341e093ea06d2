import { Rootfs } from '../rootfs/rootfs.ts';
import { mapLimit } from '../util/concurrency.ts';
import { type IndexLayerOptions, indexLayer } from './layer-index.ts';
import type { Image } from './types.ts';

/** The file tree of an image. Layers are indexed two at a time. @throws SlimimageError as indexLayer and Rootfs.apply do */
export async function readRootfs(image: Image, options: IndexLayerOptions = {}): Promise<Rootfs> {
  const indexes = await mapLimit(image.layers, (layer, { signal }) => indexLayer(layer, { ...options, signal }), {
    limit: 2,
    signal: options.signal,
  });
  return Rootfs.of(indexes.map(({ entries }) => entries));
}
