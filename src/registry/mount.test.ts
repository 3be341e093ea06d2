import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startHttpServer } from '../../test/support/http-server.ts';
import { type MisbehavingRegistry, startMisbehavingRegistry } from '../../test/support/misbehaving-registry.ts';
import { startRepositories } from '../../test/support/registry-access.ts';
import { always, matching, refuses } from '../../test/support/registry-faults.ts';
import { copy } from '../store/copy.ts';
import { MemoryMemo } from '../store/memo.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { recallRepositories, rememberRepository } from '../store/seen-blobs.ts';
import { putImage } from '../store/target-suite.ts';
import { digestOf } from '../util/digest.ts';
import type { RegistryTarget } from './types.ts';

const bytes = Buffer.from('shared');
const blob = { digest: digestOf(bytes), size: bytes.length };

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

interface Scene extends AsyncDisposable {
  readonly registry: MisbehavingRegistry;
  readonly target: RegistryTarget;
  readonly waits: readonly number[];
}

async function startScene(): Promise<Scene> {
  const registry = await startMisbehavingRegistry();
  const repositories = startRepositories();
  return {
    registry,
    target: repositories.open(registry.host, 'app'),
    waits: repositories.waits,
    async [Symbol.asyncDispose]() {
      await repositories[Symbol.asyncDispose]();
      await registry.close();
    },
  };
}
