import { SlimimageError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ImageConfig } from '../oci/documents.ts';
import { platformOfConfig } from '../oci/encode.ts';
import { documentKind } from '../oci/media-types.ts';
import { parseIndex } from '../oci/parse.ts';
import { formatPlatform, type Platform, selectPlatform } from '../oci/platform.ts';
import { readBlob } from '../store/read-document.ts';
import type { BlobStore } from '../store/types.ts';
import { hostPlatform } from './host-platform.ts';

/** Indexes of indexes; real images have one or two levels. */
const maxNesting = 8;

/**
 * The manifest that is meant: of an index the wanted platform's, else the only one, else the host's.
 * @throws SlimimageError PLATFORM_UNAVAILABLE, OCI_INVALID
 */
export async function chooseManifest(
  blobs: BlobStore,
  root: Descriptor,
  options: { readonly platform?: Platform | undefined; readonly name: string },
): Promise<Descriptor> {
  return chooseAmong(await listManifests(blobs, root), options);
}

/** Of the manifests of an image, the one that is meant. @throws SlimimageError as chooseManifest */
export function chooseAmong<T extends { readonly platform?: Platform | undefined }>(
  manifests: readonly T[],
  options: { readonly platform?: Platform | undefined; readonly name: string },
): T {
  const [first] = manifests;
  if (first === undefined) throw new SlimimageError({ code: 'OCI_INVALID', message: `${options.name} holds no image` });
  // Without a platform beside it, a manifest's config says it: the caller checks that.
  if (manifests.length === 1 && (options.platform === undefined || first.platform === undefined)) return first;
  const found = selectPlatform(manifests, options.platform ?? hostPlatform());
  if (found !== undefined) return found;
  throw unavailable(
    options.name,
    options.platform ?? hostPlatform(),
    manifests.map(({ platform }) => platform),
  );
}

/** Refuses an image whose config names another platform than the wanted one. */
export function checkPlatform(config: ImageConfig, wanted: Platform | undefined, name: string): void {
  const platform = platformOfConfig(config);
  if (wanted !== undefined && selectPlatform([{ platform }], wanted) === undefined) {
    throw unavailable(name, wanted, [platform]);
  }
}

/** The manifests of images below a document, in order; attestations (which claim to run on "unknown") left out. */
export async function listManifests(blobs: BlobStore, root: Descriptor, depth = 0): Promise<readonly Descriptor[]> {
  const kind = documentKind(root.mediaType);
  if (kind === 'manifest') return root.platform?.os === 'unknown' ? [] : [root];
  if (kind === undefined) return [];
  if (depth > maxNesting)
    throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message: `${root.digest} is nested too deep` });
  const index = parseIndex(await readBlob(blobs, root), { name: `index ${root.digest}` });
  const found: Descriptor[] = [];
  for (const descriptor of index.manifests) found.push(...(await listManifests(blobs, descriptor, depth + 1)));
  return found;
}

function unavailable(name: string, wanted: Platform, there: readonly (Platform | undefined)[]): SlimimageError {
  const names = there.map((platform) => (platform === undefined ? 'unnamed' : formatPlatform(platform)));
  return new SlimimageError({
    code: 'PLATFORM_UNAVAILABLE',
    message: `${name} has no image for ${formatPlatform(wanted)}`,
    hint: `It has: ${[...new Set(names)].join(', ')}. Choose one with --platform.`,
  });
}
