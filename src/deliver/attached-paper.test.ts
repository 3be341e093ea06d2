import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeArtifact } from '../oci/artifact.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type PaperKind, paperMark, paperTypes } from '../oci/papers.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { putImage, putPaper } from '../store/target-suite.ts';
import type { Digest } from '../util/digest.ts';
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

/** What a build attaches. */
async function attachOwn(store: MemoryStore, subject: Descriptor, [kind, text]: readonly [PaperKind, string]) {
  const { mediaType } = paperTypes[kind];
  const blob = { mediaType, ...(await store.write(encodeUtf8(text))) };
  const artifact = encodeArtifact({ artifactType: mediaType, blob, subject, annotations: { [paperMark]: kind } });
  await store.write(artifact.bytes);
  await store.refer(artifact.descriptor, subject);
}

async function attachForeign(store: MemoryStore, subject: Descriptor, text: string) {
  const paper = await putPaper(store, { subject, artifactType: paperTypes.spdx.mediaType, text });
  // As clients leave it that know nothing of artifact types.
  const { artifactType: _, annotations: __, ...bare } = paper;
  await store.refer(bare, subject);
}

async function read(store: MemoryStore, subject: Descriptor, kind: PaperKind): Promise<string | undefined> {
  const bytes = await readAttached(store, { kind, subject }, {});
  return bytes === undefined ? undefined : decodeUtf8(bytes);
}

test("slimimage's own goes before those of others, and theirs before none", async () => {
  const store = new MemoryStore();
  const subject = await putImage(store, 'image');
  for (const text of ['foreign', 'of a third', 'of a fourth']) await attachForeign(store, subject, text);
  assert.match((await read(store, subject, 'spdx')) ?? '', /^(?:foreign|of a)/);
  await attachOwn(store, subject, ['spdx', 'own']);
  await attachOwn(store, subject, ['provenance', 'made of']);
  assert.equal(await read(store, subject, 'spdx'), 'own');
  assert.equal(await read(store, subject, 'cyclonedx'), undefined);
  assert.deepEqual(await attachedKinds(store, subject, {}), ['spdx', 'provenance']);
});

test('of a hundred nights one provenance is read, with its manifest and nothing else', async () => {
  const store = new WatchedStore();
  const subject = await putImage(store, 'image');
  for (let night = 0; night < 100; night++) await attachOwn(store, subject, ['provenance', `night ${night}`]);
  await attachOwn(store, subject, ['spdx', 'packages']);
  assert.equal(await read(store, subject, 'spdx'), 'packages');
  assert.match((await read(store, subject, 'provenance')) ?? '', /^night/);
  assert.equal(store.opened.length, 4);
});
