import { emptyConfig, encodeArtifact } from '../../oci/artifact.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type PaperKind, paperDate, paperMark, paperTypes, sigstoreBundleType } from '../../oci/papers.ts';
import type { LocalStore } from '../../store/local-store.ts';
import type { Attachment, MadePaper } from './types.ts';

export interface PaperDocument {
  readonly kind: PaperKind;
  readonly platform: string | undefined;
  readonly bytes: Uint8Array;
  /** What it speaks of. */
  readonly subjects: readonly Descriptor[];
  /** Of the newest Release that it was made from, ISO 8601 UTC; undefined where that is no matter. */
  readonly date?: string | undefined;
}

/** Writes a paper and the manifests that attach it into the local store. It is known as a referrer once `referPaper` says so. */
export async function storePaper(document: PaperDocument, store: LocalStore): Promise<MadePaper> {
  const { kind, platform, bytes, subjects, date } = document;
  const annotations = { [paperMark]: kind, ...(date === undefined ? {} : { [paperDate]: date }) };
  const { mediaType } = paperTypes[kind];
  const blob = { mediaType, ...(await store.write(bytes)) };
  await store.write(emptyConfig.bytes, emptyConfig.descriptor);
  const attachments: Attachment[] = [];
  for (const { mediaType: type, digest, size } of subjects) {
    const subject = { mediaType: type, digest, size };
    const artifact = encodeArtifact({ artifactType: mediaType, blob, subject, annotations });
    await store.write(artifact.bytes, artifact.descriptor);
    attachments.push({ artifact: artifact.descriptor, subject });
  }
  return { kind, platform, blob, attachments };
}

/** Whether store and lists of referrers still have all of it. */
export async function isWhole({ blob, attachments }: MadePaper, store: LocalStore): Promise<boolean> {
  if ((await store.size(blob.digest)) !== blob.size || !(await store.has(emptyConfig.descriptor.digest))) return false;
  for (const { artifact } of attachments) if ((await store.size(artifact.digest)) !== artifact.size) return false;
  return true;
}

/**
 * Makes papers known as referrers of what they speak of, in the place of all that earlier builds of the same image attached: what
 * this build was not asked for does not go along with it. Signatures of papers that are replaced go too. What others attached stays.
 * @param options.image everything that the image is: its manifests, and its index where it has one
 */
export async function referPapers(
  papers: readonly MadePaper[],
  { image, store }: { readonly image: readonly Descriptor[]; readonly store: LocalStore },
): Promise<void> {
  const attachments = papers.flatMap((paper) => paper.attachments);
  const wanted = new Set(attachments.map(({ artifact }) => artifact.digest));
  for (const subject of new Map(image.map((one) => [one.digest, one])).values()) {
    const known = await store.referrers(subject.digest);
    const there = new Set(known.map(({ digest }) => digest));
    for (const { artifact, subject: of } of attachments) {
      if (of.digest === subject.digest && !there.has(artifact.digest)) await store.refer(artifact, of);
    }
    const replaced = known.filter(
      ({ digest, annotations }) => annotations?.[paperMark] !== undefined && !wanted.has(digest),
    );
    if (replaced.length === 0) continue;
    for (const { digest } of [...replaced, ...(await signaturesOf(replaced, { subject, known, store }))])
      await store.unrefer(digest, subject.digest);
  }
}

interface Referred {
  readonly subject: Descriptor;
  /** What refers to it. */
  readonly known: readonly Descriptor[];
  readonly store: LocalStore;
}

/** Bundles that say exactly what those papers say. */
async function signaturesOf(
  papers: readonly Descriptor[],
  { subject, known, store }: Referred,
): Promise<readonly Descriptor[]> {
  const bundles = known.filter(({ artifactType }) => artifactType === sigstoreBundleType);
  if (bundles.length === 0) return [];
  const { bundlesOf } = await import('../../deliver/paper-bundles.ts');
  return bundlesOf(papers, { subject, bundles, store });
}
