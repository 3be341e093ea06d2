import { digestOf } from '../util/digest.ts';
import { encodeUtf8 } from '../util/text.ts';
import { type Annotations, bareDescriptor, type Descriptor } from './descriptor.ts';
import { type EncodedDocument, encodeManifest } from './encode.ts';
import { mediaTypes } from './media-types.ts';

/** The config of a manifest that is no image (OCI image-spec, manifest.md, "Guidance for an Empty Descriptor"). */
export const emptyConfig = {
  bytes: encodeUtf8('{}'),
  descriptor: { mediaType: mediaTypes.ociEmpty, digest: digestOf(encodeUtf8('{}')), size: 2 },
} as const;

export interface ArtifactParts {
  readonly artifactType: string;
  /** What the artifact holds, as one blob. */
  readonly blob: Descriptor;
  /** The document that it speaks of. */
  readonly subject: Descriptor;
  readonly annotations?: Annotations | undefined;
}

/**
 * The manifest of something that speaks of an image: a paper, a signature. Its descriptor carries `artifactType` and the annotations, as
 * lists of referrers have them.
 */
export function encodeArtifact(parts: ArtifactParts): EncodedDocument {
  const { artifactType, blob, annotations } = parts;
  const { bytes, descriptor } = encodeManifest({
    artifactType,
    config: emptyConfig.descriptor,
    layers: [blob],
    subject: bareDescriptor(parts.subject),
    annotations,
  });
  const described = annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations };
  return { bytes, descriptor: { ...descriptor, artifactType, ...described } };
}
