import { crc32 } from 'node:zlib';
import { createFragmentCompressor, gzipHeader, gzipTrailer } from '../codecs/fragment.ts';
import { type Compression, compressionName } from '../oci/compression.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ImageConfig } from '../oci/documents.ts';
import { type EncodedDocument, encodeImageConfig, encodeManifest } from '../oci/encode.ts';
import { layerMediaType, mediaTypes } from '../oci/media-types.ts';
import type { Platform } from '../oci/platform.ts';
import type { LocalStore } from '../store/local-store.ts';
import { type Digest, digestOf, isDigest, Sha256 } from '../util/digest.ts';
import { hostPlatform } from './host-platform.ts';
import type { Image, ImageLayer } from './types.ts';

export interface ImportOptions {
  readonly store: LocalStore;
  /** Of the layers; default gzip-6. */
  readonly compression?: Compression | undefined;
  /** Of a bare file tree; default the host's. */
  readonly platform?: Platform | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Blocks of a layer that are compressed at the same time. */
const blocksAhead = 4;

/**
 * Puts an image of a form that keeps no digests into the local store: diff IDs and config stay as they are, layers are compressed anew. A
 * bare file tree becomes an image of one layer without any settings. The same image gives the same bytes each time.
 *
 * @returns its manifest
 * @throws SlimimageError what reading the image and writing to the store bring about
 */
export async function importImage(image: Image, options: ImportOptions): Promise<Descriptor> {
  const { store } = options;
  const layers: ImportedLayer[] = [];
  for (const layer of image.layers) layers.push(await importLayer(layer, options));
  const config = configOf(image, layers, options.platform);
  await store.write(config.bytes, config.descriptor);
  const manifest = encodeManifest({
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  });
  await store.write(manifest.bytes, manifest.descriptor);
  return manifest.descriptor;
}

interface ImportedLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

async function importLayer(layer: ImageLayer, options: ImportOptions): Promise<ImportedLayer> {
  const { store, compression = { algorithm: 'gzip', level: 6 }, signal } = options;
  const key = `${layer.diffId} ${compressionName(compression)}`;
  const known = layer.diffId === undefined ? undefined : await store.memo.get('imported-layers', key);
  const mediaType = layerMediaType(compression.algorithm);
  if (layer.diffId !== undefined && typeof known === 'string' && isDigest(known)) {
    const size = await store.size(known);
    if (size !== undefined) return { descriptor: { mediaType, digest: known, size }, diffId: layer.diffId };
  }
  const plain = new Sha256();
  const stored = await store.write(compressed(layer.open({ signal }), { compression, plain }));
  const diffId = plain.digest();
  await store.memo.set('imported-layers', `${diffId} ${compressionName(compression)}`, stored.digest);
  return { descriptor: { mediaType, ...stored }, diffId };
}

async function* compressed(
  bytes: AsyncIterable<Uint8Array>,
  { compression, plain }: { readonly compression: Compression; readonly plain: Sha256 },
): AsyncGenerator<Uint8Array, void, undefined> {
  const compressor = createFragmentCompressor(compression);
  const isGzip = compression.algorithm === 'gzip';
  const pending: (Uint8Array | Promise<Uint8Array>)[] = [];
  let crc = 0;
  if (isGzip) yield gzipHeader();
  for await (const chunk of bytes) {
    plain.update(chunk);
    if (isGzip) crc = crc32(chunk, crc);
    pending.push(...compressor.push(chunk));
    // Only gzip's blocks are copies: another's are views that the next chunk may overwrite.
    while (pending.length > (isGzip ? blocksAhead : 0))
      yield await (pending.shift() as Uint8Array | Promise<Uint8Array>);
  }
  for (const block of [...pending, ...compressor.finish()]) yield await block;
  if (isGzip) yield gzipTrailer(crc, plain.size);
}

function configOf(image: Image, layers: readonly ImportedLayer[], platform: Platform | undefined): EncodedDocument {
  const { config, configBytes } = image;
  if (configBytes !== undefined) return asConfig(configBytes);
  return encodeImageConfig(config ?? bareConfig(layers, platform ?? hostPlatform()));
}

/** Byte for byte: its digest is the id by which engines know the image. */
function asConfig(bytes: Uint8Array): EncodedDocument {
  return { bytes, descriptor: { mediaType: mediaTypes.ociConfig, digest: digestOf(bytes), size: bytes.length } };
}

/** What `docker import` makes, without the time of day. */
function bareConfig(layers: readonly ImportedLayer[], { os, architecture, variant }: Platform): ImageConfig {
  const created = '1970-01-01T00:00:00Z';
  return {
    created,
    os,
    architecture,
    variant,
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created, created_by: 'slimimage copy', comment: 'a file tree' })),
  };
}
