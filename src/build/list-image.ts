import { SlimimageError } from '../errors.ts';
import { openImage } from '../image/open-image.ts';
import { readRootfs } from '../image/read-rootfs.ts';
import { parsePlatform } from '../oci/platform.ts';
import type { TreeEntry } from '../rootfs/entry.ts';
import { type PlacesOptions, withPlaces } from './with-places.ts';

export interface ListImageOptions extends PlacesOptions {
  /** Folder of the image to list, or one file of it, which is then all there is; undefined: everything. Symlinks are followed. */
  readonly path?: string | undefined;
  /** Of an image for several platforms, this one; undefined: the machine's, or the only one there is. */
  readonly platform?: string | undefined;
}

/**
 * The paths that the layers of an image make, sorted, the root itself not among them. `image` is a location as in
 * product.md. Nothing is unpacked.
 * @throws SlimimageError REFERENCE_INVALID, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE, SOURCE_INVALID where the image has no such path
 */
export async function listImageTree(image: string, options: ListImageOptions): Promise<readonly TreeEntry[]> {
  const { cwd, env, onEvent, signal } = options;
  return withPlaces(options, async ({ store, registries }) => {
    const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
    const opened = await openImage(image, { store, registries, platform, cwd, env, onEvent, signal });
    try {
      const rootfs = await readRootfs(opened, { memo: store.memo, signal });
      const start = rootfs.resolve(options.path ?? '/');
      if (start === undefined) {
        throw new SlimimageError({
          code: 'SOURCE_INVALID',
          message: `${image} has no path ${options.path}`,
          hint: 'slimimage ls IMAGE shows all that it has.',
        });
      }
      if (start.entry.type !== 'directory') return [start.entry];
      return [...rootfs.walk(start.entry.path)].map(({ entry }) => entry);
    } finally {
      await opened.close();
    }
  });
}
