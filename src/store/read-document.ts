import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ImageIndex, Manifest } from '../oci/documents.ts';
import { documentKind } from '../oci/media-types.ts';
import { parseIndex, parseJson, parseManifest } from '../oci/parse.ts';
import type { BlobStore } from './types.ts';

/**
 * A small blob as bytes, held against its descriptor.
 * @throws SlimimageError LIMIT_EXCEEDED beyond `maxBytes` (default `limits.ociDocumentBytes`), STORE, DIGEST_MISMATCH
 */
export async function readBlob(store: BlobStore, descriptor: Descriptor, maxBytes?: number): Promise<Uint8Array> {
  const limit = maxBytes ?? limits.ociDocumentBytes;
  if (descriptor.size > limit) {
    const message = `${descriptor.digest} is larger than ${limit} bytes`;
    throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message });
  }
  const bytes = new Uint8Array(descriptor.size);
  let used = 0;
  for await (const chunk of store.open(descriptor.digest, descriptor.mediaType)) {
    if (used + chunk.length > bytes.length) throw wrongSize(descriptor);
    bytes.set(chunk, used);
    used += chunk.length;
  }
  if (used !== bytes.length) throw wrongSize(descriptor);
  return bytes;
}

/** The manifest or index that a descriptor points to, whichever it turns out to be where the type does not say. */
export async function readDocument(store: BlobStore, descriptor: Descriptor): Promise<Manifest | ImageIndex> {
  const bytes = await readBlob(store, descriptor);
  const name = `document ${descriptor.digest}`;
  const value = parseJson(bytes, name, {});
  const isIndex = typeof value === 'object' && value !== null && 'manifests' in value;
  return isIndex ? parseIndex(bytes, { name }) : parseManifest(bytes, { name });
}

/** What a blob points to; nothing for configs, layers and other leaves. */
export async function readSuccessors(store: BlobStore, descriptor: Descriptor): Promise<readonly Descriptor[]> {
  const kind = documentKind(descriptor.mediaType);
  if (kind === undefined) return [];
  return parseSuccessors(await readBlob(store, descriptor), descriptor);
}

/** What a document points to, from its bytes. @throws SlimimageError OCI_INVALID */
export function parseSuccessors(bytes: Uint8Array, { mediaType, digest }: Descriptor): readonly Descriptor[] {
  const kind = documentKind(mediaType);
  const name = `${kind} ${digest}`;
  if (kind === 'index') return parseIndex(bytes, { name }).manifests;
  const manifest = parseManifest(bytes, { name });
  return [manifest.config, ...manifest.layers];
}

function wrongSize(descriptor: Descriptor): SlimimageError {
  return new SlimimageError({
    code: 'DIGEST_MISMATCH',
    message: `${descriptor.digest} has not the ${descriptor.size} bytes that its descriptor promises`,
  });
}
