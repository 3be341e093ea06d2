import { SlimimageError } from '../errors.ts';
import { documentKind, mediaTypes } from '../oci/media-types.ts';

/** What is asked for where a document is: all four kinds, so that no registry converts one for us. */
export const documentTypes = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerIndex,
  mediaTypes.dockerManifest,
].join(', ');

/**
 * What a document (JSON) is by its own words, which its digest covers; a registry's Content-Type says anything.
 * @throws SlimimageError OCI_INVALID where it is neither a manifest nor an index
 */
export function documentTypeOf(document: unknown, name: string): string {
  if (typeof document !== 'object' || document === null) throw unusable(name, 'is neither a manifest nor an index');
  const stated = statedType(document);
  if (stated !== undefined) return stated;
  const own = 'mediaType' in document ? document.mediaType : undefined;
  if ('schemaVersion' in document && document.schemaVersion === 1) {
    throw unusable(name, 'has the first format of Docker, which nothing writes any more: push it anew');
  }
  if (own === undefined && 'manifests' in document) return mediaTypes.ociIndex;
  if (own === undefined && 'layers' in document && 'config' in document) return mediaTypes.ociManifest;
  throw unusable(name, 'is neither a manifest nor an index');
}

/** The type that a document gives itself, where that is one of a manifest or an index. */
export function statedType(document: unknown): string | undefined {
  const { mediaType } = Object(document) as Record<string, unknown>;
  return typeof mediaType === 'string' && documentKind(mediaType) !== undefined ? mediaType : undefined;
}

function unusable(name: string, reason: string): SlimimageError {
  return new SlimimageError({ code: 'OCI_INVALID', message: `${name} ${reason}` });
}
