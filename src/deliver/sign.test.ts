import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import type { SlimimageEvent } from '../events.ts';
import { emptyConfig, encodeArtifact } from '../oci/artifact.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { encodeImageConfig, encodeIndex, encodeManifest, withPlatform } from '../oci/encode.ts';
import { type PaperKind, paperMark, paperTypes, sigstoreBundleType } from '../oci/papers.ts';
import { parseManifest } from '../oci/parse.ts';
import { signingKey } from '../signing/signing-key.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { readBlob } from '../store/read-document.ts';
import type { Digest } from '../util/digest.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import { type SignReport, signImage } from './sign.ts';

const newKey = () => signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'The key');
const key = newKey();

test('an image is signed once by a key, and once more by another', async () => {
  const store = new MemoryStore();
  const image = await putImage(store, 'amd64');
  const first = await signImage(store, image, { key });
  assert.deepEqual(lines(first, { image: image.digest }), ['image linux/amd64 cosign/sign/v1 signed']);
  const again = await signImage(store, image, { key });
  assert.deepEqual(lines(again, { image: image.digest }), ['image linux/amd64 cosign/sign/v1 present']);
  assert.equal(again.signatures[0]?.referrer, first.signatures[0]?.referrer);
  assert.equal((await store.referrers(image.digest)).length, 1);
  await signImage(store, image, { key: newKey() });
  assert.equal((await store.referrers(image.digest)).length, 2);
});

test('who stops it is told so, and nothing is signed', async () => {
  const store = new MemoryStore();
  const image = await putImage(store, 'amd64');
  await assert.rejects(signImage(store, image, { key, signal: AbortSignal.abort() }), (error) =>
    isSlimimageError(error, 'ABORTED'),
  );
  assert.deepEqual(await store.referrers(image.digest), []);
});

test('what cosign writes: a bundle as a referrer, and in it a statement of the digest', async () => {
  const store = new MemoryStore();
  const image = await putImage(store, 'amd64');
  const { signatures } = await signImage(store, image, { key });
  const [descriptor] = await store.referrers(image.digest, sigstoreBundleType);
  assert.equal(descriptor?.digest, signatures[0]?.referrer);
  assert.ok(descriptor);
  const manifest = parseManifest(await readBlob(store, descriptor));
  assert.deepEqual(manifest.annotations, {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1',
  });
  const [blob] = manifest.layers;
  assert.equal(blob?.mediaType, sigstoreBundleType);
  assert.deepEqual(await statementIn(store, blob), {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: image.digest.slice(7) } }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
  });
});

test('of an index each platform that is there is signed too, with its papers', async () => {
  const store = new MemoryStore();
  const amd64 = await putImage(store, 'amd64');
  const arm64 = await putImage(store, 'arm64');
  const elsewhere = await putImage(new MemoryStore(), 's390x');
  const index = encodeIndex({ manifests: [amd64, arm64, elsewhere] });
  await store.write(index.bytes);
  await putPaper(store, { kind: 'spdx', subject: arm64, text: bill(arm64) });
  await putPaper(store, { kind: 'cyclonedx', subject: arm64, text: bill(arm64) });
  const report = await signImage(store, index.descriptor, { key });
  const names = { index: index.descriptor.digest, amd64: amd64.digest, arm64: arm64.digest };
  assert.deepEqual(lines(report, names).sort(), [
    'amd64 linux/amd64 cosign/sign/v1 signed',
    'arm64 linux/arm64 cosign/sign/v1 signed',
    'arm64 linux/arm64 cyclonedx.org/bom signed',
    'arm64 linux/arm64 spdx.dev/Document signed',
    'index undefined cosign/sign/v1 signed',
  ]);
  const alone = await signImage(store, index.descriptor, { key: newKey(), papers: false });
  assert.equal(alone.signatures.length, 3);
});

test('a bill of materials is the predicate of a statement; a provenance is signed as it is', async () => {
  const store = new MemoryStore();
  const image = await putImage(store, 'amd64');
  const provenance = statement(image.digest);
  await putPaper(store, { kind: 'provenance', subject: image, text: provenance });
  await putPaper(store, { kind: 'spdx', subject: image, text: bill(image) });
  const { signatures } = await signImage(store, image, { key });
  const said = new Map<string, unknown>();
  for (const { predicateType, referrer } of signatures) said.set(predicateType, await signedBy(store, image, referrer));
  assert.deepEqual(said.get('https://slsa.dev/provenance/v1'), JSON.parse(provenance));
  assert.deepEqual(said.get('https://spdx.dev/Document'), {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: image.digest.slice(7) } }],
    predicateType: 'https://spdx.dev/Document',
    predicate: JSON.parse(bill(image)),
  });
});

test('what strangers say of an image is not signed, nor a paper of something else', async () => {
  const store = new MemoryStore();
  const image = await putImage(store, 'amd64');
  const other = await putImage(store, 'arm64');
  await putPaper(store, { kind: 'spdx', subject: image, text: '{}', mark: undefined });
  await putPaper(store, { kind: 'cyclonedx', subject: image, text: 'no JSON' });
  await putPaper(store, { kind: 'spdx', subject: image, text: bill(other) });
  await putPaper(store, { kind: 'provenance', subject: image, text: statement(other.digest) });
  await putPaper(store, { kind: 'provenance', subject: image, text: '{ "subject": [null] }' });
  const warnings: string[] = [];
  const onEvent = (event: SlimimageEvent) =>
    event.type === 'warning' && warnings.push(event.message.split(' ')[1] ?? '');
  const report = await signImage(store, image, { key, onEvent });
  assert.deepEqual(lines(report, { image: image.digest }), ['image linux/amd64 cosign/sign/v1 signed']);
  assert.deepEqual(warnings.sort(), ['cyclonedx', 'provenance', 'provenance', 'spdx']);
});

