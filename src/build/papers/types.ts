import type { Descriptor } from '../../oci/descriptor.ts';
import type { PaperKind } from '../../oci/papers.ts';

/** A paper in the local store, and what it is attached to. */
export interface MadePaper {
  readonly kind: PaperKind;
  /** Of the platform that it speaks of; undefined for provenance, which speaks of all. */
  readonly platform: string | undefined;
  /** The document. */
  readonly blob: Descriptor;
  readonly attachments: readonly Attachment[];
}

export interface Attachment {
  /** The manifest that says so, as lists of referrers have it. */
  readonly artifact: Descriptor;
  /** What the paper speaks of: the image of a platform, or the index. */
  readonly subject: Descriptor;
}
