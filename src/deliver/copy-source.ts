import { resolve } from 'node:path';
import { withTar } from '../image/archive-file.ts';
import { ArchiveLayout } from '../image/archive-layout.ts';
import { checkPlatform, chooseManifest } from '../image/choose-platform.ts';
import { importImage } from '../image/import-image.ts';
import { chooseEntry, openImage, refuseStoreName, resolveInStore } from '../image/open-image.ts';
import { repositoryOf, resolveInRegistry } from '../image/registry-image.ts';
import type { OpenImageOptions } from '../image/types.ts';
import type { Compression } from '../oci/compression.ts';
import { annotationKeys, bareDescriptor, type Descriptor } from '../oci/descriptor.ts';
import { formatLocation, type ImageLocation, parseLocation } from '../oci/location.ts';
import { parseImageConfig, parseManifest } from '../oci/parse.ts';
import { familiarReference, isTag, parseReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import { OciLayout } from '../store/oci-layout.ts';
import { readBlob } from '../store/read-document.ts';
import type { BlobStore } from '../store/types.ts';

/** An image that is about to be copied: a manifest or an index with the place that has all of it. */
export interface CopySource {
  readonly blobs: BlobStore;
  readonly root: Descriptor;
  /** What the image is called there, as far as a name can be taken along. */
  readonly reference: string | undefined;
  readonly tag: string | undefined;
  close(): Promise<void>;
}

export interface CopySourceOptions extends OpenImageOptions {
  /** Of the layers of a form that keeps no digests. */
  readonly compression: Compression;
  /** Something is going to be written beside it, to the registry that it is in. Default false. */
  readonly push?: boolean | undefined;
}

/**
 * Opens what is to be copied. Of a form that keeps no digests an OCI image is made in the local store.
 * @throws SlimimageError as openImage
 */
export async function openCopySource(text: string, options: CopySourceOptions): Promise<CopySource> {
  const location = parseLocation(text);
  if (location.type === 'registry') await refuseStoreName(text, options.store);
  const source = await openWhole(location, options);
  const { platform } = options;
  if (platform === undefined) return source;
  try {
    const name = formatLocation(location);
    const root = bareDescriptor(await chooseManifest(source.blobs, source.root, { platform, name }));
    const manifest = parseManifest(await readBlob(source.blobs, root), { name: `manifest ${root.digest}` });
    checkPlatform(parseImageConfig(await readBlob(source.blobs, manifest.config)), platform, name);
    return { ...source, root };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** With all of its platforms. */
async function openWhole(location: ImageLocation, options: CopySourceOptions): Promise<CopySource> {
  const { store } = options;
  const path = (text: string) => resolve(options.cwd ?? '.', text);
  const name = formatLocation(location);
  switch (location.type) {
    case 'store': {
      const root = bareDescriptor(await resolveInStore(location, store));
      return { blobs: store, root, ...namedAs(`${location.name}:${location.tag}`), close: nothingToClose };
    }
    case 'oci': {
      const layout = await OciLayout.open(path(location.directory));
      const entry = chooseEntry(await layout.entries(), location.tag, name);
      return { blobs: layout, root: bareDescriptor(entry), ...namedEntry(entry), close: () => layout.close() };
    }
    case 'oci-archive':
      return withTar(path(location.file), options, async (tar, close) => {
        const layout = await ArchiveLayout.open(tar);
        const entry = chooseEntry(layout.entries(), location.tag, name);
        return { blobs: layout, root: bareDescriptor(entry), ...namedEntry(entry), close };
      });
    case 'registry': {
      const target = await repositoryOf(location.reference, options);
      const root = bareDescriptor(await resolveInRegistry(target, location.reference));
      return { blobs: target, root, ...namedReference(location.reference), close: nothingToClose };
    }
    default: {
      const image = await openImage(location, options);
      try {
        const root = await importImage(image, options);
        const reference = 'reference' in location ? location.reference : undefined;
        return { blobs: store, root, ...namedReference(reference), close: nothingToClose };
      } finally {
        await image.close();
      }
    }
  }
}

interface SourceNames {
  readonly reference: string | undefined;
  readonly tag: string | undefined;
}

function namedReference(reference: Reference | undefined): SourceNames {
  if (reference === undefined) return { reference: undefined, tag: undefined };
  const { digest: _, ...name } = reference;
  const tag = reference.tag ?? (reference.digest === undefined ? 'latest' : undefined);
  return { reference: familiarReference(withDefaultTag(name)), tag };
}

/** Names of the local store are freer than those of registries: one that no engine would take is not taken along. */
function namedAs(text: string): SourceNames {
  try {
    return namedReference(parseReference(text));
  } catch {
    return namedReference(undefined);
  }
}

function namedEntry(entry: Descriptor): SourceNames {
  const full = entry.annotations?.[annotationKeys.containerdName];
  const tag = entry.annotations?.[annotationKeys.refName];
  const { reference } = full === undefined ? namedReference(undefined) : namedAs(full);
  return { reference, tag: tag !== undefined && isTag(tag) ? tag : undefined };
}

/** Of places that others opened. */
export async function nothingToClose(): Promise<void> {}
