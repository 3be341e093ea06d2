import type { Rootfs } from '../rootfs/rootfs.ts';
import { imageTree } from './image-tree.ts';
import { indexLayers } from './layer-index.ts';
import type { ReadLayerOptions } from './read-layer.ts';
import type { Image } from './types.ts';

/** The file tree of an image, files with their sha256. @throws SlimimageError as indexLayers and Rootfs.apply do */
export async function readRootfs(image: Image, options: ReadLayerOptions = {}): Promise<Rootfs> {
  const indexes = await indexLayers(image, options);
  return imageTree(
    image,
    indexes.map(({ entries }) => entries),
  );
}
