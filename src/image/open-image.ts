import { open, stat, unlink, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { compressionHeadSize, detectCompression } from '../formats/compression/detect.ts';
import { annotationKeys, type Descriptor } from '../oci/descriptor.ts';
import { formatLocation, type ImageLocation, parseLocation } from '../oci/location.ts';
import { readFileChunks } from '../store/blob-file.ts';
import { diskError } from '../store/disk-error.ts';
import { OciLayout } from '../store/oci-layout.ts';
import { ArchiveLayout } from './archive-layout.ts';
import { openBlobImage } from './blob-image.ts';
import { directoryTar } from './directory-tar.ts';
import { openDockerArchive } from './docker-archive.ts';
import { FileTar } from './file-tar.ts';
import { uncompressedLayer } from './layer-stream.ts';
import type { Image, OpenImageOptions } from './types.ts';

/**
 * Opens an image to be read: `store:`, `oci:`, `oci-archive:`, `docker-archive:` (gzipped as a whole or not), `dir:`, `tar:`.
 * Documents are verified now, layers when they are read.
 *
 * @throws SlimimageError REFERENCE_INVALID, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE, OCI_INVALID, TAR_INVALID, STORE, IO
 */
export async function openImage(image: string | ImageLocation, options: OpenImageOptions): Promise<Image> {
  const location = typeof image === 'string' ? parseLocation(image) : image;
  const name = formatLocation(location);
  const path = (text: string) => resolve(options.cwd ?? '.', text);
  const { store, platform } = options;
  switch (location.type) {
    case 'store': {
      const { type: _, name: storeName, tag, digest } = location;
      const reference = `${storeName}:${tag}${digest === undefined ? '' : `@${digest}`}`;
      const root = await store.resolve(reference);
      if (root === undefined) {
        const known = (await store.tags()).map((entry) => `store:${entry.name}:${entry.tag}`);
        throw notFound(`the local store has no image ${reference}`, known);
      }
      return openBlobImage(store, root, { name, platform });
    }
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
      return bareTree(name, (signal) => uncompressedLayer(readFileChunks(file), { what: name, signal }));
    }
    case 'dir': {
      const directory = path(location.directory);
      const stats = await stat(directory).catch(() => undefined);
      if (stats?.isDirectory() !== true) throw notFound(`there is no folder ${directory}`, []);
      return bareTree(name, (signal) => directoryTar(directory, signal));
    }
    default: {
      const meant = (await store.tags()).find((tag) => [tag.name, `${tag.name}:${tag.tag}`].includes(String(image)));
      const hint =
        meant === undefined
          ? 'Bring the image here first, for example with "skopeo copy" or "docker save", and name it oci:DIR or docker-archive:FILE.'
          : `Did you mean store:${meant.name}:${meant.tag}?`;
      throw new SlimimageError({ code: 'REFERENCE_INVALID', message: `${name} can't be read directly`, hint });
    }
  }
}

function bareTree(name: string, open: (signal?: AbortSignal) => AsyncIterable<Uint8Array>): Image {
  return {
    name,
    descriptor: undefined,
    manifest: undefined,
    config: undefined,
    platform: undefined,
    layers: [{ descriptor: undefined, diffId: undefined, open: (options) => open(options?.signal) }],
    close: async () => {},
  };
}

/** The entry with that tag; without one, the only entry, or `latest`. */
function chooseEntry(entries: readonly Descriptor[], tag: string | undefined, name: string): Descriptor {
  const tagOf = (entry: Descriptor) => entry.annotations?.[annotationKeys.refName];
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

/** Opens the tar, unpacked into a temporary file where it is compressed as a whole; closes it where `read` fails. */
async function withTar(
  file: string,
  options: OpenImageOptions,
  read: (tar: FileTar, close: () => Promise<void>) => Promise<Image>,
): Promise<Image> {
  const plain = await plainFile(file, options);
  let tar: FileTar | undefined;
  const close = async () => {
    await tar?.close();
    if (plain !== file) await unlink(plain).catch(() => undefined);
  };
  try {
    tar = await FileTar.open(plain);
    return await read(tar, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function plainFile(file: string, options: OpenImageOptions): Promise<string> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw diskError(cause, `cannot read ${file}`, 'IMAGE_NOT_FOUND');
  });
  const head = new Uint8Array(compressionHeadSize);
  try {
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (detectCompression(head.subarray(0, bytesRead)) === 'none') return file;
  } catch (cause) {
    throw diskError(cause, `cannot read ${file}`, 'IO');
  } finally {
    await handle.close();
  }
  const temporary = await options.store.temporaryFile('archive');
  try {
    const bytes = uncompressedLayer(readFileChunks(file), { what: file, signal: options.signal });
    await writeFile(temporary, bytes, { flag: 'wx' });
  } catch (cause) {
    await unlink(temporary).catch(() => undefined);
    throw diskError(cause, `cannot unpack ${file}`, 'IO');
  }
  return temporary;
}

function notFound(message: string, known: readonly string[]): SlimimageError {
  return new SlimimageError({
    code: 'IMAGE_NOT_FOUND',
    message,
    hint: known.length === 0 ? undefined : `There are: ${known.slice(0, 20).join(', ')}.`,
  });
}