test('in a place that others write to, papers that are not known here are named and not signed', async () => {
  const registry = new MemoryStore();
  const local = new MemoryStore();
  const image = await putImage(registry, 'amd64');
  for (const store of [registry, local]) await putPaper(store, { kind: 'spdx', subject: image, text: bill(image) });
  await putPaper(registry, { kind: 'spdx', subject: image, text: `${bill(image)} ` });
  const warnings: SlimimageEvent[] = [];
  const onEvent = (event: SlimimageEvent) => event.type === 'warning' && warnings.push(event);
  const signed = ['image linux/amd64 cosign/sign/v1 signed', 'image linux/amd64 spdx.dev/Document signed'];
  const report = await signImage(registry, image, { key, knownTo: local, onEvent });
  assert.deepEqual(lines(report, { image: image.digest }), signed);
  assert.equal(warnings.length, 1);
  assert.match(
    JSON.stringify(warnings),
    /local store does not have are not signed: spdx in sha256:[0-9a-f]{64}".*--papers/,
  );
  assert.equal((await signImage(registry, image, { key })).signatures.length, 3);
});

test('signatures of others that are damaged or of other forms are left where they are', async () => {
  const store = new MemoryStore();
  const image = await putImage(store, 'amd64');
  for (const text of ['no JSON', '{}', '{ "messageSignature": {} }']) await putBundle(store, image, text);
  await signImage(store, image, { key });
  assert.equal((await store.referrers(image.digest)).length, 4);
});

test('what is listed as a referrer and speaks of something else is left alone, with a warning', async () => {
  const store = new MemoryStore();
  const image = await putImage(store, 'amd64');
  const other = await putImage(store, 'arm64');
  await store.refer(other, image);
  const { mediaType } = other;
  await store.refer({ mediaType, ...(await store.write(encodeUtf8('no manifest'))) }, image);
  const warnings: string[] = [];
  const onEvent = (event: SlimimageEvent) => event.type === 'warning' && warnings.push(event.message);
  const report = await signImage(store, image, { key, onEvent });
  assert.deepEqual(lines(report, { image: image.digest }), ['image linux/amd64 cosign/sign/v1 signed']);
  assert.equal(warnings.length, 2);
  assert.match(warnings[0] ?? '', /can't be read: it is left alone/);
});

async function putImage(store: MemoryStore, architecture: string): Promise<Descriptor> {
  const config = encodeImageConfig({ architecture, os: 'linux', rootfs: { type: 'layers', diff_ids: [] } });
  const manifest = encodeManifest({ config: config.descriptor, layers: [] });
  await store.write(config.bytes);
  await store.write(manifest.bytes);
  return withPlatform(manifest.descriptor, { os: 'linux', architecture });
}

interface Paper {
  readonly kind: PaperKind;
  readonly subject: Descriptor;
  readonly text: string;
  /** Undefined for one that a stranger attached. */
  readonly mark?: string | undefined;
}

async function putPaper(store: MemoryStore, paper: Paper): Promise<void> {
  const { kind, subject, text } = paper;
  const mark = 'mark' in paper ? paper.mark : kind;
  const annotations = mark === undefined ? undefined : { [paperMark]: mark };
  await putArtifact(store, { subject, artifactType: paperTypes[kind].mediaType, text, annotations });
}

async function putBundle(store: MemoryStore, subject: Descriptor, text: string): Promise<void> {
  await putArtifact(store, { subject, artifactType: sigstoreBundleType, text });
}

async function putArtifact(
  store: MemoryStore,
  parts: {
    readonly subject: Descriptor;
    readonly artifactType: string;
    readonly text: string;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  },
): Promise<void> {
  const { subject, artifactType, text, annotations } = parts;
  const blob = { mediaType: artifactType, ...(await store.write(encodeUtf8(text))) };
  await store.write(emptyConfig.bytes);
  const { bytes, descriptor } = encodeArtifact({ artifactType, blob, subject, annotations });
  await store.write(bytes);
  await store.refer(descriptor, subject);
}

/** As far as a signature looks at one: it names its subject. */
function bill({ digest }: Descriptor): string {
  return JSON.stringify({ checksumValue: digest.slice(7) });
}

function statement(digest: Digest): string {
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'x', digest: { sha256: digest.slice(7) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {},
  });
}

async function signedBy(store: MemoryStore, image: Descriptor, referrer: Digest): Promise<unknown> {
  const found = (await store.referrers(image.digest)).find(({ digest }) => digest === referrer);
  assert.ok(found);
  return statementIn(store, parseManifest(await readBlob(store, found)).layers[0]);
}

async function statementIn(store: MemoryStore, blob: Descriptor | undefined): Promise<unknown> {
  assert.ok(blob);
  const { dsseEnvelope } = JSON.parse(decodeUtf8(await readBlob(store, blob)));
  return JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString());
}

/** `image linux/amd64 cosign/sign/v1 signed`, with the names of digests. */
function lines(report: SignReport, names: Readonly<Record<string, Digest>>): string[] {
  const nameOf = (digest: Digest) => Object.keys(names).find((name) => names[name] === digest);
  return report.signatures.map(
    ({ subject, platform, predicateType, outcome }) =>
      `${nameOf(subject)} ${platform} ${predicateType.replace(/^https:\/\/(?:sigstore\.dev\/)?/, '')} ${outcome}`,
  );
}
