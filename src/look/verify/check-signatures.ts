import { readReferrerBlob, usableOrNone } from '../../deliver/known-referrers.ts';
import { paperStatements } from '../../deliver/paper-statements.ts';
import { imageSignatureType } from '../../deliver/sign.ts';
import { sigstoreBundleType } from '../../oci/papers.ts';
import { parseJson } from '../../oci/parse.ts';
import { member } from '../../signing/members.ts';
import { type ReadBundle, readBundle, signerOf } from '../../signing/read-bundle.ts';
import type { VerifyingKey } from '../../signing/types.ts';
import type { ReferrerTarget } from '../../store/target.ts';
import { type Digest, hexOf } from '../../util/digest.ts';
import type { Referred } from './find-papers.ts';
import { simpleSignatures } from './simple-signatures.ts';
import { Tally } from './tally.ts';
import type { Claim } from './types.ts';

export interface CheckSignaturesInput {
  /** Undefined where the form keeps no signatures. */
  readonly target: ReferrerTarget | undefined;
  /** The root first, then its platforms. */
  readonly referred: readonly Referred[];
  readonly keys: readonly VerifyingKey[];
}

/** DSSE's name of an in-toto statement (in-toto attestation framework, envelope.md). */
const statementPayload = 'application/vnd.in-toto+json';

/** Signatures of the image and of its papers, held against keys. Of an index one on the index is one on all of it. */
export async function checkSignatures({ target, referred, keys }: CheckSignaturesInput): Promise<readonly Claim[]> {
  const image = new Tally();
  const papers = new Tally();
  const [root] = referred;
  if (target === undefined || root === undefined) return [imageClaim(image, keys, 'this form keeps no signatures')];
  const bundles = await readBundles(target, referred);
  const simple = await simpleSignatures(target, root.subject.digest);
  const ofImage = bundles.filter(
    ({ subject, predicateType }) => subject === root.subject.digest && predicateType === imageSignatureType,
  );
  const count = ofImage.length + simple.length;
  if (keys.length === 0) {
    const there =
      count === 0
        ? 'it has no signature'
        : `${count} ${count === 1 ? 'signature is' : 'signatures are'} there, not checked: give keys with --key`;
    return [imageClaim(image, keys, there)];
  }
  holdImage(image, { digest: root.subject.digest, ofImage, simple, keys });
  for (const { subject, referrers } of referred) {
    for (const { predicateType, statement } of await paperStatements(target, {
      subject,
      known: referrers,
      options: {},
    })) {
      const same = bundles.filter(({ bundle }) => Buffer.compare(bundle.payload, statement) === 0);
      const about = `${predicateType} of ${subject.digest}`;
      if (same.some(({ bundle }) => signerOf(bundle, keys) !== undefined)) papers.proven();
      else if (same.length > 0) papers.failed(about, 'it is signed, but by none of the given keys');
      else papers.unproven(about, 'nobody signed it');
    }
  }
  const claim = papers.claim({
    id: 'paper-signatures',
    claim: 'SBOMs and provenance are signed by one of the given keys',
    by: 'signatures in sigstore bundles attached to the image, over exactly these documents',
    empty: 'it has no papers that slimimage attached',
  });
  return [imageClaim(image, keys), claim];
}

function imageClaim(tally: Tally, keys: readonly VerifyingKey[], reason?: string): Claim {
  // A key is a demand: without a signature it is not met.
  if (keys.length > 0 && reason !== undefined) tally.failed('signature', reason);
  const by =
    keys.length === 0
      ? 'signatures attached to the image'
      : `signatures attached to the image, held against ${keys.map(({ name, hint }) => `${name} (sha256 ${hint})`).join(', ')}`;
  return tally.claim({
    id: 'image-signature',
    claim: 'the image is signed by one of the given keys',
    by,
    empty: reason,
  });
}

interface FoundBundle {
  readonly subject: Digest;
  readonly bundle: ReadBundle;
  readonly predicateType: unknown;
  /** The digests that its statement names. */
  readonly names: readonly unknown[];
  readonly referrer: Digest;
}

async function readBundles(target: ReferrerTarget, referred: readonly Referred[]): Promise<readonly FoundBundle[]> {
  const found: FoundBundle[] = [];
  for (const { subject, referrers } of referred) {
    for (const { manifest, descriptor } of referrers) {
      const blob = manifest.layers.find(({ mediaType }) => mediaType === sigstoreBundleType);
      if (blob === undefined || manifest.artifactType !== sigstoreBundleType) continue;
      const bundle = await usableOrNone(async () => readBundle(await readReferrerBlob(target, blob)));
      if (bundle === undefined) continue;
      const statement = await usableOrNone(async () =>
        parseJson(bundle.payload, 'statement', { maxBytes: bundle.payload.length }),
      );
      const listed: unknown = member(statement, 'subject');
      const names = Array.isArray(listed) ? listed.map((one: unknown) => member(member(one, 'digest'), 'sha256')) : [];
      const predicateType = member(statement, 'predicateType');
      found.push({ subject: subject.digest, bundle, predicateType, names, referrer: descriptor.digest });
    }
  }
  return found;
}

interface HeldImage {
  readonly digest: Digest;
  readonly ofImage: readonly FoundBundle[];
  readonly simple: Awaited<ReturnType<typeof simpleSignatures>>;
  readonly keys: readonly VerifyingKey[];
}

/** One good signature is enough: others may sign too, and whoever may write to the place could else make every check fail. */
function holdImage(tally: Tally, { digest, ofImage, simple, keys }: HeldImage): void {
  const wrong: { readonly about: string; readonly message: string }[] = [];
  for (const { bundle, names, referrer } of ofImage) {
    const problem = bundleProblem({ bundle, names, digest, keys });
    if (problem === undefined) tally.proven();
    else wrong.push({ about: referrer, message: problem });
  }
  for (const { digest: named, signed, from } of simple) {
    const signer = keys.find((key) => signed.signatures.some((signature) => key.verify(signed.payload, signature)));
    if (signer === undefined) wrong.push({ about: from, message: 'it is signed, but by none of the given keys' });
    else if (named !== digest) wrong.push({ about: from, message: 'what is signed is another image' });
    else tally.proven();
  }
  const isProven = ofImage.length + simple.length > wrong.length;
  for (const { about, message } of wrong)
    if (isProven) tally.note(about, message);
    else tally.failed(about, message);
  if (ofImage.length + simple.length === 0) tally.failed('signature', 'nobody signed it');
}

function bundleProblem({
  bundle,
  names,
  digest,
  keys,
}: Pick<FoundBundle, 'bundle' | 'names'> & Pick<HeldImage, 'digest' | 'keys'>): string | undefined {
  if (bundle.payloadType !== statementPayload) return `what is signed is a ${bundle.payloadType.slice(0, 100)}`;
  if (signerOf(bundle, keys) === undefined) return 'it is signed, but by none of the given keys';
  return names.includes(hexOf(digest)) ? undefined : 'what is signed is another image';
}
