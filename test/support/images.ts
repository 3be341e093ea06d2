import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Compression } from '../../src/oci/compression.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { encodeImageConfig, encodeIndex, encodeManifest, withPlatform } from '../../src/oci/encode.ts';
import { layerMediaType } from '../../src/oci/media-types.ts';
import { parsePlatform } from '../../src/oci/platform.ts';
import type { BlobStore } from '../../src/store/types.ts';
import { digestOf } from '../../src/util/digest.ts';
import { type DebFile, makeTar } from './deb.ts';

/** The entries of one layer: names with a trailing slash are folders. */
export type SampleLayer = readonly (readonly [name: string, file: DebFile])[];

export interface SampleImage {
  readonly layers: readonly SampleLayer[];
  readonly compression?: Compression['algorithm'];
  readonly platform?: string;
  /** What it runs; undefined: nothing is said. */
  readonly cmd?: readonly string[];
}

/** Writes an image made of literals into a store; returns its manifest, with its platform. */
export async function putSampleImage(store: BlobStore, image: SampleImage): Promise<Descriptor> {
  const { compression = 'gzip', platform: text = 'linux/amd64', cmd } = image;
  const platform = parsePlatform(text);
  const tars = image.layers.map((layer) => makeTar(layer));
  const layers = [];
  for (const tar of tars) {
    layers.push({ mediaType: layerMediaType(compression), ...(await store.write(compressors[compression](tar))) });
  }
  const config = encodeImageConfig({
    ...platform,
    created: '2025-01-01T00:00:00Z',
    config: { ...(cmd === undefined ? {} : { Cmd: cmd }), Env: ['PATH=/usr/bin:/bin'], User: '65532' },
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
    history: tars.map(() => ({ created: '2025-01-01T00:00:00Z', created_by: 'sample' })),
  });
  await store.write(config.bytes);
  const manifest = encodeManifest({ config: config.descriptor, layers });
  await store.write(manifest.bytes);
  return withPlatform(manifest.descriptor, platform);
}

/** Writes an index of images for several platforms. */
export async function putSampleIndex(store: BlobStore, images: readonly SampleImage[]): Promise<Descriptor> {
  const manifests = [];
  for (const image of images) manifests.push(await putSampleImage(store, image));
  const index = encodeIndex({ manifests });
  await store.write(index.bytes);
  return index.descriptor;
}

const compressors = {
  none: (tar: Uint8Array) => tar,
  gzip: (tar: Uint8Array) => gzipSync(tar),
  zstd: (tar: Uint8Array) => zstdCompressSync(tar),
} as const;

/**
 * Two layers with everything that a layer can say; the last two entries are legal, but more than Docker's storage drivers can
 * do: they unpack each layer alone, where the lower one's file and link are not there.
 */
export const variedLayers: readonly SampleLayer[] = [
  [
    ['etc/', ''],
    ['etc/passwd', 'root:x:0:0::/root:/bin/sh\n'],
    ['etc/gone', 'soon'],
    ['usr/', ''],
    ['usr/bin/', ''],
    ['usr/bin/tool', { content: 'tool\n', mode: 0o4755 }],
    ['usr/bin/again', { type: 'hardlink', linkTarget: './usr/bin/tool' }],
    ['usr/bin/empty', ''],
    ['usr/bin/big', 'x'.repeat(300_000)],
    ['bin', { type: 'symlink', linkTarget: 'usr/bin' }],
    ['opt/', ''],
    ['opt/old/', ''],
    ['opt/old/file', 'old'],
    [`usr/${'long-name-'.repeat(12)}é`, 'long'],
    ['tmp/', { mode: 0o1777 }],
  ],
  [
    ['etc/', { mode: 0o700, uid: 10, gid: 20 }],
    ['etc/.wh.gone', ''],
    ['etc/passwd', 'root:x:0:0::/root:/bin/bash\n'],
    ['opt/', ''],
    ['opt/.wh..wh..opq', ''],
    ['opt/new', 'new'],
    ['usr/bin/third', { type: 'hardlink', linkTarget: 'usr/bin/tool' }],
    ['bin/through', 'written through a link'],
  ],
];

/** The same without what Docker can't do. */
export const loadableLayers: readonly SampleLayer[] = variedLayers.map((layer) =>
  layer.filter(([name]) => name !== 'usr/bin/third' && name !== 'bin/through'),
);
