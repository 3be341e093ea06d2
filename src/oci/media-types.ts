import type { Compression } from './compression.ts';

/** OCI image-spec, media-types.md, and Docker's image manifest version 2, schema 2. */
export const mediaTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
} as const;

const layerAlgorithms: Readonly<Record<string, Compression['algorithm']>> = {
  [mediaTypes.ociLayer]: 'none',
  [mediaTypes.ociLayerGzip]: 'gzip',
  [mediaTypes.ociLayerZstd]: 'zstd',
  [mediaTypes.dockerLayer]: 'none',
  [mediaTypes.dockerLayerGzip]: 'gzip',
  [mediaTypes.dockerLayerZstd]: 'zstd',
  'application/vnd.oci.image.layer.nondistributable.v1.tar': 'none',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip': 'gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd': 'zstd',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip': 'gzip',
};

/** OCI image-spec, layer.md, "Non-Distributable Layers", and what Docker calls foreign. */
const nonDistributable: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.foreign.diff.tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
]);

const layerTypes = {
  none: mediaTypes.ociLayer,
  gzip: mediaTypes.ociLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
} as const satisfies Record<Compression['algorithm'], string>;

/** What a document of this type is, or undefined for a blob without successors. */
export function documentKind(mediaType: string): 'index' | 'manifest' | undefined {
  if (mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerIndex) return 'index';
  if (mediaType === mediaTypes.ociManifest || mediaType === mediaTypes.dockerManifest) return 'manifest';
  return undefined;
}

/** How a layer of this type is compressed; undefined where it is no layer type that slimimage knows. */
export function layerAlgorithm(mediaType: string): Compression['algorithm'] | undefined {
  return Object.hasOwn(layerAlgorithms, mediaType) ? layerAlgorithms[mediaType] : undefined;
}

/** Whether nobody but its publisher may give a layer of this type away: those of Windows, for one. */
export function isNonDistributable(mediaType: string): boolean {
  return nonDistributable.has(mediaType);
}

export function layerMediaType(algorithm: Compression['algorithm']): string {
  return layerTypes[algorithm];
}

export function isConfigMediaType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociConfig || mediaType === mediaTypes.dockerConfig;
}
