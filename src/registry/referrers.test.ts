import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failsWith } from '../../test/support/http-client.ts';
import { type MisbehavingRegistry, startMisbehavingRegistry } from '../../test/support/misbehaving-registry.ts';
import { startRepositories, type TestRepositories } from '../../test/support/registry-access.ts';
import { always, before, changesBody, changesHeaders, refuses } from '../../test/support/registry-faults.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { encodeIndex } from '../oci/encode.ts';
import { mediaTypes } from '../oci/media-types.ts';
import { parseIndex } from '../oci/parse.ts';
import { copy } from '../store/copy.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { referrersTag } from '../store/referrers.ts';
import { putImage, putPaper } from '../store/target-suite.ts';
import { digestOf } from '../util/digest.ts';
import type { RepositoryOptions } from './context.ts';
import type { RegistryTarget } from './types.ts';

const spdx = 'application/spdx+json';
const cyclonedx = 'application/vnd.cyclonedx+json';

describe('referrers', () => {
  it('are listed by the registry itself, where it said so: nothing else is written', async () => {
    await using scene = await startScene();
    const paper = await addPaper(scene, 'one');
    assert.deepEqual([...scene.registry.repository('app').tags], []);
    assert.deepEqual(await scene.target.referrers(scene.subject.digest, spdx), [paper]);
    assert.deepEqual(await scene.target.referrers(scene.subject.digest, cyclonedx), []);
  });

  it('are sorted out here, where the registry filters nothing', async () => {
    await using scene = await startScene();
    const paper = await addPaper(scene, 'one');
    await addPaper(scene, 'two', cyclonedx);
    const unfiltered = await scene.target.referrers(scene.subject.digest);
    assert.equal(unfiltered.length, 2);
    const { bytes } = encodeIndex({ manifests: [...unfiltered, paper] });
    scene.registry.inject(changesBody('GET referrers', () => Buffer.from(bytes)));
    assert.deepEqual(await scene.target.referrers(scene.subject.digest, spdx), [paper]);
  });

  it('come page by page', async () => {
    await using scene = await startScene();
    const paper = await addPaper(scene, 'one');
    const { subject, registry } = scene;
    const next = `</v2/app/referrers/${subject.digest}?page=2>; rel="next"`;
    const { bytes } = encodeIndex({ manifests: [{ ...paper, digest: digestOf('x') }] });
    registry.inject(
      changesHeaders('GET referrers', { link: next }),
      changesBody('GET referrers', () => Buffer.from(bytes)),
    );
    assert.equal((await scene.target.referrers(subject.digest)).length, 2);
    registry.inject(changesHeaders('GET referrers', { link: next }, always));
    await failsWith('REGISTRY_INVALID', scene.target.referrers(subject.digest));
  });

  it('that are no list end in a clear error', async () => {
    await using scene = await startScene();
    await addPaper(scene, 'one');
    scene.registry.inject(changesBody('GET referrers', () => Buffer.from('{"manifests":7}')));
    const error = await failsWith('OCI_INVALID', scene.target.referrers(scene.subject.digest));
    assert.match(error.message, /the list of what speaks of sha256:/);
  });

  for (const [name, faults] of [
    ['404', [refuses('GET referrers', 404, always)]],
    ['405', [refuses('GET referrers', 405, always)]],
    ['a page for people', [changesHeaders('GET referrers', { 'content-type': 'text/html' }, always)]],
  ] as const) {
    it(`are an index under a tag, where the registry answers ${name}`, async () => {
      await using scene = await startScene({ referrers: false });
      scene.registry.inject(...faults);
      const one = await addPaper(scene, 'one');
      const two = await addPaper(scene, 'two', cyclonedx);
      await scene.target.refer(one, scene.subject);
      assert.deepEqual(listedUnderTag(scene), [one, two].toSorted(byDigest));
      const another = scene.another();
      assert.deepEqual(await another.referrers(scene.subject.digest, cyclonedx), [two]);
      await another.refer(one, scene.subject);
      assert.deepEqual(listedUnderTag(scene), [one, two].toSorted(byDigest));
    });
  }

  it('are an index under a tag, where the registry fails to say whether it keeps lists', async () => {
    await using scene = await startScene({ referrers: false });
    scene.registry.inject(refuses('GET referrers', 503, always));
    const one = await addPaper(scene, 'one');
    const two = await addPaper(scene, 'two', cyclonedx);
    assert.deepEqual(listedUnderTag(scene), [one, two].toSorted(byDigest));
    // It was asked for long once.
    assert.deepEqual(scene.waits, [500, 1000, 2000, 4000]);
    const { subject: root } = scene;
    await failsWith('HTTP_STATUS', scene.another().referrers(root.digest));
    const failed = copy(scene.another(), new MemoryStore(), { root, referrers: true });
    assert.match((await failsWith('HTTP_STATUS', failed)).hint ?? '', /--no-referrers/);
  });

  for (const status of [401, 403]) {
    it(`are looked for under the tag by whoever may not read the list, and nothing else is taken from that (${status})`, async () => {
      await using scene = await startScene();
      const { registry, subject, target } = scene;
      const paper = await addPaper(scene, 'one');
      registry.inject(refuses('GET referrers', status));
      assert.deepEqual(await target.referrers(subject.digest), []);
      assert.deepEqual(await target.referrers(subject.digest), [paper]);
    });
  }

  it('of one image go into the list under its tag with one change, whatever their number', async () => {
    await using scene = await startScene({ referrers: false });
    const { registry, subject: root } = scene;
    const local = new MemoryStore();
    await copy(scene.target, local, { root });
    const papers = [];
    for (const text of ['one', 'two', 'three']) {
      const paper = await putPaper(local, { subject: root, artifactType: spdx, text });
      await local.refer(paper, root);
      papers.push(paper);
    }
    const isList = (path: string) => path.endsWith(`/manifests/${referrersTag(root.digest)}`);
    const lists = () => registry.requests.filter(({ method, path }) => method === 'PUT' && isList(path));
    await copy(local, scene.target, { root, referrers: true });
    assert.equal(lists().length, 1);
    assert.deepEqual(listedUnderTag(scene), papers.toSorted(byDigest));
    await copy(local, scene.another(), { root, referrers: true });
    assert.equal(lists().length, 1);
  });

  it('keep what another writer put there meanwhile', async () => {
    await using scene = await startScene({ referrers: false });
    const { registry, subject } = scene;
    const theirs = { ...(await paperOf(scene, 'theirs')), artifactType: spdx };
    const stored = encodeIndex({ manifests: [theirs] });
    // Theirs is there before our list is made, and again, as they made it, after ours was written.
    registry.inject(
      before(
        'GET manifests',
        () => {
          registry
            .repository('app')
            .manifests.set(stored.descriptor.digest, { bytes: stored.bytes, mediaType: mediaTypes.ociIndex });
          registry.repository('app').tags.set(referrersTag(subject.digest), stored.descriptor.digest);
        },
        { times: 2 },
      ),
    );
    const ours = await addPaper(scene, 'ours');
    assert.deepEqual(listedUnderTag(scene), [theirs, ours].toSorted(byDigest));
  });

  it('of a list that others never leave alone end in a clear error', async () => {
    await using scene = await startScene({ referrers: false });
    const { registry, subject } = scene;
    const theirs = encodeIndex({ manifests: [await paperOf(scene, 'theirs')] });
    registry.inject(
      before(
        'GET manifests',
        () => {
          registry
            .repository('app')
            .manifests.set(theirs.descriptor.digest, { bytes: theirs.bytes, mediaType: mediaTypes.ociIndex });
          registry.repository('app').tags.set(referrersTag(subject.digest), theirs.descriptor.digest);
        },
        always,
      ),
    );
    const error = await failsWith('REGISTRY_INVALID', addPaper(scene, 'ours'));
    assert.match(error.message, /others keep changing the list/);
  });

  it('leave the list under a tag with their manifest', async () => {
    await using scene = await startScene({ referrers: false });
    const one = await addPaper(scene, 'one');
    const two = await addPaper(scene, 'two');
    assert.equal(await scene.another().delete(one.digest), true);
    assert.deepEqual(listedUnderTag(scene), [two]);
    assert.equal(await scene.another().delete(two.digest), true);
    assert.deepEqual(listedUnderTag(scene), []);
    assert.deepEqual(await scene.another().referrers(scene.subject.digest), []);
    assert.equal(await scene.another().delete(two.digest), false);
  });

  it('are gone also where the list under a tag can’t be mended, with a word about it', async () => {
    await using scene = await startScene({ referrers: false });
    const one = await addPaper(scene, 'one');
    scene.registry.inject(refuses('PUT manifests', 403, { codes: ['DENIED'] }));
    const messages: string[] = [];
    const target = scene.another({ onEvent: (event) => event.type === 'warning' && messages.push(event.message) });
    assert.equal(await target.delete(one.digest), true);
    assert.equal(messages.length, 1);
    assert.match(messages[0] ?? '', /still names sha256:.*, which is gone: .*this account may not do it/);
  });

  it('of the registry’s own lists leave them by themselves', async () => {
    await using scene = await startScene();
    const one = await addPaper(scene, 'one');
    assert.equal(await scene.another().delete(one.digest), true);
    assert.deepEqual([...scene.registry.repository('app').tags], []);
    assert.deepEqual(await scene.another().referrers(scene.subject.digest), []);
  });

  it('overwrite no tag that is no list', async () => {
    await using scene = await startScene({ referrers: false });
    const tag = referrersTag(scene.subject.digest);
    await scene.target.tag(scene.subject, tag);
    await failsWith('OCI_INVALID', addPaper(scene, 'one'));
    assert.equal(scene.registry.repository('app').tags.get(tag), scene.subject.digest);
  });
});

