import type { ImageSpec } from '../../config/spec.ts';
import { openImage } from '../../image/open-image.ts';
import type { LockedImage, LockedPlatform } from '../../lock/types.ts';
import { formatLocation, type ImageLocation, parseLocation } from '../../oci/location.ts';
import type { Platform } from '../../oci/platform.ts';
import type { Digest } from '../../util/digest.ts';
import { compareStrings } from '../../util/text.ts';
import { imageDigest } from '../image-digest.ts';
import type { ImageFiles } from '../image-files.ts';
import { reading, type Session } from '../session.ts';
import { copiedImages, locationInFolder } from './inputs.ts';
import { invalid } from './locked-records.ts';
import { outdated } from './open.ts';

/** Whether the image of `on:` is a registry's: its name may mean another image tomorrow. */
export function isBaseOfRegistry({ on }: ImageSpec): boolean {
  return on !== undefined && isOfRegistry(parseLocation(on));
}

/**
 * The specification on and with the very images that a lock names: `REPO:TAG` of a registry becomes `REPO@DIGEST`, wherever the tag points
 * to now. Other places keep one image a name, and what is there is held against the lock.
 * @throws SlimimageError LOCK_INVALID where the lock has nothing for an image of `files:`
 */
export function pinImages(spec: ImageSpec, locked: LockedPlatform): ImageSpec {
  const { on } = locked;
  return {
    ...spec,
    on: spec.on === undefined || on === null ? spec.on : pinned(spec.on, on),
    files: spec.files.map((setting) => {
      const { image } = setting;
      if (image === undefined || !isOfRegistry(parseLocation(image))) return setting;
      return { ...setting, image: pinned(image, lockedDigest(locationInFolder(image, spec), locked)) };
    }),
  };
}

function pinned(image: string, digest: Digest): string {
  const location = parseLocation(image);
  if (!isOfRegistry(location)) return image;
  const { registry, repository } = location.reference;
  return formatLocation({ type: 'registry', reference: { registry, repository, digest } });
}

/** What a build has copied from; sorted by image. */
export function imagesOf(spec: ImageSpec, copied: ReadonlyMap<number, ImageFiles>): readonly LockedImage[] {
  const digests = new Map<string, Digest>();
  for (const [at, { digest }] of copied) {
    const image = spec.files[at]?.image;
    if (image !== undefined && digest !== undefined) digests.set(locationInFolder(image, spec), digest);
  }
  return [...digests]
    .sort(([a], [b]) => compareStrings(a, b))
    .map(([image, digest]): LockedImage => ({ image, digest }));
}

export interface FindImagesOptions {
  readonly platform: Platform;
  readonly session: Session;
  /** Has the digests of what is in registries, which are not asked then. */
  readonly locked?: LockedPlatform | undefined;
}

/** The images that `files:` copies from, as they are now, of which no layer is read; sorted by image. */
export async function findImages(spec: ImageSpec, options: FindImagesOptions): Promise<readonly LockedImage[]> {
  const found: LockedImage[] = [];
  for (const image of copiedImages(spec)) {
    const { locked } = options;
    const known = locked !== undefined && isOfRegistry(parseLocation(image)) ? lockedDigest(image, locked) : undefined;
    const digest = known ?? (await digestNow(image, spec, options));
    if (digest !== undefined) found.push({ image, digest });
  }
  return found;
}

async function digestNow(image: string, { directory }: ImageSpec, { platform, session }: FindImagesOptions) {
  const opened = await openImage(image, { ...reading(session), platform, cwd: directory });
  try {
    return imageDigest(opened);
  } finally {
    await opened.close();
  }
}

/** @throws SlimimageError LOCK_OUTDATED naming every image that is another one, LOCK_INVALID where the lists differ */
export function checkImages(found: readonly LockedImage[], locked: LockedPlatform): void {
  const changes = found.flatMap(({ image, digest }) => {
    const before = lockedDigest(image, locked);
    return before === digest ? [] : [`files: ${image} is ${digest}, locked ${before}`];
  });
  if (changes.length > 0) throw outdated('An image that files are copied from is not the one of the lock', changes);
  const over = locked.images.find(({ image }) => !found.some((one) => one.image === image));
  if (over !== undefined) throw invalid(`it has the image ${over.image}, which the configuration does not copy from`);
}

function lockedDigest(image: string, { images }: LockedPlatform): Digest {
  const found = images.find((one) => one.image === image);
  if (found !== undefined) return found.digest;
  throw invalid(`it has no digest of ${image}, which the configuration copies from`);
}

function isOfRegistry(location: ImageLocation): location is ImageLocation & { readonly type: 'registry' } {
  return location.type === 'registry';
}
