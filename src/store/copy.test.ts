import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SlimimageEvent } from '../events.ts';
import { encodeIndex } from '../oci/encode.ts';
import { type Digest, digestOf } from '../util/digest.ts';
import { copy } from './copy.ts';
import { MemoryMemo } from './memory-memo.ts';
import { MemoryStore } from './memory-store.ts';
import { recallRepositories, rememberRepository } from './seen-blobs.ts';
import { putImage, putPaper } from './target-suite.ts';

const spdx = 'application/spdx+json';

describe('copy', () => {
  it('brings what refers to an image, to its platforms, and to its papers', async () => {
    const source = new MemoryStore();
    const manifest = await putImage(source, 'layer');
    const { bytes, descriptor: index } = encodeIndex({ manifests: [manifest] });
    await source.write(bytes);
    const paper = await putPaper(source, { subject: manifest, artifactType: spdx, text: 'paper' });
    const statement = await putPaper(source, { subject: index, artifactType: 'text/plain', text: 'statement' });
    const signature = await putPaper(source, { subject: paper, artifactType: 'text/plain', text: 'signature' });
    await source.refer(paper, manifest);
    await source.refer(statement, index);
    await source.refer(signature, paper);

    const without = new MemoryStore();
    assert.equal((await copy(source, without, { root: index })).referrers, 0);
    assert.deepEqual(await without.referrers(index.digest), []);

    const destination = new MemoryStore();
    assert.equal((await copy(source, destination, { root: index, referrers: true })).referrers, 3);
    assert.deepEqual(await destination.referrers(manifest.digest), [paper]);
    assert.deepEqual(await destination.referrers(index.digest), [statement]);
    assert.deepEqual(await destination.referrers(paper.digest), [signature]);
    assert.equal(await destination.has(digestOf('signature')), true);
    const again = await copy(source, destination, { root: index, referrers: true });
    assert.deepEqual([again.copied, again.referrers], [0, 3]);
  });

  it('believes no list that names what speaks of something else, and ends in circles', async () => {
    const source = new MemoryStore();
    const image = await putImage(source, 'image');
    const other = await putImage(source, 'other');
    const paper = await putPaper(source, { subject: image, artifactType: spdx, text: 'paper' });
    await source.refer(paper, image);
    await source.refer(image, paper);
    await source.refer(await putPaper(source, { subject: other, artifactType: spdx, text: 'foreign' }), image);
    await source.refer(other, image);
    const destination = new MemoryStore();
    assert.equal((await copy(source, destination, { root: image, referrers: true })).referrers, 1);
    assert.deepEqual(await destination.referrers(image.digest), [paper]);
  });

  it('passes over what is listed and not there any more, with a word, and nothing that is damaged', async () => {
    const source = new DamagedStore();
    const image = await putImage(source, 'image');
    const gone = await putPaper(source, { subject: image, artifactType: spdx, text: 'gone' });
    const paper = await putPaper(source, { subject: image, artifactType: spdx, text: 'paper' });
    for (const one of [gone, paper]) await source.refer(one, image);
    source.gone.add(gone.digest);
    const messages: string[] = [];
    const onEvent = (event: SlimimageEvent) => {
      if (event.type === 'warning') messages.push(event.message);
    };
    const destination = new MemoryStore();
    assert.equal((await copy(source, destination, { root: image, referrers: true, onEvent })).referrers, 1);
    assert.deepEqual(await destination.referrers(image.digest), [paper]);
    assert.deepEqual(messages, [
      `${gone.digest}, which is listed as speaking of ${image.digest}, is not there: it is left out`,
    ]);
    source.gone.add(digestOf('paper'));
    await assert.rejects(copy(source, new MemoryStore(), { root: image, referrers: true }), {
      code: 'STORE',
      hint: '"slimimage copy --no-referrers" leaves out what refers to an image.',
    });
    await copy(source, new MemoryStore(), { root: image });
  });

  it('describes a referrer by what its manifest says, not by what a list says', async () => {
    const source = new MemoryStore();
    const image = await putImage(source, 'image');
    const paper = await putPaper(source, { subject: image, artifactType: spdx, text: 'paper' });
    await source.refer({ ...paper, artifactType: 'text/lie', annotations: { a: 'lie' } }, image);
    const destination = new MemoryStore();
    await copy(source, destination, { root: image, referrers: true });
    assert.deepEqual(await destination.referrers(image.digest), [paper]);
  });

  it('tells of each blob and document: sent ones with their bytes, those that were there as such', async () => {
    const source = new MemoryStore();
    const root = await putImage(source, 'layer');
    const destination = new MemoryStore();
    await destination.write(new TextEncoder().encode('layer'));
    const events: SlimimageEvent[] = [];
    const report = await copy(source, destination, { root, onEvent: (event) => events.push(event) });
    const layer = `copy ${digestOf('layer')}`;
    assert.deepEqual(
      events.filter((event) => 'id' in event && event.id === layer).map(({ type }) => type),
      ['task', 'done'],
    );
    const outcomes = events.flatMap((event) => (event.type === 'done' ? [event.outcome] : []));
    assert.deepEqual(outcomes.sort(), ['cached', 'ok', 'ok']);
    assert.deepEqual([report.copied, report.skipped], [2, 1]);
  });

  it('remembers the last few repositories of a blob', async () => {
    const memo = new MemoryMemo();
    const digest = digestOf('blob');
    const registry = 'registry.example';
    for (const repository of ['a', 'b', 'c', 'd', 'e', 'f', 'f'])
      await rememberRepository(memo, { registry, repository }, digest);
    assert.deepEqual(await recallRepositories(memo, registry, digest), ['f', 'e', 'd', 'c', 'b']);
    assert.deepEqual(await recallRepositories(memo, 'other.example', digest), []);
  });
});

/** A store from which somebody else has taken something. */
class DamagedStore extends MemoryStore {
  readonly gone = new Set<Digest>();

  override async has(digest: Digest): Promise<boolean> {
    return !this.gone.has(digest) && super.has(digest);
  }

  override open(digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
    return super.open(this.gone.has(digest) ? digestOf(`no ${digest}`) : digest);
  }
}
