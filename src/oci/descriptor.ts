import type { Digest } from '../util/digest.ts';
import type { Platform } from './platform.ts';

/** A pointer to bytes by type, digest and size. OCI image-spec, descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Annotations | undefined;
  readonly platform?: Platform | undefined;
  readonly artifactType?: string | undefined;
  readonly urls?: readonly string[] | undefined;
  /** The bytes themselves in base64. */
  readonly data?: string | undefined;
}

/** As a document that holds it would point to it: names and platforms are said elsewhere. */
export function bareDescriptor({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

export type Annotations = Readonly<Record<string, string>>;

/** Annotation keys that slimimage reads or writes; of the image-spec (annotations.md) unless said. */
export const annotationKeys = {
  refName: 'org.opencontainers.image.ref.name',
  created: 'org.opencontainers.image.created',
  /** containerd's and BuildKit's name of an image in a layout: newer engines name what they load after it. */
  containerdName: 'io.containerd.image.name',
  /** slimimage's own: the manifest of which this one is a form that older engines load. Papers name that one. */
  convertedFrom: 'io.slimimage.converted-from',
} as const;
