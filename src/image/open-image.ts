import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { annotationKeys, type Descriptor } from '../oci/descriptor.ts';
import { formatLocation, type ImageLocation, parseLocation } from '../oci/location.ts';
import { readFileChunks } from '../store/blob-file.ts';
import { diskError } from '../store/disk-error.ts';
import type { LocalStore } from '../store/local-store.ts';
import { OciLayout } from '../store/oci-layout.ts';
import { isReferrersTag } from '../store/referrers.ts';
import { withTar } from './archive-file.ts';
import { ArchiveLayout } from './archive-layout.ts';
import { openBlobImage } from './blob-image.ts';
import { directoryTar } from './directory-tar.ts';
import { openDockerArchive } from './docker-archive.ts';
import { openEngineImage } from './engine-image.ts';
import { uncompressedLayer } from './layer-stream.ts';
import { openRegistryImage } from './registry-image.ts';
import type { Image, ImageLayer, OpenImageOptions } from './types.ts';

/**
 * Opens an image to be read: `store:`, `oci:`, `oci-archive:`, `docker-archive:` (gzipped as a whole or not), `docker-daemon:`, `docker://`,
 * `dir:`, `tar:`. Documents are verified now, layers when they are read.
 *
 * @throws SlimimageError REFERENCE_INVALID, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE, OCI_INVALID, TAR_INVALID, STORE, IO, ENGINE, OFFLINE, and
 *   what asking a registry brings about
 */
export async function openImage(image: string | ImageLocation, options: OpenImageOptions): Promise<Image> {
  const location = typeof image === 'string' ? parseLocation(image) : image;
  const name = formatLocation(location);
  const path = (text: string) => resolve(options.cwd ?? '.', text);
  const { store, platform } = options;
  switch (location.type) {
    case 'store':
      return openBlobImage(store, await resolveInStore(location, store), { name, platform });
    case 'oci': {
      const layout = await OciLayout.open(path(location.directory));
      const root = chooseEntry(await layout.entries(), location.tag, name);
      return openBlobImage(layout, root, { name, platform });
    }
    case 'oci-archive':
      return withTar(path(location.file), options, async (tar, close) => {
        const layout = await ArchiveLayout.open(tar);
        return openBlobImage(layout, chooseEntry(layout.entries(), location.tag, name), { name, platform, close });
      });
    case 'docker-archive':
      return withTar(path(location.file), options, (tar, close) =>
        openDockerArchive(tar, { name, platform, reference: location.reference, close }),
      );
    case 'tar': {
      const file = path(location.file);
      await stat(file).catch((cause: unknown) => {
        throw diskError(cause, `cannot read ${file}`, 'IMAGE_NOT_FOUND');
      });
      return bareTree(name, (opened) => uncompressedLayer(readFileChunks(file), { what: name, ...opened }));
    }
    case 'dir': {
      const directory = path(location.directory);
      const stats = await stat(directory).catch(() => undefined);
      if (stats?.isDirectory() !== true) throw notFound(`there is no folder ${directory}`, []);
      return bareTree(name, (opened) => directoryTar(directory, opened?.signal));
    }
    case 'docker-daemon':
      return openEngineImage(location.reference, options);
    case 'registry': {
      if (typeof image === 'string') await refuseStoreName(image, store);
      return openRegistryImage(location.reference, { ...options, name });
    }
  }
}

/** @throws SlimimageError IMAGE_NOT_FOUND, with the names that there are */
export async function resolveInStore(
  { name, tag, digest }: ImageLocation & { readonly type: 'store' },
  store: LocalStore,
): Promise<Descriptor> {
  const reference = `${name}:${tag}${digest === undefined ? '' : `@${digest}`}`;
  const root = await store.resolve(reference);
  if (root !== undefined) return root;
  const known = (await store.tags()).map((entry) => `store:${entry.name}:${entry.tag}`);
  throw notFound(`the local store has no image ${reference}`, known);
}

/** A bare word that names an image of the store is meant so: no network for a slip. */
export async function refuseStoreName(image: string, store: LocalStore): Promise<void> {
  const tags = await store.tags();
  const meant = tags.find((tag) => [tag.name, `${tag.name}:${tag.tag}`].includes(image));
  if (meant === undefined) return;
  throw new SlimimageError({
    code: 'REFERENCE_INVALID',
    message: `"${image}" names an image of a registry, and the local store has one of that name`,
    hint: `Did you mean store:${meant.name}:${meant.tag}? The registry's is docker://${image}.`,
  });
}

function bareTree(name: string, open: ImageLayer['open']): Image {
  return {
    name,
    descriptor: undefined,
    manifest: undefined,
    config: undefined,
    platform: undefined,
    layers: [{ what: name, descriptor: undefined, diffId: undefined, open }],
    close: async () => {},
  };
}

/** The entry with that tag; without one, the only entry, or `latest`. */
export function chooseEntry(all: readonly Descriptor[], tag: string | undefined, name: string): Descriptor {
  const tagOf = (entry: Descriptor) => entry.annotations?.[annotationKeys.refName];
  // Lists of what refers to the images are not images.
  const entries = all.filter((entry) => tag !== undefined || !isReferrersTag(tagOf(entry) ?? ''));
  const digests = new Set(entries.map((entry) => entry.digest));
  const found =
    tag === undefined && digests.size === 1
      ? entries[0]
      : (entries.find((entry) => tagOf(entry) === (tag ?? 'latest')) ?? entries.find((entry) => entry.digest === tag));
  if (found !== undefined) return found;
  const problem = tag === undefined ? `${name} holds ${digests.size} images` : `${name} is not there`;
  throw notFound(
    problem,
    entries.map((entry) => tagOf(entry) ?? entry.digest),
  );
}

function notFound(message: string, known: readonly string[]): SlimimageError {
  return new SlimimageError({
    code: 'IMAGE_NOT_FOUND',
    message,
    hint: known.length === 0 ? undefined : `There are: ${known.slice(0, 20).join(', ')}.`,
  });
}
