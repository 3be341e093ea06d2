import { resolve } from 'node:path';
import type { Places } from '../../build/with-places.ts';
import { isSlimimageError } from '../../errors.ts';
import { withTar } from '../../image/archive-file.ts';
import { ArchiveLayout } from '../../image/archive-layout.ts';
import { openBlobImage } from '../../image/blob-image.ts';
import { chooseEntry, openImage, refuseStoreName, resolveInStore } from '../../image/open-image.ts';
import { repositoryOf, resolveInRegistry } from '../../image/registry-image.ts';
import type { Image, OpenImageOptions } from '../../image/types.ts';
import { bareDescriptor, type Descriptor } from '../../oci/descriptor.ts';
import { formatLocation, parseLocation } from '../../oci/location.ts';
import { OciLayout } from '../../store/oci-layout.ts';
import type { ReferrerTarget } from '../../store/target.ts';
import type { BlobStore } from '../../store/types.ts';
import { WitnessedBlobs } from './witnessed-blobs.ts';

/** An image that is to be verified, opened before anything of it is believed. */
export interface Subject {
  readonly name: string;
  /** Where its blobs lie, and what names the whole; undefined where the form keeps no digests. */
  readonly root: { readonly blobs: WitnessedBlobs; readonly descriptor: Descriptor } | undefined;
  /** The file of a `docker-archive:`. */
  readonly archive?: string | undefined;
  /** Where papers and signatures are attached. */
  readonly target: ReferrerTarget | undefined;
  /** One platform's, to be read. @throws SlimimageError as openBlobImage, openImage */
  open(manifest: Descriptor | undefined): Promise<Image>;
  close(): Promise<void>;
}

export type SubjectOptions = Omit<OpenImageOptions, 'platform'> &
  Places & { readonly cwd: string; readonly offline?: boolean | undefined };

/** @throws SlimimageError REFERENCE_INVALID, IMAGE_NOT_FOUND, OCI_INVALID, STORE, IO, OFFLINE, and what asking a registry brings about */
export async function openSubject(text: string, options: SubjectOptions): Promise<Subject> {
  const { store, cwd } = options;
  const location = parseLocation(text);
  const name = formatLocation(location);
  const path = (file: string) => resolve(cwd, file);
  switch (location.type) {
    case 'store': {
      const descriptor = bareDescriptor(await resolveInStore(location, store));
      return ofBlobs({ name, blobs: store, descriptor, target: store });
    }
    case 'oci': {
      const layout = await OciLayout.open(path(location.directory));
      const descriptor = bareDescriptor(chooseEntry(await layout.entries(), location.tag, name));
      return ofBlobs({ name, blobs: layout, descriptor, target: layout, close: () => layout.close() });
    }
    case 'oci-archive':
      return withTar(path(location.file), options, async (tar, close) => {
        const layout = await ArchiveLayout.open(tar);
        const descriptor = bareDescriptor(chooseEntry(layout.entries(), location.tag, name));
        return ofBlobs({ name, blobs: layout, descriptor, target: layout, close });
      });
    case 'registry': {
      await refuseStoreName(text, store);
      // Named by its digest, and all here: no registry has to be asked.
      const { digest } = location.reference;
      const held =
        options.offline === true && digest !== undefined ? await store.resolve(`image@${digest}`) : undefined;
      if (held !== undefined) return ofBlobs({ name, blobs: store, descriptor: bareDescriptor(held), target: store });
      const target = await repositoryOf(location.reference, options);
      const descriptor = bareDescriptor(await resolveInRegistry(target, location.reference));
      // Not by way of the local store: what is there may be another's doing.
      return ofBlobs({ name, blobs: target, descriptor, target });
    }
    default:
      return {
        name,
        root: undefined,
        archive: location.type === 'docker-archive' ? location.file : undefined,
        target: undefined,
        open: () => openImage(location, options),
        close: async () => {},
      };
  }
}

interface BlobSubject {
  readonly name: string;
  readonly blobs: BlobStore;
  readonly descriptor: Descriptor;
  readonly target: ReferrerTarget | undefined;
  readonly close?: () => Promise<void>;
}

function ofBlobs({ name, blobs: bare, descriptor, target, close = async () => {} }: BlobSubject): Subject {
  const blobs = new WitnessedBlobs(bare);
  return {
    name,
    root: { blobs, descriptor },
    target,
    open: (manifest) => openBlobImage(blobs, manifest ?? descriptor, { name }),
    close,
  };
}

/** Whether an error speaks of what is wrong with an image, and not of what keeps it from being read. */
export function isDamage(error: unknown): error is Error {
  return isSlimimageError(error) && damages.has(error.code);
}

const damages: ReadonlySet<string> = new Set([
  'STORE',
  'DIGEST_MISMATCH',
  'DOWNLOAD_SHORT',
  'DOWNLOAD_TOO_LARGE',
  'LIMIT_EXCEEDED',
  'OCI_INVALID',
  'TAR_INVALID',
  'PATH_UNSAFE',
  'COMPRESSION_INVALID',
  'REGISTRY_INVALID',
  'HTTP_STATUS',
  'LAYER_FOREIGN',
]);

/** Whether it speaks of a layer that its publisher alone gives away. */
export function isForeign(error: unknown): boolean {
  return isSlimimageError(error, 'LAYER_FOREIGN');
}
