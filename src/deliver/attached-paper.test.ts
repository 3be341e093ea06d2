import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OnEvent } from '../events.ts';
import { encodeArtifact } from '../oci/artifact.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type PaperKind, paperDate, paperMark, paperTypes } from '../oci/papers.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { putImage, putPaper } from '../store/target-suite.ts';
import { type Digest, hexOf } from '../util/digest.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import { attachedKinds, readAttached } from './attached-paper.ts';

/** A store that tells what is read of it. */
class WatchedStore extends MemoryStore {
  readonly opened: Digest[] = [];

  override open(digest: Digest) {
    this.opened.push(digest);
    return super.open(digest);
  }
}

interface Paper {
  readonly kind: PaperKind;
  /** Beside the digest of the image, which it names. */
  readonly text: string;
  readonly date?: string;
  /** What it says instead, or how many bytes its manifest gives it. */
  readonly whole?: string;
  readonly size?: number;
}

/** What a build attaches. */
async function attachOwn(store: MemoryStore, subject: Descriptor, paper: Paper): Promise<Digest> {
  const { kind, text, date, whole = `${text} of ${hexOf(subject.digest)}`, size } = paper;
  const { mediaType } = paperTypes[kind];
  const written = await store.write(encodeUtf8(whole));
  const blob = { mediaType, ...written, size: size ?? written.size };
  const annotations = { [paperMark]: kind, ...(date === undefined ? {} : { [paperDate]: date }) };
  const artifact = encodeArtifact({ artifactType: mediaType, blob, subject, annotations });
  await store.write(artifact.bytes);
  await store.refer(artifact.descriptor, subject);
  return artifact.descriptor.digest;
}

async function attachForeign(store: MemoryStore, subject: Descriptor, text: string) {
  const whole = `${text} of ${hexOf(subject.digest)}`;
  const paper = await putPaper(store, { subject, artifactType: paperTypes.spdx.mediaType, text: whole });
  // As clients leave it that know nothing of artifact types.
  const { artifactType: _, annotations: __, ...bare } = paper;
  await store.refer(bare, subject);
}

interface Look {
  readonly known?: ReadonlySet<Digest>;
  readonly onEvent?: OnEvent;
}

/** The first words of what is found. */
async function read(
  store: MemoryStore,
  subject: Descriptor,
  { kind, known, onEvent }: Look & { readonly kind: PaperKind },
): Promise<string | undefined> {
  const bytes = await readAttached(store, { kind, subject, known }, { onEvent });
  return bytes === undefined ? undefined : decodeUtf8(bytes).split(' of ')[0];
}

test("slimimage's own goes before those of others, and theirs before none", async () => {
  const store = new MemoryStore();
  const subject = await putImage(store, 'image');
  for (const text of ['foreign', 'foreign third', 'foreign fourth']) await attachForeign(store, subject, text);
  assert.match((await read(store, subject, { kind: 'spdx' })) ?? '', /^foreign/);
  await attachOwn(store, subject, { kind: 'spdx', text: 'own' });
  await attachOwn(store, subject, { kind: 'provenance', text: 'made' });
  assert.equal(await read(store, subject, { kind: 'spdx' }), 'own');
  assert.equal(await read(store, subject, { kind: 'cyclonedx' }), undefined);
  assert.deepEqual(await attachedKinds(store, subject, {}), ['spdx', 'provenance']);
});

test('of a hundred nights one provenance is read, with its manifest and nothing else: the newest', async () => {
  const store = new WatchedStore();
  const subject = await putImage(store, 'image');
  for (let night = 0; night < 100; night++) {
    const date = `2026-01-01T00:${String(night % 60).padStart(2, '0')}:00Z`;
    await attachOwn(store, subject, { kind: 'provenance', text: `night ${date}`, date });
  }
  await attachOwn(store, subject, { kind: 'spdx', text: 'packages' });
  assert.equal(await read(store, subject, { kind: 'spdx' }), 'packages');
  assert.equal(await read(store, subject, { kind: 'provenance' }), 'night 2026-01-01T00:59:00Z');
  assert.equal(store.opened.length, 4);
});

test('what this machine built goes before what others call theirs, however new they call it', async () => {
  const store = new MemoryStore();
  const subject = await putImage(store, 'image');
  const known = new Set([await attachOwn(store, subject, { kind: 'provenance', text: 'mine', date: '2026' })]);
  for (const text of ['a', 'b', 'c']) await attachOwn(store, subject, { kind: 'provenance', text, date: '9999' });
  assert.equal(await read(store, subject, { kind: 'provenance', known }), 'mine');
});

test('what is damaged or does not name the image is passed over, with a warning', async () => {
  const store = new MemoryStore();
  const subject = await putImage(store, 'image');
  const bad = [
    await attachOwn(store, subject, { kind: 'spdx', text: 'short', size: 7, date: '9999' }),
    await attachOwn(store, subject, { kind: 'spdx', text: '', whole: 'EVIL', date: '9998' }),
  ];
  await assert.rejects(read(store, subject, { kind: 'spdx' }), {
    code: 'DIGEST_MISMATCH',
    message: `What is attached to ${subject.digest} as its spdx is damaged or does not name it: ${bad.join(', ')}`,
  });
  await attachForeign(store, subject, 'foreign');
  assert.equal(await read(store, subject, { kind: 'spdx' }), 'foreign');
  await attachOwn(store, subject, { kind: 'spdx', text: 'good' });
  const warnings: string[] = [];
  const onEvent: OnEvent = (event) => event.type === 'warning' && warnings.push(event.message);
  assert.equal(await read(store, subject, { kind: 'spdx', onEvent }), 'good');
  assert.deepEqual(
    warnings.map((text) => bad.findIndex((digest) => text.includes(digest))),
    [0, 1],
  );
});
