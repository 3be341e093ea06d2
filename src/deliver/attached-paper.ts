import { SlimimageError } from '../errors.ts';
import type { OperationOptions } from '../events.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Manifest } from '../oci/documents.ts';
import { type PaperKind, paperDate, paperMark, paperTypes } from '../oci/papers.ts';
import type { ReferrerTarget } from '../store/target.ts';
import { type Digest, hexOf } from '../util/digest.ts';
import { compareStrings } from '../util/text.ts';
import {
  type KnownReferrer,
  knownReferrers,
  readReferrerBlob,
  readReferrers,
  usableOrNone,
} from './known-referrers.ts';

export interface WantedPaper {
  readonly kind: PaperKind;
  readonly subject: Descriptor;
  /** Referrers of the subject that are preferred to others of their kind: those that the local store knows. */
  readonly known?: ReadonlySet<Digest> | undefined;
}

/**
 * The document of that kind which speaks of `subject`, and names it by its digest. Of several the first of: what the local store knows,
 * what slimimage attached, the newest Release that it was made from, the lowest digest. What is damaged or speaks of something else is
 * passed over with a warning, so that nobody who may write to a registry can hide a good one. An image may have a provenance of every night:
 * one is enough, and no other is read.
 * @throws SlimimageError DIGEST_MISMATCH where there is none but what is damaged, and what reading the target brings about
 */
export async function readAttached(
  target: ReferrerTarget,
  wanted: WantedPaper,
  options: OperationOptions,
): Promise<Uint8Array | undefined> {
  const { kind, subject } = wanted;
  const listed = (await target.referrers(subject.digest)).toSorted(inOrderOf(wanted));
  const passedOver: string[] = [];
  const read = async ({ descriptor, manifest }: KnownReferrer) => {
    const bytes = await usableDocument(target, { manifest, wanted });
    if (bytes !== undefined) return bytes;
    passedOver.push(descriptor.digest);
    const message = `The ${kind} in ${descriptor.digest} is damaged or does not name ${subject.digest}: it is passed over`;
    options.onEvent?.({ type: 'warning', message });
    return undefined;
  };
  const foreign: KnownReferrer[] = [];
  for await (const one of readReferrers(target, listed, { ...options, subject })) {
    if (documentOf(one.manifest, kind) === undefined) continue;
    // The list may have lost the mark, the manifest has it.
    if (!isMarked(one.manifest, kind)) {
      foreign.push(one);
      continue;
    }
    const bytes = await read(one);
    if (bytes !== undefined) return bytes;
  }
  for (const one of foreign) {
    const bytes = await read(one);
    if (bytes !== undefined) return bytes;
  }
  if (passedOver.length > 0) throw noneGood(wanted, passedOver);
  return undefined;
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

function inOrderOf({ kind, known }: WantedPaper): (a: Descriptor, b: Descriptor) => number {
  const rank = (one: Descriptor) => (isMarked(one, kind) ? (known?.has(one.digest) === true ? 0 : 1) : 2);
  const date = ({ annotations }: Descriptor) => annotations?.[paperDate] ?? '';
  return (a, b) => rank(a) - rank(b) || compareStrings(date(b), date(a)) || compareStrings(a.digest, b.digest);
}

function isMarked({ annotations }: Pick<Descriptor, 'annotations'>, kind: PaperKind): boolean {
  return annotations?.[paperMark] === kind;
}

function documentOf({ artifactType, layers }: Manifest, kind: PaperKind): Descriptor | undefined {
  const { mediaType } = paperTypes[kind];
  return artifactType === mediaType ? layers.find((layer) => layer.mediaType === mediaType) : undefined;
}

/** Undefined where it is damaged, or has no word of the subject. */
async function usableDocument(
  target: ReferrerTarget,
  { manifest, wanted }: { readonly manifest: Manifest; readonly wanted: WantedPaper },
): Promise<Uint8Array | undefined> {
  const document = documentOf(manifest, wanted.kind);
  const bytes = document && (await usableOrNone(() => readReferrerBlob(target, document)));
  return bytes !== undefined && Buffer.from(bytes).includes(hexOf(wanted.subject.digest)) ? bytes : undefined;
}

function noneGood({ kind, subject }: WantedPaper, passedOver: readonly string[]): SlimimageError {
  return new SlimimageError({
    code: 'DIGEST_MISMATCH',
    message: `What is attached to ${subject.digest} as its ${kind} is damaged or does not name it: ${passedOver.slice(0, 3).join(', ')}`,
    hint: 'Build the image again where it was built, and push or copy it: its papers go along.',
  });
}
