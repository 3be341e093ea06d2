import { SlimimageError } from '../errors.ts';
import { listManifests } from '../image/choose-platform.ts';
import { exportImage, pickManifest } from '../image/export-image.ts';
import { bareDescriptor, type Descriptor } from '../oci/descriptor.ts';
import { platformOfConfig } from '../oci/encode.ts';
import { formatLocation, type ImageLocation, parseDestination } from '../oci/location.ts';
import { isConfigMediaType } from '../oci/media-types.ts';
import { parseImageConfig, parseManifest } from '../oci/parse.ts';
import { formatPlatform, type Platform, parsePlatform } from '../oci/platform.ts';
import { type CopyReport, copy } from '../store/copy.ts';
import { readBlob } from '../store/read-document.ts';
import { isFileBacked, keepsReferrers } from '../store/target.ts';
import type { BlobStore } from '../store/types.ts';
import type { Digest } from '../util/digest.ts';
import { openDestination } from './copy-destination.ts';
import { type CopySource, openCopySource } from './copy-source.ts';
import type { Surroundings } from './surroundings.ts';

export interface CopyImageOptions {
  /** The whole index where the form can hold one, which is the default: with `all`, one that can't is refused. */
  readonly all?: boolean | undefined;
  /** Of an index the manifest of this one alone: `linux/arm64`. */
  readonly platform?: string | undefined;
  /** Take along what refers to the image: SBOMs, provenance, signatures. Default true. */
  readonly referrers?: boolean | undefined;
}

export interface CopyResult {
  /** Where the image is now, without digest. */
  readonly reference: string;
  /** Of the manifest or index that was copied. */
  readonly digest: Digest;
  readonly mediaType: string;
  /** Of the images that were copied: `linux/amd64`. */
  readonly platforms: readonly string[];
  /** How the blobs and documents came there; undefined for forms that are written anew as a whole. */
  readonly blobs: CopiedBlobs | undefined;
  /** Bytes that were sent or written; undefined where nobody knows. */
  readonly bytes: number | undefined;
  /** SBOMs, provenance, signatures that went along. */
  readonly referrers: number;
  /** What the form cannot carry, if anything. */
  readonly note: string | undefined;
}

export interface CopiedBlobs {
  readonly sent: number;
  /** Those of `sent` that are layers; the others are configurations, papers, manifests and indexes. */
  readonly layers: number;
  /** They were there. */
  readonly skipped: number;
  /** The registry took them over from another repository of its own. */
  readonly mounted: number;
}

/**
 * Copies an image from any place to any other. Between places that keep digests the digest stays the same, an index goes with all of its
 * platforms, and what refers to the image goes with it.
 *
 * @throws SlimimageError REFERENCE_INVALID, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE, OUTPUT_INVALID, USAGE, and what reading the source
 *   and writing the destination bring about
 */
export async function copyImage(
  from: string,
  to: string,
  options: CopyImageOptions & Surroundings,
): Promise<CopyResult> {
  const destination = parseDestination(to);
  if (options.all === true && options.platform !== undefined) {
    throw new SlimimageError({
      code: 'USAGE',
      message: "all platforms and one of them can't be copied at once",
      hint: 'Leave out --all or --platform.',
    });
  }
  const { store, registries, env, cwd, onEvent, signal } = options;
  onEvent?.({ type: 'phase', phase: 'write', state: 'start' });
  const source = await openCopySource(from, {
    store,
    registries,
    env,
    cwd,
    onEvent,
    signal,
    platform: options.platform === undefined ? undefined : parsePlatform(options.platform),
    compression: keepsDigests(destination) ? { algorithm: 'gzip', level: 6 } : { algorithm: 'none', level: 0 },
  });
  try {
    const copied = keepsDigests(destination)
      ? await copyWhole(source, destination, options)
      : await writeForm(source, destination, options);
    onEvent?.({ type: 'phase', phase: 'write', state: 'end' });
    return copied;
  } finally {
    await source.close();
  }
}

/** Places to which an image goes blob by blob. */
function keepsDigests({ type }: ImageLocation): boolean {
  return type === 'store' || type === 'oci' || type === 'registry';
}

