import type { Descriptor } from '../oci/descriptor.ts';
import { encodeDocument } from '../oci/encode.ts';
import { layerAlgorithm, mediaTypes } from '../oci/media-types.ts';
import { parseManifest } from '../oci/parse.ts';
import { readBlob } from '../store/read-document.ts';
import type { BlobStore } from '../store/types.ts';
import { uncompressedLayer } from './layer-stream.ts';

/**
 * The image as every engine loads it: layers compressed with zstd, which Docker before 23 takes for broken tars, become plain tars. The image
 * stays the same (config and diff IDs), its manifest does not. What is new is written to the store.
 *
 * @returns the manifest itself where nothing has to change
 */
export async function loadableForm(
  store: BlobStore,
  descriptor: Descriptor,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Descriptor> {
  const manifest = parseManifest(await readBlob(store, descriptor), { name: `manifest ${descriptor.digest}` });
  if (!manifest.layers.some(isZstd)) return descriptor;
  const layers: Descriptor[] = [];
  for (const layer of manifest.layers) {
    if (!isZstd(layer)) {
      layers.push(layer);
      continue;
    }
    const what = `layer ${layer.digest}`;
    const stored = await store.write(uncompressedLayer(store.open(layer.digest), { what, signal: options.signal }));
    const mediaType = layer.mediaType === mediaTypes.dockerLayerZstd ? mediaTypes.dockerLayer : mediaTypes.ociLayer;
    layers.push({ mediaType, ...stored });
  }
  const plain = encodeDocument({ ...manifest, layers }, descriptor.mediaType);
  await store.write(plain.bytes);
  return plain.descriptor;
}

/** Whether an image has layers that older engines can't load. */
export async function keepsZstd(store: BlobStore, descriptor: Descriptor): Promise<boolean> {
  const manifest = parseManifest(await readBlob(store, descriptor), { name: `manifest ${descriptor.digest}` });
  return manifest.layers.some(isZstd);
}

function isZstd(layer: Descriptor): boolean {
  return layerAlgorithm(layer.mediaType) === 'zstd';
}
