import type { LayerEntry } from '../rootfs/entry.ts';
import { Rootfs } from '../rootfs/rootfs.ts';
import { nameOfLayer, namingLayer } from './layer-error.ts';
import type { Image } from './types.ts';

/**
 * The file tree of an image.
 * @param layers what each of its layers lists
 * @throws SlimimageError as `Rootfs.apply`, naming the layer
 */
export function imageTree({ layers: parts }: Image, layers: readonly (readonly LayerEntry[])[]): Rootfs {
  const rootfs = new Rootfs();
  for (const [number, entries] of layers.entries()) {
    try {
      rootfs.apply(entries);
    } catch (error) {
      const part = parts[number];
      throw part === undefined ? error : namingLayer(error, nameOfLayer(part));
    }
  }
  return rootfs;
}