async function copyWhole(
  { blobs, root, tag: sourceTag }: CopySource,
  location: ImageLocation,
  options: CopyImageOptions & Surroundings,
): Promise<CopyResult> {
  const { store, onEvent, signal, referrers = true } = options;
  const destination = await openDestination(location, { ...options, root, tag: sourceTag });
  try {
    const { memo } = store;
    const report = await copy(blobs, destination.target, { root, referrers, memo, through: store, onEvent, signal });
    await destination.tag(root);
    return {
      reference: destination.name,
      digest: root.digest,
      mediaType: root.mediaType,
      platforms: await platformsOf({ blobs: isFileBacked(blobs) ? blobs : destination.target, root }),
      blobs: summaryOf(report),
      bytes: report.copiedBytes,
      referrers: report.referrers,
      note: undefined,
    };
  } finally {
    await destination.close();
  }
}

/** Archives, engines, file trees: they are written from the local store, as a build writes them. */
async function writeForm(
  source: CopySource,
  location: ImageLocation,
  options: CopyImageOptions & Surroundings,
): Promise<CopyResult> {
  const { store, registries, env, cwd, onEvent, signal, all } = options;
  const { blobs } = source;
  const isWhole = location.type === 'oci-archive';
  const { manifest, note } = isWhole
    ? { manifest: source.root, note: undefined }
    : await pickManifest(blobs, source.root, { platform: undefined, what: 'this form' });
  if (all === true && note !== undefined) throw holdsOne(location, note);
  const root = bareDescriptor(manifest);
  if (blobs !== store) await copy(blobs, store, { root, memo: store.memo, onEvent, signal });
  const references = source.reference === undefined ? [] : [source.reference];
  const isNameless = location.type === 'oci-archive' && location.tag === undefined && source.tag !== undefined;
  const exported = await exportImage(isNameless ? { ...location, tag: source.tag } : location, {
    store,
    root,
    registries,
    references,
    env,
    cwd,
    onEvent,
    signal,
  });
  const notes = [note, exported.note, await papersLeft(source, options)].filter((text) => text !== undefined);
  return {
    reference: formatLocation(location),
    digest: root.digest,
    mediaType: root.mediaType,
    platforms: await platformsOf({ blobs: store, root }),
    blobs: undefined,
    bytes: exported.bytes,
    referrers: 0,
    note: notes.join('; ') || undefined,
  };
}

function summaryOf({ copied, copiedLayers, skipped, mounted }: CopyReport): CopiedBlobs {
  return { sent: copied, layers: copiedLayers, skipped, mounted };
}

async function platformsOf({ blobs, root }: Pick<CopySource, 'blobs' | 'root'>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const manifest of await listManifests(blobs, root)) {
    const platform = manifest.platform ?? (await configuredPlatform(blobs, manifest));
    if (platform !== undefined) found.push(formatPlatform(platform));
  }
  return found;
}

/** What the config says, where no index does; undefined for what is no image. */
async function configuredPlatform(blobs: BlobStore, manifest: Descriptor): Promise<Platform | undefined> {
  const { config } = parseManifest(await readBlob(blobs, manifest), { name: `manifest ${manifest.digest}` });
  return isConfigMediaType(config.mediaType)
    ? platformOfConfig(parseImageConfig(await readBlob(blobs, config)))
    : undefined;
}

async function papersLeft({ blobs, root }: CopySource, { referrers }: CopyImageOptions): Promise<string | undefined> {
  if (referrers === false || !keepsReferrers(blobs)) return undefined;
  const documents = [root, ...(await listManifests(blobs, root))];
  for (const { digest } of documents) {
    if ((await blobs.referrers(digest)).length > 0) return papersLeftNote;
  }
  return undefined;
}

const papersLeftNote =
  'this form carries no SBOM, provenance or signature ("slimimage sbom SOURCE -o FILE" writes an SBOM beside it)';

function holdsOne(location: ImageLocation, note: string): SlimimageError {
  return new SlimimageError({
    code: 'OUTPUT_INVALID',
    message: `${formatLocation(location)} can't hold all platforms: ${note}`,
    hint: 'Leave out --all, choose one with --platform, or copy to docker://, oci:, oci-archive: or store:.',
  });
}