interface Scene extends AsyncDisposable {
  readonly registry: MisbehavingRegistry;
  readonly target: RegistryTarget;
  readonly subject: Descriptor;
  /** Milliseconds, in order. */
  readonly waits: readonly number[];
  another(options?: Partial<RepositoryOptions>): RegistryTarget;
}

async function startScene(options: { readonly referrers?: boolean } = {}): Promise<Scene> {
  const registry = await startMisbehavingRegistry(options);
  const repositories: TestRepositories = startRepositories();
  const another = (more?: Partial<RepositoryOptions>) => repositories.open(registry.host, 'app', more);
  const target = another();
  return {
    registry,
    target,
    another,
    waits: repositories.waits,
    subject: await putImage(target, 'subject'),
    async [Symbol.asyncDispose]() {
      await repositories[Symbol.asyncDispose]();
      await registry.close();
    },
  };
}

async function addPaper(scene: Scene, text: string, artifactType = spdx): Promise<Descriptor> {
  const paper = await paperOf(scene, text, artifactType);
  await scene.target.refer(paper, scene.subject);
  return paper;
}

function paperOf({ target, subject }: Scene, text: string, artifactType = spdx): Promise<Descriptor> {
  return putPaper(target, { subject, artifactType, text });
}

function listedUnderTag({ registry, subject }: Scene): readonly Descriptor[] {
  const { tags, manifests } = registry.repository('app');
  const list = manifests.get(tags.get(referrersTag(subject.digest)) ?? '');
  return parseIndex(list?.bytes ?? assert.fail('there is no such tag')).manifests;
}

function byDigest(a: Descriptor, b: Descriptor): number {
  return a.digest < b.digest ? -1 : 1;
}
