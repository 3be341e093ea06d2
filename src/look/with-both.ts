import { type Places, withPlaces } from '../build/with-places.ts';
import { isSlimimageError } from '../errors.ts';
import { openImage } from '../image/open-image.ts';
import type { Image } from '../image/types.ts';
import { type Platform, parsePlatform, samePlatform } from '../oci/platform.ts';
import type { LookOptions } from './with-image.ts';

/** Two images as long as something is done with them. */
export interface BothOpened extends Places {
  readonly from: Image;
  readonly to: Image;
}

/**
 * Opens two images to be compared, of one platform where both have one: the wanted one, else the machine's, else what one of them
 * has alone.
 * @throws SlimimageError as withImage
 */
export async function withBoth<T>(
  [from, to]: readonly [from: string, to: string],
  options: LookOptions,
  action: (opened: BothOpened) => Promise<T>,
): Promise<T> {
  const { cwd, env, onEvent, signal } = options;
  const wanted = options.platform === undefined ? undefined : parsePlatform(options.platform);
  return withPlaces(options, async ({ store, registries }) => {
    const opened: Image[] = [];
    const open = async (name: string, platform: Platform | undefined): Promise<Image> => {
      const image = await openImage(name, { store, registries, platform, cwd, env, onEvent, signal });
      opened.push(image);
      return image;
    };
    try {
      let before = await open(from, wanted);
      let after = await open(to, wanted);
      if (wanted === undefined && !isOfOnePlatform(before, after)) {
        const other = await open(to, before.platform).catch(unavailable);
        if (other !== undefined) after = other;
        else before = (await open(from, after.platform).catch(unavailable)) ?? before;
      }
      return await action({ from: before, to: after, store, registries });
    } finally {
      for (const image of opened) await image.close();
    }
  });
}

/** A bare file tree has none, and goes with every platform. */
function isOfOnePlatform({ platform: a }: Image, { platform: b }: Image): boolean {
  return a === undefined || b === undefined || samePlatform(a, b);
}

function unavailable(error: unknown): undefined {
  if (isSlimimageError(error, 'PLATFORM_UNAVAILABLE')) return undefined;
  throw error;
}
