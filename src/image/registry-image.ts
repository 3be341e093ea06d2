import { SlimimageError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { formatReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import type { RegistryTarget } from '../registry/types.ts';
import { openBlobImage } from './blob-image.ts';
import { FetchedBlobs } from './fetched-blobs.ts';
import type { Image, OpenImageOptions } from './types.ts';

/**
 * An image of a registry, by tag or digest. Its blobs come by way of the local store; an image named by a digest, all of which is there, needs
 * no network.
 */
export async function openRegistryImage(
  reference: Reference,
  options: OpenImageOptions & { readonly name: string },
): Promise<Image> {
  const { store, name, platform, onEvent, signal } = options;
  let opened: Promise<RegistryTarget> | undefined;
  const source = () => {
    opened ??= repositoryOf(reference, options);
    return opened;
  };
  const root = await resolveRoot(reference, { store, source });
  const blobs = new FetchedBlobs(store, source, { root, onEvent, signal });
  try {
    return await openBlobImage(blobs, root, { name, platform, close: () => blobs.close() });
  } catch (error) {
    await blobs.close();
    throw error;
  }
}

/** @throws SlimimageError REFERENCE_INVALID where nobody gave a way to registries, OFFLINE */
export async function repositoryOf(
  { registry, repository }: Reference,
  { registries, push }: Pick<OpenImageOptions, 'registries'> & { readonly push?: boolean | undefined },
): Promise<RegistryTarget> {
  if (registries !== undefined) return registries.repository({ registry, repository }, { push });
  throw new SlimimageError({
    code: 'REFERENCE_INVALID',
    message: `${registry}/${repository} is a registry's, and can't be read here`,
    hint: `Bring the image into the local store first: slimimage copy docker://${registry}/${repository} store:NAME`,
  });
}

/** @throws SlimimageError IMAGE_NOT_FOUND */
export async function resolveInRegistry(target: RegistryTarget, reference: Reference): Promise<Descriptor> {
  const { tag = 'latest', digest } = reference;
  const found = await target.resolve(digest ?? tag);
  if (found !== undefined) return found;
  const { registry, repository } = reference;
  throw new SlimimageError({
    code: 'IMAGE_NOT_FOUND',
    message: `there is no ${formatReference(withDefaultTag(reference))}`,
    hint: `"slimimage tags docker://${registry}/${repository}" lists what is there.`,
  });
}

interface RootSource extends Pick<OpenImageOptions, 'store'> {
  readonly source: () => Promise<RegistryTarget>;
}

async function resolveRoot(reference: Reference, { store, source }: RootSource): Promise<Descriptor> {
  const { tag = 'latest' } = reference;
  const digest = reference.digest ?? (await (await source()).currentDigest(tag));
  // Any name does: a digest is found whatever its name.
  const held = digest === undefined ? undefined : await store.resolve(`image@${digest}`);
  return held ?? resolveInRegistry(await source(), reference);
}
