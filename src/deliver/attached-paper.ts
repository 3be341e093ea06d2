import type { OperationOptions } from '../events.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type PaperKind, paperMark, paperTypes } from '../oci/papers.ts';
import type { ReferrerTarget } from '../store/target.ts';
import { type KnownReferrer, knownReferrers, readPaper } from './known-referrers.ts';

export interface AttachedPapers {
  /** In the order of `paperTypes`. */
  readonly kinds: readonly PaperKind[];
  /**
   * The document of that kind: slimimage's own before those of other tools. Undefined where there is none.
   * @throws SlimimageError LIMIT_EXCEEDED beyond `limits.paperBytes`, DIGEST_MISMATCH, and what reading the target brings about
   */
  read(kind: PaperKind): Promise<Uint8Array | undefined>;
}

/** The papers that speak of `subject`: their manifests name it themselves, whatever a list says. */
export async function attachedPapers(
  target: ReferrerTarget,
  subject: Descriptor,
  options: OperationOptions,
): Promise<AttachedPapers> {
  const known = await knownReferrers(target, subject, options);
  const ofKind = (kind: PaperKind) =>
    known.filter(({ manifest }) => manifest.artifactType === paperTypes[kind].mediaType);
  return {
    kinds: (Object.keys(paperTypes) as PaperKind[]).filter((kind) => ofKind(kind).length > 0),
    async read(kind) {
      const isOwn = ({ manifest }: KnownReferrer) => manifest.annotations?.[paperMark] === kind;
      const found = ofKind(kind);
      for (const { manifest } of [...found.filter(isOwn), ...found.filter((one) => !isOwn(one))]) {
        const document = manifest.layers.find(({ mediaType }) => mediaType === paperTypes[kind].mediaType);
        if (document !== undefined) return readPaper(target, document);
      }
      return undefined;
    },
  };
}
