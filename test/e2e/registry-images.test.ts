/** Images of registries through the command line: built on, copied from, pushed while the process is killed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRegistries } from '../../src/registry/open.ts';
import { copy } from '../../src/store/copy.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import { putSampleImage, type SampleImage, type SampleLayer } from '../support/images.ts';
import { startLockScene } from '../support/lock-scene.ts';
import { type Fault, type MisbehavingRegistry, startMisbehavingRegistry } from '../support/misbehaving-registry.ts';
import { lackingRegistry, startRegistry } from '../support/registry.ts';
import { cutsDownload } from '../support/registry-faults.ts';

describe('a build', () => {
  test('on an image of a registry, with files of another one', async () => {
    await using registry = await startMisbehavingRegistry();
    await using user = await startUser();
    await publish(registry, 'base:1', [[['opt/base', 'below']]]);
    await publish(registry, 'tools:1', [[['usr/local/bin/tool', 'tool']]]);
    const file = `{ image: "docker://${registry.host}/tools:1", source: /usr/local/bin/tool, path: /bin/tool }`;
    const config = `name: web\non: ${registry.host}/base:1\nfiles: [${file}]\nplatforms: [linux/amd64]\n`;
    await user.write('slimimage.yaml', config);
    await user.succeed(['build', '-o', 'tar:root.tar']);
    const files = await user.files('root.tar');
    assert.deepEqual([files['bin/tool'], files['opt/base']], ['0644 0:0 tool', '0644 0:0 below']);
    registry.forget();
    await user.succeed(['build']);
    assert.ok(
      registry.asked().every((asked) => !asked.includes('blobs')),
      registry.asked().join(),
    );
    const offline = await user.refused({ code: 'OFFLINE', status: 3 }, ['build', '--offline']);
    assert.match(offline.hint ?? '', /slimimage copy docker:\/\//);
  });

  test('by a lock fetches the image below by its digest, wherever the tag points to', async () => {
    await using scene = await startLockScene();
    await using registry = await startMisbehavingRegistry();
    await publish(registry, 'base:1', [[['opt/base', 'old']]]);
    await scene.configure(['tool'], { on: `docker://${registry.host}/base:1` });
    const digest = await scene.lockAndBuild();
    await publish(registry, 'base:1', [[['opt/base', 'new']]]);
    registry.forget();
    await scene.user.succeed(['lock', '--check']);
    assert.deepEqual(registry.asked(), []);
    assert.equal(await scene.build(['--locked'], scene.fresh()), digest);
    assert.notEqual(await scene.build([], scene.fresh('today')), digest);
    assert.equal(await scene.build(['--locked', '--offline'], scene.fresh()), digest);
  });
});

test('ls reads an image of a registry, and a second time only asks what its tag means', async () => {
  await using registry = await startMisbehavingRegistry();
  await using user = await startUser();
  await publish(registry, 'team/web:1', [[['app/main', 'x']], [['app/more', 'y']]]);
  const { stdout } = await user.succeed(['ls', `docker://${registry.host}/team/web:1`]);
  assert.match(stdout, /main\n.*more\n/);
  registry.forget();
  await user.succeed(['ls', `${registry.host}/team/web:1`]);
  assert.ok(
    registry.asked().every((asked) => !asked.startsWith('GET blobs')),
    registry.asked().join(),
  );
});

test('a pull that is killed goes on in the middle of a blob', async () => {
  await using registry = await startMisbehavingRegistry();
  await using user = await startUser();
  await publish(registry, 'team/web:1', [[['big', 'x'.repeat(4_000_000)]]], 'none');
  registry.inject(stallsBehind(3_000_000));
  const { child, ended } = user.start(['copy', `docker://${registry.host}/team/web:1`, 'store:web']);
  while ((await partialBytes(user)) < 2_000_000) await sleep(20);
  child.kill('SIGKILL');
  await ended;
  assert.deepEqual(
    (await user.stored()).filter((path) => path.startsWith('tags/')),
    [],
  );
  registry.forget();
  await user.succeed(['copy', `docker://${registry.host}/team/web:1`, 'store:web']);
  const ranges = registry.requests.flatMap(({ headers }) => headers['range'] ?? []);
  assert.match(ranges.join(), /^bytes=[23]\d{6}-$/);
  await user.succeed(['cache', 'verify']);
});

test('a push that is killed leaves no tag; the next one sends what is missing, and the tag comes last', async () => {
  await using registry = await startMisbehavingRegistry();
  await using user = await startUser();
  const store = await LocalStore.open(join(user.folder, 'store'));
  const layers: readonly SampleLayer[] = [[['one', 'first']], [['two', 'second']], [['three', 'third']]];
  const image = await putSampleImage(store, { layers });
  await store.tag(image, 'web:1');
  await store.close();
  const target = `docker://${registry.host}/team/web:1`;
  const stuck = new Promise<void>((resolve) => {
    let ends = 0;
    const put = {
      on: ({ method, path }: { method: string; path: string }) => method === 'PUT' && path.includes('/manifests/'),
      // The blobs are there, the manifest hangs on its way.
      answer: async () => {
        ends++;
        if (ends === 1) resolve();
      },
    };
    registry.inject(put);
  });
  const { child, ended } = user.start(['copy', 'store:web:1', target]);
  await stuck;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  await ended;
  const { tags, manifests } = registry.repository('team/web');
  assert.deepEqual([tags.size, manifests.size], [0, 0]);
  registry.forget();
  const again = await user.succeed(['copy', 'store:web:1', target, '--format', 'json']);
  assert.deepEqual(JSON.parse(again.stdout).blobs, { sent: 1, layers: 0, skipped: 4, mounted: 0 });
  assert.equal(tags.get('1'), image.digest);
  const asked = registry.requests.filter(({ method }) => method === 'PUT').map(({ path }) => path.split('/').at(-1));
  assert.deepEqual(asked, [image.digest, '1']);
});

test('a blob that breaks off comes whole, a layer that is not what its digest says never', async () => {
  await using registry = await startMisbehavingRegistry();
  await using user = await startUser();
  await publish(registry, 'team/web:1', [[['two', 'x'.repeat(100_000)]]]);
  registry.inject(cutsDownload('GET blobs/sha256', 100));
  await user.succeed(['copy', `docker://${registry.host}/team/web:1`, 'oci:web']);
  await user.succeed(['ls', 'oci:web']);
  const { blobs } = registry.repository('team/web');
  for (const [digest, bytes] of blobs)
    blobs.set(
      digest,
      bytes.map((byte) => byte ^ 1),
    );
  await user.refused({ code: 'DIGEST_MISMATCH', status: 3 }, [
    'copy',
    `docker://${registry.host}/team/web:1`,
    'oci:wrong',
  ]);
  await user.refused({ code: 'IMAGE_NOT_FOUND', status: 2 }, ['ls', 'oci:wrong']);
});

for (const auth of ['basic', 'token'] as const) {
  test(`a registry behind ${auth} login: pushed, mounted, pulled, listed`, { skip: lackingRegistry }, async (t) => {
    const registry = await startRegistry(t, { auth });
    await using user = await startUser();
    const store = await LocalStore.open(join(user.folder, 'store'));
    const image = await putSampleImage(store, { layers: [[['one', 'first']], [['two', 'second']]] });
    await store.tag(image, 'web');
    await store.close();
    const trust = registry.caFile === undefined ? [] : ['--ca-file', registry.caFile];
    const remote = (name: string) => `docker://${registry.host}/${name}`;
    await user.refused({ code: 'HTTP_AUTH', status: 3 }, ['copy', 'store:web', remote('team/web:1'), ...trust]);
    const login = Buffer.from(`${registry.user}:${registry.password}`).toString('base64');
    await user.write('.docker/config.json', JSON.stringify({ auths: { [registry.host]: { auth: login } } }), 0o600);
    await user.succeed(['copy', 'store:web', remote('team/web:1'), ...trust]);
    const copied = await user.succeed(['copy', remote('team/web:1'), remote('b/web:1'), '--format', 'json', ...trust]);
    assert.deepEqual(JSON.parse(copied.stdout).blobs, { sent: 1, layers: 0, skipped: 0, mounted: 3 });
    const pulled = await user.succeed(['copy', remote('b/web:1'), 'oci:back', ...trust]);
    assert.equal(pulled.stdout, `oci:back:1@${image.digest}\n`);
    assert.equal((await user.succeed(['tags', remote('b/web'), ...trust])).stdout, '1\n');
    assert.deepEqual(await user.mentions(registry.password), []);
  });
}

test('tags lists and removes', async () => {
  await using registry = await startMisbehavingRegistry();
  await using user = await startUser();
  for (const tag of ['b', 'a', '1.0']) await publish(registry, `team/web:${tag}`, [[['app', tag]]]);
  const repository = `docker://${registry.host}/team/web`;
  assert.equal((await user.succeed(['tags', repository])).stdout, '1.0\na\nb\n');
  await user.succeed(['tags', repository, '--delete', 'a']);
  const { stdout } = await user.succeed(['tags', repository, '--format', 'json']);
  const listed = { repository: `${registry.host}/team/web`, tags: ['1.0', 'b'], referrerTags: [] };
  assert.deepEqual(JSON.parse(stdout), listed);
  const missing = await user.refused({ code: 'IMAGE_NOT_FOUND', status: 2 }, ['tags', repository, '--delete', 'a']);
  assert.match(missing.message, /has no a$/);
  await user.refused({ code: 'REFERENCE_INVALID', status: 2 }, ['tags', `${repository}:a`]);
  await user.refused({ code: 'REFERENCE_INVALID', status: 2 }, ['tags', repository, '--delete', '../x']);
});

/** The small blobs come at once; of a larger one the first `count` bytes, then nothing. */
function stallsBehind(count: number): Fault {
  return {
    on: ({ method, path }) => method === 'GET' && path.includes('/blobs/'),
    times: 2,
    async answer(exchange) {
      const { response } = exchange;
      const end = response.end.bind(response);
      response.end = ((body?: Uint8Array) => {
        if (body === undefined || body.length <= count) return end(body);
        response.write(body.subarray(0, count));
        return response;
      }) as typeof response.end;
      await exchange.proceed();
    },
  };
}

/** Bytes of the downloads that are under way. */
async function partialBytes(user: TestUser): Promise<number> {
  const files = (await user.stored()).filter((path) => path.startsWith('tmp/') && path.includes('partial-'));
  const sizes = await Promise.all(files.map((path) => stat(join(user.folder, 'store', path)).catch(() => undefined)));
  return sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0);
}

/** Pushes an image for linux/amd64. */
async function publish(
  registry: MisbehavingRegistry,
  name: string,
  layers: readonly SampleLayer[],
  compression: SampleImage['compression'] = 'gzip',
): Promise<void> {
  const [repository = '', tag = ''] = name.split(':');
  const registries = openRegistries({ env: {} });
  const store = new MemoryStore();
  const { platform: _, ...root } = await putSampleImage(store, { layers, compression });
  const target = await registries.repository({ registry: registry.host, repository });
  await copy(store, target, { root });
  await target.tag(root, tag);
  await registries.close();
}
