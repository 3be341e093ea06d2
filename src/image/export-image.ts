import { unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { loadImage } from '../engine/load.ts';
import { needEngines } from '../engine/save.ts';
import type { Engine } from '../engine/types.ts';
import { SlimimageError } from '../errors.ts';
import type { OnEvent, OperationOptions } from '../events.ts';
import { annotationKeys, bareDescriptor, type Descriptor } from '../oci/descriptor.ts';
import { formatLocation, type ImageLocation } from '../oci/location.ts';
import { documentKind } from '../oci/media-types.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { formatReference, parseReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import type { Registries } from '../registry/types.ts';
import { type CopyReport, copy } from '../store/copy.ts';
import type { LocalStore } from '../store/local-store.ts';
import { OciLayout } from '../store/oci-layout.ts';
import type { BlobStore } from '../store/types.ts';
import type { Digest } from '../util/digest.ts';
import { writeFileAtomically } from './atomic-output.ts';
import { openBlobImage } from './blob-image.ts';
import { chooseManifest, listManifests } from './choose-platform.ts';
import { hostPlatform } from './host-platform.ts';
import { layoutTar, reachable } from './layout-tar.ts';
import { keepsZstd, loadableForm } from './loadable-form.ts';
import { replaceDirectory } from './output-directory.ts';
import { readRootfs } from './read-rootfs.ts';
import { repositoryOf } from './registry-image.ts';
import { rootfsTar } from './rootfs-tar.ts';
import type { Image } from './types.ts';
import { unpackRootfs } from './unpack.ts';

export interface ExportOptions extends OperationOptions {
  /** Where the image is. */
  readonly store: LocalStore;
  /** A manifest or an index of the store. */
  readonly root: Descriptor;
  /** Names that the image gets where the form has room for names: `web:dev`, `registry.example/team/app:1`. */
  readonly references?: readonly string[] | undefined;
  /** Of an index, for forms that hold one platform; default the host's, or the only one. */
  readonly platform?: Platform | undefined;
  /** Folder that relative paths mean; default the process's own. */
  readonly cwd?: string | undefined;
  /** For `docker://`. */
  readonly registries?: Registries | undefined;
  /** Bring along what refers to the image, where the form knows referrers: `docker://`, `oci:`. */
  readonly referrers?: boolean | undefined;
  /** Where engines are found, for `docker-daemon:`; default: nowhere. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface ExportedImage {
  /** Bytes of the image there; undefined where nobody knows. */
  readonly bytes: number | undefined;
  /** What this form cannot carry, if anything. */
  readonly note: string | undefined;
  /** What was sent and what was there, for forms that keep blobs by digest. */
  readonly report?: CopyReport | undefined;
}

/**
 * Writes an image of the local store to `store:`, `oci:`, `oci-archive:`, `docker-archive:`, `docker-daemon:`, `docker://`, `tar:` or `dir:`, in
 * one step: who dies on the way leaves what was there. Archives and tars have the same bytes whenever image and names are the same.
 *
 * @throws SlimimageError OUTPUT_INVALID, REFERENCE_INVALID, PLATFORM_UNAVAILABLE, STORE, IO, ENGINE, OFFLINE, ABORTED, and what asking a
 *   registry brings about
 */
export async function exportImage(location: ImageLocation, options: ExportOptions): Promise<ExportedImage> {
  const path = (text: string) => resolve(options.cwd ?? '.', text);
  switch (location.type) {
    case 'store': {
      await options.store.tag(options.root, `${location.name}:${location.tag}`);
      return { bytes: await totalBytes(options), note: undefined };
    }
    case 'oci':
      return exportLayout(path(location.directory), layoutTags(location.tag, options), options);
    case 'oci-archive': {
      const tags = layoutTags(location.tag, options);
      return exportArchive(path(location.file), { ...options, tags, whole: true, named: namesOf(options) });
    }
    case 'docker-archive': {
      const named = location.reference === undefined ? namesOf(options) : [withDefaultTag(location.reference)];
      const tags = [...new Set(named.map((reference) => reference.tag ?? 'latest'))];
      return exportArchive(path(location.file), { ...options, tags, whole: false, named });
    }
    case 'tar':
      return exportTree(location, options, async (image) => {
        const bytes = rootfsTar(image, { memo: options.store.memo, signal: options.signal });
        return writeFileAtomically(path(location.file), reported(bytes, formatLocation(location), options.onEvent));
      });
    case 'dir':
      return exportTree(location, options, async (image) => {
        const { store, signal, onEvent } = options;
        const rootfs = await readRootfs(image, { memo: store.memo, signal });
        await replaceDirectory(path(location.directory), store.memo, (root) =>
          unpackRootfs(image, rootfs, { root, signal, onEvent }),
        );
        return undefined;
      });
    case 'registry':
      return exportToRegistry(location.reference, options);
    case 'docker-daemon':
      return loadIntoEngine({ ...options, references: [formatReference(location.reference)] });
  }
}

async function exportLayout(
  directory: string,
  tags: readonly string[],
  options: ExportOptions,
): Promise<ExportedImage> {
  const { store, root, onEvent, signal } = options;
  const layout = await OciLayout.create(directory);
  try {
    const { referrers } = options;
    const report = await copy(store, layout, { root, onEvent, signal, referrers });
    for (const tag of tags) await layout.tag(root, tag);
    return { bytes: await totalBytes(options), note: undefined, report };
  } finally {
    await layout.close();
  }
}

/** The tag moves last: until then nobody sees anything of the image. */
async function exportToRegistry(reference: Reference, options: ExportOptions): Promise<ExportedImage> {
  const { store, root, onEvent, signal, referrers } = options;
  checkPushedDigest(reference, root);
  const target = await repositoryOf(reference, { ...options, push: true });
  const { memo } = store;
  const report = await copy(store, target, { root, referrers, memo, onEvent, signal });
  const { tag } = withDefaultTag(reference);
  if (tag !== undefined) await target.tag(root, tag);
  return { bytes: await totalBytes(options), note: undefined, report };
}

/** @throws SlimimageError OUTPUT_INVALID where the name says that something else is there */
export function checkPushedDigest({ digest }: { readonly digest?: Digest | undefined }, root: Descriptor): void {
  if (digest === undefined || digest === root.digest) return;
  throw new SlimimageError({
    code: 'OUTPUT_INVALID',
    message: `the image is ${root.digest}, and can't be written as ${digest}`,
    hint: 'Name a tag in the place of the digest.',
  });
}

export interface LoadedImage extends ExportedImage {
  readonly engine: Engine['name'];
}

/**
 * Loads an image of the local store into Docker, else Podman, under all of its names. They take a file: one form that old and new ones read.
 * @throws SlimimageError ENGINE where neither answers or the loading fails, and as `exportImage`
 */
export async function loadIntoEngine(options: ExportOptions): Promise<LoadedImage> {
  const { store, env = {}, onEvent, signal } = options;
  const [engine] = await needEngines({ env, signal });
  const file = await store.temporaryFile('load');
  try {
    const exported = await exportImage({ type: 'docker-archive', file, reference: undefined }, options);
    await loadImage(engine, file, { onEvent, signal });
    return { ...exported, engine: engine.name };
  } finally {
    await unlink(file).catch(() => undefined);
  }
}

interface ArchiveExport extends ExportOptions {
  readonly tags: readonly string[];
  readonly named: readonly Reference[];
  /** The whole index, or one manifest of it. */
  readonly whole: boolean;
}

async function exportArchive(file: string, options: ArchiveExport): Promise<ExportedImage> {
  const { store, root, named, tags, whole, onEvent, signal } = options;
  const { manifest: chosen, note } = await oneManifest(
    options,
    whole ? 'manifest.json, for older versions of docker load,' : 'this form',
  );
  const manifest = whole ? chosen : await loadableForm(store, chosen, { signal });
  const archive = layoutTar(store, {
    root: whole ? root : convertedFrom(chosen, manifest),
    loadable: manifest,
    references: named,
    tags,
    signal,
  });
  const bytes = await writeFileAtomically(file, reported(archive, file, onEvent));
  const zstd = whole ? await keepsZstd(store, manifest) : manifest !== chosen;
  const said = whole
    ? 'Docker before version 23 cannot load its zstd layers'
    : 'zstd layers were written uncompressed, for Docker before version 23';
  return { bytes, note: [note, zstd ? said : undefined].filter((text) => text !== undefined).join('; ') || undefined };
}

/** Papers beside the archive name the image by the manifest that it has everywhere else. */
function convertedFrom(from: Descriptor, manifest: Descriptor): Descriptor {
  if (from.digest === manifest.digest) return manifest;
  return { ...manifest, annotations: { ...manifest.annotations, [annotationKeys.convertedFrom]: from.digest } };
}

async function exportTree(
  location: ImageLocation,
  options: ExportOptions,
  write: (image: Image) => Promise<number | undefined>,
): Promise<ExportedImage> {
  const { manifest, note } = await oneManifest(options, 'this form');
  const image = await openBlobImage(options.store, manifest, { name: formatLocation(location) });
  return { bytes: await write(image), note };
}

/** The manifest for a form that holds one platform, and what to say about the others. */
function oneManifest({ store, root, platform }: ExportOptions, what: string): Promise<OneManifest> {
  return pickManifest(store, root, { platform, what });
}

export interface OneManifest {
  readonly manifest: Descriptor;
  readonly note: string | undefined;
}

/** Of an index the manifest of `platform`, else the host's, else the first. @throws SlimimageError PLATFORM_UNAVAILABLE */
export async function pickManifest(
  store: BlobStore,
  root: Descriptor,
  { platform, what }: { readonly platform: Platform | undefined; readonly what: string },
): Promise<OneManifest> {
  if (documentKind(root.mediaType) !== 'index') return { manifest: root, note: undefined };
  const manifests = await listManifests(store, root);
  // An image for another processor than this one's is better than none.
  const wanted = platform ?? (manifests.some((each) => isHost(each)) ? undefined : manifests[0]?.platform);
  const manifest = await chooseManifest(store, root, { name: root.digest, platform: wanted });
  const { platform: chosen } = manifest;
  const note =
    manifests.length > 1 && chosen !== undefined ? `${what} holds only ${formatPlatform(chosen)}` : undefined;
  return { manifest: bareDescriptor(manifest), note };
}

function isHost({ platform }: Descriptor): boolean {
  return platform !== undefined && formatPlatform(platform) === formatPlatform(hostPlatform());
}

function namesOf(options: ExportOptions): readonly Reference[] {
  return (options.references ?? []).map((text) => withDefaultTag(parseReference(text)));
}

/** A layout names its images by tag alone: the written one, else those of the image's names, else `latest`. */
function layoutTags(written: string | undefined, options: ExportOptions): readonly string[] {
  if (written !== undefined) return [written];
  const tags = new Set(namesOf(options).map((reference) => reference.tag ?? 'latest'));
  return tags.size === 0 ? ['latest'] : [...tags];
}

async function totalBytes({ store, root }: ExportOptions): Promise<number> {
  return (await reachable(store, root)).reduce((sum, { size }) => sum + size, 0);
}

async function* reported(
  bytes: AsyncIterable<Uint8Array>,
  label: string,
  onEvent: OnEvent | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const id = `write ${label}`;
  onEvent?.({ type: 'task', id, phase: 'write', label });
  let done = 0;
  try {
    for await (const chunk of bytes) {
      yield chunk;
      done += chunk.length;
      onEvent?.({ type: 'advance', id, done });
    }
  } catch (error) {
    onEvent?.({ type: 'done', id, outcome: 'failed' });
    throw error;
  }
  onEvent?.({ type: 'done', id, outcome: 'ok' });
}
