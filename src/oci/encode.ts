import { digestOf } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import { encodeUtf8 } from '../util/text.ts';
import type { Annotations, Descriptor } from './descriptor.ts';
import type { ImageConfig, ImageIndex, Manifest } from './documents.ts';
import { documentKind, mediaTypes } from './media-types.ts';
import { normalizePlatform, type Platform } from './platform.ts';

/** A document as bytes, with the descriptor that points to it. */
export interface EncodedDocument {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

/** Bytes depend on the value alone: keys in code-unit order, no white space. */
export function encodeDocument(value: object, mediaType: string): EncodedDocument {
  const bytes = encodeUtf8(canonicalJson(value));
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

export function encodeImageConfig(config: ImageConfig): EncodedDocument {
  return encodeDocument(config, mediaTypes.ociConfig);
}

export interface ManifestParts {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Annotations | undefined;
  readonly artifactType?: string | undefined;
  readonly subject?: Descriptor | undefined;
}

export function encodeManifest(parts: ManifestParts): EncodedDocument {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: parts.artifactType,
    config: parts.config,
    layers: parts.layers,
    subject: parts.subject,
    annotations: unlessEmpty(parts.annotations),
  };
  return encodeDocument(manifest, mediaTypes.ociManifest);
}

export interface IndexParts {
  /** In the order in which they are written. */
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Annotations | undefined;
  readonly subject?: Descriptor | undefined;
}

export function encodeIndex(parts: IndexParts): EncodedDocument {
  const index: ImageIndex = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: parts.manifests,
    subject: parts.subject,
    annotations: unlessEmpty(parts.annotations),
  };
  return encodeDocument(index, mediaTypes.ociIndex);
}

export function withPlatform(descriptor: Descriptor, platform: Platform): Descriptor {
  return { ...descriptor, platform: normalizePlatform(platform) };
}

/** The platform that a config names. */
export function platformOfConfig(config: ImageConfig): Platform {
  const { os, architecture, variant } = config;
  return normalizePlatform({ os, architecture, variant });
}

/** What a document points to, in the order it names it: manifests of an index; config, then layers of a manifest. */
export function successorsOf(document: Manifest | ImageIndex): readonly Descriptor[] {
  return 'manifests' in document ? document.manifests : [document.config, ...document.layers];
}

export function isDocument(descriptor: Descriptor): boolean {
  return documentKind(descriptor.mediaType) !== undefined;
}

function unlessEmpty(annotations: Annotations | undefined): Annotations | undefined {
  return annotations === undefined || Object.keys(annotations).length === 0 ? undefined : annotations;
}
