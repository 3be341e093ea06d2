import { resolve } from 'node:path';
import { type ArchiveFileOptions, withTar } from '../image/archive-file.ts';
import { ArchiveLayout } from '../image/archive-layout.ts';
import { listManifests } from '../image/choose-platform.ts';
import { annotationKeys } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../util/digest.ts';

/**
 * Manifests by which papers may name what a `docker-archive:` holds: the form itself has none, but its newer kind is a layout as well, and
 * says which manifest it was written from. [] for the older kind.
 * @throws SlimimageError OCI_INVALID, TAR_INVALID, LIMIT_EXCEEDED, IO
 */
export async function archivedManifests(
  file: string,
  { cwd, ...options }: ArchiveFileOptions & { readonly cwd: string },
): Promise<readonly Digest[]> {
  return withTar(resolve(cwd, file), options, async (tar, close) => {
    if (tar.member('oci-layout') === undefined || tar.member('index.json') === undefined) {
      await close();
      return [];
    }
    const layout = await ArchiveLayout.open(tar);
    const digests: Digest[] = [];
    for (const entry of layout.entries()) {
      for (const { digest } of await listManifests(layout, entry)) digests.push(digest);
      const from = entry.annotations?.[annotationKeys.convertedFrom];
      if (from !== undefined && isDigest(from)) digests.push(from);
    }
    await close();
    return [...new Set(digests)];
  });
}
