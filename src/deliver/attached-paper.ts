import type { OperationOptions } from '../events.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type PaperKind, paperMark, paperTypes } from '../oci/papers.ts';
import type { ReferrerTarget } from '../store/target.ts';
import { knownReferrers, readPaper, readReferrers } from './known-referrers.ts';

/**
 * The document of that kind which speaks of `subject`: slimimage's own before those of other tools. Its manifest names the subject
 * itself, whatever a list says. An image may have a provenance of every night: what the list calls so is read first, and one is enough.
 * @throws SlimimageError LIMIT_EXCEEDED beyond `limits.paperBytes`, DIGEST_MISMATCH, and what reading the target brings about
 */
export async function readAttached(
  target: ReferrerTarget,
  { kind, subject }: { readonly kind: PaperKind; readonly subject: Descriptor },
  options: OperationOptions,
): Promise<Uint8Array | undefined> {
  const { mediaType } = paperTypes[kind];
  const isMarked = ({ annotations }: Pick<Descriptor, 'annotations'>) => annotations?.[paperMark] === kind;
  const listed = (await target.referrers(subject.digest)).toSorted((a, b) => Number(isMarked(b)) - Number(isMarked(a)));
  let foreign: Descriptor | undefined;
  for await (const { manifest } of readReferrers(target, listed, { ...options, subject })) {
    const document = manifest.layers.find((layer) => layer.mediaType === mediaType);
    if (manifest.artifactType !== mediaType || document === undefined) continue;
    if (isMarked(manifest)) return readPaper(target, document);
    foreign ??= document;
  }
  return foreign === undefined ? undefined : readPaper(target, foreign);
}

/** Which kinds there are, in the order of `paperTypes`. */
export async function attachedKinds(
  target: ReferrerTarget,
  subject: Descriptor,
  options: OperationOptions,
): Promise<readonly PaperKind[]> {
  const types = new Set((await knownReferrers(target, subject, options)).map(({ manifest }) => manifest.artifactType));
  return (Object.keys(paperTypes) as PaperKind[]).filter((kind) => types.has(paperTypes[kind].mediaType));
}
