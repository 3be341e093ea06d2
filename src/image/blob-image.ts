import { SlimimageError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { platformOfConfig } from '../oci/encode.ts';
import { isConfigMediaType, isNonDistributable } from '../oci/media-types.ts';
import { parseImageConfig, parseManifest } from '../oci/parse.ts';
import type { Platform } from '../oci/platform.ts';
import { readBlob } from '../store/read-document.ts';
import type { BlobStore } from '../store/types.ts';
import { type Digest, hexOf } from '../util/digest.ts';
import { checkPlatform, chooseAmong, listManifests } from './choose-platform.ts';
import { uncompressedLayer } from './layer-stream.ts';
import type { Image } from './types.ts';

export interface BlobImageOptions {
  readonly name: string;
  readonly platform?: Platform | undefined;
  readonly close?: (() => Promise<void>) | undefined;
}

/**
 * An image of anything that keeps blobs by digest.
 * @param root a manifest, or an index to choose from
 * @throws SlimimageError OCI_INVALID, PLATFORM_UNAVAILABLE, DIGEST_MISMATCH, STORE
 */
export async function openBlobImage(blobs: BlobStore, root: Descriptor, options: BlobImageOptions): Promise<Image> {
  const { name } = options;
  const manifests = await listManifests(blobs, root);
  const descriptor = chooseAmong(manifests, options);
  const manifest = parseManifest(await readBlob(blobs, descriptor), { name: `manifest ${descriptor.digest}` });
  if (!isConfigMediaType(manifest.config.mediaType)) {
    throw new SlimimageError({
      code: 'OCI_INVALID',
      message: `${name} is not an image: its config is a ${manifest.config.mediaType}`,
    });
  }
  const config = parseImageConfig(await readBlob(blobs, manifest.config), { name: `config ${manifest.config.digest}` });
  checkPlatform(config, options.platform, name);
  const { diff_ids: diffIds } = config.rootfs;
  if (diffIds.length !== manifest.layers.length) {
    throw new SlimimageError({
      code: 'OCI_INVALID',
      message: `${name} is damaged: ${manifest.layers.length} layers, but ${diffIds.length} diff IDs`,
    });
  }
  return {
    name,
    descriptor,
    manifest,
    config,
    platform: platformOfConfig(config),
    otherPlatforms: manifests.flatMap((one) =>
      one === descriptor || one.platform === undefined ? [] : [one.platform],
    ),
    indexDigest: root.digest === descriptor.digest ? undefined : root.digest,
    layers: manifest.layers.map((layer, index) => {
      const what = `layer ${index + 1} of ${manifest.layers.length} of ${name}`;
      return {
        what,
        descriptor: layer,
        diffId: diffIds[index],
        storedSize: layer.size,
        open: (opened) =>
          uncompressedLayer(openLayerBlob(blobs, layer, what), {
            what: `${what} (${layer.digest})`,
            diffId: diffIds[index],
            isHeld: true,
            ...opened,
          }),
        openBlob: () => blobs.open(layer.digest),
      };
    }),
    close: options.close ?? (async () => {}),
  };
}

/** What is not given away with the image is seldom there: its publisher's addresses are all that the image has of it. */
async function* openLayerBlob(
  blobs: BlobStore,
  layer: Descriptor,
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { digest, mediaType, urls = [] } = layer;
  if ((urls.length > 0 || isNonDistributable(mediaType)) && !(await blobs.has(digest, mediaType))) {
    throw new SlimimageError({
      code: 'LAYER_FOREIGN',
      message: `${what} (${digest}) is foreign: the image does not hold it`,
      hint: foreignHint(digest, urls),
    });
  }
  yield* blobs.open(digest);
}

function foreignHint(digest: Digest, urls: readonly string[]): string {
  const pull = 'Pull the image with the engine that it is for, and look at it there (docker-daemon:NAME)';
  if (urls.length === 0) return `It names no address where its publisher offers it. ${pull}.`;
  const file = `blobs/sha256/${hexOf(digest)}`;
  return `Its publisher offers it at ${urls.slice(0, 5).join(', ')}. ${pull}, or lay the file into an oci:DIR as DIR/${file}.`;
}
