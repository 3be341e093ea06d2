import { emptyConfig, encodeArtifact } from '../../oci/artifact.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type PaperKind, paperMark, paperTypes } from '../../oci/papers.ts';
import type { LocalStore } from '../../store/local-store.ts';
import type { Attachment, MadePaper } from './types.ts';

export interface PaperDocument {
  readonly kind: PaperKind;
  readonly platform: string | undefined;
  readonly bytes: Uint8Array;
  /** What it speaks of. */
  readonly subjects: readonly Descriptor[];
}

/** Writes a paper and the manifests that attach it into the local store. It is known as a referrer once `referPaper` says so. */
export async function storePaper(document: PaperDocument, store: LocalStore): Promise<MadePaper> {
  const { kind, platform, bytes, subjects } = document;
  const { mediaType } = paperTypes[kind];
  const blob = { mediaType, ...(await store.write(bytes)) };
  await store.write(emptyConfig.bytes, emptyConfig.descriptor);
  const attachments: Attachment[] = [];
  for (const { mediaType: type, digest, size } of subjects) {
    const subject = { mediaType: type, digest, size };
    const artifact = encodeArtifact({ artifactType: mediaType, blob, subject, annotations: { [paperMark]: kind } });
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
 * Makes papers known as referrers of what they speak of, in the place of those of the same kind that earlier builds of the
 * same image attached. Papers and signatures of others stay.
 */
export async function referPapers(papers: readonly MadePaper[], store: LocalStore): Promise<void> {
  const attachments = papers.flatMap((paper) => paper.attachments);
  const kinds = new Set<string>(papers.map(({ kind }) => kind));
  const wanted = new Set(attachments.map(({ artifact }) => artifact.digest));
  for (const subject of new Map(attachments.map((one) => [one.subject.digest, one.subject])).values()) {
    const known = await store.referrers(subject.digest);
    const there = new Set(known.map(({ digest }) => digest));
    for (const { artifact, subject: of } of attachments) {
      if (of.digest === subject.digest && !there.has(artifact.digest)) await store.refer(artifact, subject);
    }
    for (const { digest, annotations } of known) {
      if (kinds.has(annotations?.[paperMark] ?? '') && !wanted.has(digest)) await store.unrefer(digest, subject.digest);
    }
  }
}
