import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startHttpServer } from '../../test/support/http-server.ts';
import { always, matching, refuses } from '../../test/support/registry-faults.ts';
import { startRepositoryScene as startScene } from '../../test/support/repository-scene.ts';
import { copy } from '../store/copy.ts';
import { MemoryMemo } from '../store/memory-memo.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { recallRepositories, rememberRepository } from '../store/seen-blobs.ts';
import { putImage } from '../store/target-suite.ts';
import { digestOf } from '../util/digest.ts';

const bytes = Buffer.from('shared');
const blob = { digest: digestOf(bytes), size: bytes.length };

describe('a mount', () => {
  it('takes a blob over without sending it', async () => {
    await using scene = await startScene();
    const { digest, size } = await scene.other.write(Buffer.from('shared'));
    assert.equal(await scene.target.mount(digest, { from: 'other', size }), true);
    assert.equal(await scene.target.has(digest), true);
  });

  it('that does not come to pass leaves an upload, which is used', async () => {
    await using scene = await startScene({ mounts: 202 });
    const bytes = Buffer.from('shared');
    const { digest, size } = await scene.other.write(bytes);
    scene.registry.forget();
    assert.equal(await scene.target.mount(digest, { from: 'other', size }), false);
    assert.equal(await scene.target.mount(digest, { from: 'third', size }), false);
    await scene.target.write(bytes, { digest, size });
    assert.deepEqual(scene.registry.asked(), ['POST uploads', 'POST uploads', 'DELETE uploads', 'PUT uploads']);
  });

  it('is not tried again where the registry knows none', async () => {
    await using scene = await startScene({ mounts: 405 });
    for (const text of ['one', 'two']) {
      assert.equal(await scene.target.mount(digestOf(text), { from: 'other', size: 3 }), false);
    }
    assert.equal(scene.registry.requests.filter(({ method }) => method === 'POST').length, 1);
  });

  it('is not believed where the blob is not there', async () => {
    await using scene = await startScene();
    scene.registry.inject(refuses('POST blobs/uploads', 201));
    assert.equal(await scene.target.mount(digestOf('nothing'), { from: 'other', size: 7 }), false);
  });
});

describe('a mount that is refused', () => {
  for (const status of [400, 401, 403, 404, 429, 500]) {
    it(`is no failure of a push, and not tried again from there (${status})`, async () => {
      await using scene = await startScene();
      const { registry, target, waits } = scene;
      for (const name of ['secret', 'shared']) registry.repository(name).blobs.set(blob.digest, bytes);
      registry.inject({
        ...refuses('POST blobs/uploads', status, always),
        on: ({ path }) => path.includes('from=secret'),
      });
      assert.equal(await target.mount(blob.digest, { from: 'secret', size: blob.size }), false);
      assert.equal(await target.mount(digestOf('other'), { from: 'secret', size: 5 }), false);
      assert.equal(registry.requests.filter(({ path }) => path.includes('from=secret')).length, 1);
      assert.equal(await target.mount(blob.digest, { from: 'shared', size: blob.size }), true);
      assert.deepEqual(waits, []);
    });
  }

  it('is forgotten: the next push does not ask there', async () => {
    await using scene = await startScene();
    const { registry, target } = scene;
    const source = new MemoryStore();
    const root = await putImage(source, 'layer');
    const memo = new MemoryMemo();
    const layer = digestOf('layer');
    await rememberRepository(memo, { registry: registry.host, repository: 'secret' }, layer);
    registry.inject({ ...refuses('POST blobs/uploads', 403), on: ({ path }) => path.includes('from=secret') });
    assert.equal((await copy(source, target, { root, memo })).copied, 3);
    assert.equal(registry.pending, 0);
    assert.deepEqual(await recallRepositories(memo, registry.host, layer), ['app']);
  });

  it('by the token server leaves the push its own login', async () => {
    const asked: string[] = [];
    const tokens = await startHttpServer();
    tokens.otherwise(({ request, response }) => {
      const scopes = new URL(request.url ?? '', tokens.origin).searchParams.getAll('scope');
      asked.push(scopes.join(' '));
      response.writeHead(scopes.length > 1 ? 403 : 200).end('{"token":"x"}');
    });
    try {
      await using scene = await startScene();
      const { registry, target } = scene;
      registry.inject({
        ...refuses('POST blobs/uploads', 401, {
          ...always,
          headers: { 'www-authenticate': `Bearer realm="${tokens.url('/token')}",service="s"` },
        }),
        on: ({ headers }) => headers['authorization'] === undefined,
      });
      assert.equal(await target.mount(blob.digest, { from: 'secret', size: blob.size }), false);
      assert.deepEqual(await target.write(bytes, blob), blob);
      assert.deepEqual(asked, ['repository:app:pull,push repository:secret:pull', 'repository:app:pull,push']);
      assert.ok(registry.requests.some(matching('PUT blobs/uploads')));
    } finally {
      await tokens.close();
    }
  });
});
