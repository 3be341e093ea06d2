/** Signatures of images and of their papers, kept where the image is, as cosign reads them. */
import { emptyConfig, encodeArtifact } from '../oci/artifact.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { documentKind } from '../oci/media-types.ts';
import { sigstoreBundleType } from '../oci/papers.ts';
import { formatPlatform } from '../oci/platform.ts';
import { encodeStatement } from '../provenance/statement.ts';
import { encodeBundle, isBundleOf } from '../signing/bundle.ts';
import type { SigningKey } from '../signing/types.ts';
import { readDocument } from '../store/read-document.ts';
import type { ReferrerTarget } from '../store/target.ts';
import { throwIfAborted } from '../util/abort.ts';
import { type Digest, hexOf } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import { encodeUtf8 } from '../util/text.ts';
import { type KnownReferrer, knownReferrers, readReferrerBlob, usableOrNone } from './known-referrers.ts';
import { type PaperStatementsOptions, paperStatements, type StatementToSign } from './paper-statements.ts';

export interface SignImageOptions extends PaperStatementsOptions {
  readonly key: SigningKey;
  /** False: the image alone, whatever papers it has. Default true: as far as `knownTo` lets them. */
  readonly papers?: boolean | undefined;
}

/** Plain data. */
export interface SignReport {
  /** Of the image that was named. */
  readonly digest: Digest;
  readonly key: Pick<SigningKey, 'scheme' | 'hint' | 'publicKey'>;
  /** The image first, then its platforms in the order of its index; of each the image's own signature, then those of its papers. */
  readonly signatures: readonly ImageSignature[];
}

export interface ImageSignature {
  /** What is spoken of. */
  readonly subject: Digest;
  /** `linux/amd64`; undefined for what is no part of an index. */
  readonly platform: string | undefined;
  /** What is said of it: `https://sigstore.dev/cosign/sign/v1` for the image itself, else the type of the paper. */
  readonly predicateType: string;
  /** The manifest that keeps it, a referrer of the subject. */
  readonly referrer: Digest;
  /** `present`: this key had signed the same before. */
  readonly outcome: 'signed' | 'present';
}

/** What cosign calls a signature of an image, in its bundles. */
export const imageSignatureType = 'https://sigstore.dev/cosign/sign/v1';

/** DSSE's name of an in-toto statement (in-toto attestation framework, envelope.md). */
const payloadType = 'application/vnd.in-toto+json';

/** As cosign writes them. Its `org.opencontainers.image.created` is a clock's. */
const contentKey = 'dev.sigstore.bundle.content';
const predicateKey = 'dev.sigstore.bundle.predicateType';

/**
 * Signs an image, each platform of an index, and the papers that slimimage attached to them. What the key has signed already is not
 * signed again: an ECDSA signature is another one each time.
 * @throws SlimimageError as the target
 */
export async function signImage(
  target: ReferrerTarget,
  subject: Descriptor,
  options: SignImageOptions,
): Promise<SignReport> {
  const { scheme, hint, publicKey } = options.key;
  const signatures: ImageSignature[] = [];
  for (const document of await documentsOf(target, subject)) {
    signatures.push(...(await signDocument(target, document, options)));
  }
  return { digest: subject.digest, key: { scheme, hint, publicKey }, signatures };
}

/** The image, and the platforms of an index as far as the target has them. */
async function documentsOf(target: ReferrerTarget, root: Descriptor): Promise<readonly Descriptor[]> {
  const document = await readDocument(target, root);
  if (!('manifests' in document)) return [root];
  const platforms: Descriptor[] = [];
  for (const entry of document.manifests) {
    if (documentKind(entry.mediaType) !== 'manifest' || isAttestation(entry)) continue;
    if (await target.has(entry.digest, entry.mediaType)) platforms.push(entry);
  }
  return [root, ...platforms];
}

/** BuildKit keeps papers of its own as entries of the index. */
function isAttestation({ annotations }: Descriptor): boolean {
  return annotations?.['vnd.docker.reference.type'] === 'attestation-manifest';
}

async function signDocument(
  target: ReferrerTarget,
  subject: Descriptor,
  options: SignImageOptions,
): Promise<readonly ImageSignature[]> {
  const { key, papers = true, signal } = options;
  const known = await knownReferrers(target, subject, options);
  const statements = [
    imageStatement(subject.digest),
    ...(papers ? await paperStatements(target, { subject, known, options }) : []),
  ];
  const platform = subject.platform && formatPlatform(subject.platform);
  const signatures: ImageSignature[] = [];
  for (const one of statements) {
    throwIfAborted(signal);
    const signed = { payload: one.statement, payloadType };
    const present = await findBundle(target, { one, known, key });
    const referrer = present ?? (await attach(target, { subject, one, bundle: encodeBundle(signed, key) }));
    const outcome = present === undefined ? 'signed' : 'present';
    signatures.push({ subject: subject.digest, platform, predicateType: one.predicateType, referrer, outcome });
  }
  return signatures;
}

function imageStatement(digest: Digest): StatementToSign {
  const subjects = [{ digest: { sha256: hexOf(digest) } }];
  const predicate = encodeUtf8(canonicalJson({}));
  return {
    predicateType: imageSignatureType,
    statement: encodeStatement({ subjects, predicateType: imageSignatureType, predicate }),
  };
}

interface FindBundle {
  readonly one: StatementToSign;
  readonly known: readonly KnownReferrer[];
  readonly key: SigningKey;
}

/** The referrer in which this key has said the same. */
async function findBundle(target: ReferrerTarget, { one, known, key }: FindBundle): Promise<Digest | undefined> {
  const signed = { payload: one.statement, payloadType };
  for (const { descriptor, manifest } of known) {
    const [blob, ...more] = manifest.layers;
    const said = manifest.annotations?.[predicateKey] ?? one.predicateType;
    if (manifest.artifactType !== sigstoreBundleType || said !== one.predicateType) continue;
    if (blob === undefined || more.length > 0) continue;
    const isOurs = await usableOrNone(async () => isBundleOf(await readReferrerBlob(target, blob), { signed, key }));
    if (isOurs === true) return descriptor.digest;
  }
  return undefined;
}

interface Attach {
  readonly subject: Descriptor;
  readonly one: StatementToSign;
  readonly bundle: Uint8Array;
}

async function attach(target: ReferrerTarget, { subject, one, bundle }: Attach): Promise<Digest> {
  const blob = { mediaType: sigstoreBundleType, ...(await target.write(bundle)) };
  const annotations = { [contentKey]: 'dsse-envelope', [predicateKey]: one.predicateType };
  const { bytes, descriptor } = encodeArtifact({ artifactType: sigstoreBundleType, blob, subject, annotations });
  await target.write(emptyConfig.bytes, emptyConfig.descriptor);
  await target.write(bytes, descriptor);
  await target.refer(descriptor, subject);
  return descriptor.digest;
}
