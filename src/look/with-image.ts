import { type Places, type PlacesOptions, withPlaces } from '../build/with-places.ts';
import { openImage } from '../image/open-image.ts';
import type { Image } from '../image/types.ts';
import { parsePlatform } from '../oci/platform.ts';

export interface LookOptions extends PlacesOptions {
  /** Of an image for several platforms, this one; undefined: the machine's, or the only one there is. */
  readonly platform?: string | undefined;
}

/** An image as long as something is done with it. */
export interface Opened extends Places {
  readonly image: Image;
}

/**
 * Opens an image, wherever it is (product.md's locations).
 * @throws SlimimageError REFERENCE_INVALID, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE, and what openImage throws
 */
export async function withImage<T>(
  name: string,
  options: LookOptions,
  action: (opened: Opened) => Promise<T>,
): Promise<T> {
  const { cwd, env, onEvent, signal } = options;
  const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
  return withPlaces(options, async ({ store, registries }) => {
    const image = await openImage(name, { store, registries, platform, cwd, env, onEvent, signal });
    try {
      return await action({ image, store, registries });
    } finally {
      await image.close();
    }
  });
}
