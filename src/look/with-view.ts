import { type Places, type PlacesOptions, withPlaces } from '../build/with-places.ts';
import { openImage } from '../image/open-image.ts';
import { openView } from '../image/open-view.ts';
import type { Image } from '../image/types.ts';
import { parsePlatform } from '../oci/platform.ts';
import type { ImageView } from '../view/types.ts';

export interface LookOptions extends PlacesOptions {
  /** Of an image for several platforms, this one; undefined: the machine's, or the only one there is. */
  readonly platform?: string | undefined;
}

/** What is looked at, as long as the action runs. */
export interface Looked extends Places {
  readonly image: Image;
  readonly view: ImageView;
}

/**
 * Opens an image, wherever it is (product.md's locations), and what is known of it.
 * @throws SlimimageError REFERENCE_INVALID, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE, and what reading layers throws
 */
export async function withView<T>(
  name: string,
  options: LookOptions & { readonly secrets?: boolean | undefined },
  action: (looked: Looked) => Promise<T>,
): Promise<T> {
  const { cwd, env, onEvent, signal, secrets } = options;
  const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
  return withPlaces(options, async ({ store, registries }) => {
    const image = await openImage(name, { store, registries, platform, cwd, env, onEvent, signal });
    try {
      const view = await openView(image, { store, secrets, signal });
      return await action({ image, view, store, registries });
    } finally {
      await image.close();
    }
  });
}
