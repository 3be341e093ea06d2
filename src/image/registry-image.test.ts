import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { putSampleIndex, type SampleLayer } from '../../test/support/images.ts';
import { type MisbehavingRegistry, startMisbehavingRegistry } from '../../test/support/misbehaving-registry.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { formatPlatform, parsePlatform } from '../oci/platform.ts';
import { openRegistries } from '../registry/open.ts';
import { copy } from '../store/copy.ts';
import { LocalStore } from '../store/local-store.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { exportImage } from './export-image.ts';
import { openImage } from './open-image.ts';
import { readRootfs } from './read-rootfs.ts';
import type { OpenImageOptions } from './types.ts';

const layers: readonly SampleLayer[] = [[['etc/one', '1']], [['etc/two', '2']]];
let folder = '';
let registry: MisbehavingRegistry;
let store: LocalStore;
let registries: ReturnType<typeof openRegistries>;
let index: Descriptor;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-remote-'));
  registry = await startMisbehavingRegistry();
  store = await LocalStore.open(join(folder, 'store'));
  registries = openRegistries({ env: {} });
  const memory = new MemoryStore();
  index = await putSampleIndex(
    memory,
    ['linux/amd64', 'linux/arm64'].map((platform) => ({ layers: [...layers, [['platform', platform]]], platform })),
  );
  const target = await registries.repository({ registry: registry.host, repository: 'team/web' });
  await copy(memory, target, { root: index });
  await target.tag(index, '1');
  registry.forget();
});

afterEach(async () => {
  await registries.close();
  await store.close();
  await registry[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function named(suffix: string): string {
  return `docker://${registry.host}/team/web${suffix}`;
}

async function paths(location: string, options: Partial<OpenImageOptions> = {}): Promise<readonly string[]> {
  const platform = parsePlatform('linux/arm64');
  const image = await openImage(location, { store, registries, platform, ...options });
  try {
    assert.equal(formatPlatform(image.platform ?? assert.fail()), 'linux/arm64');
    const rootfs = await readRootfs(image, { memo: store.memo });
    return [...rootfs.walk()].map(({ entry }) => entry.path);
  } finally {
    await image.close();
  }
}

describe('an image of a registry', () => {
  const expected = ['etc', 'etc/one', 'etc/two', 'platform'];

  it('is the wanted platform’s, each of its blobs fetched once and kept', async () => {
    assert.deepEqual(await paths(named(':1')), expected);
    const blobs = () => registry.asked().filter((asked) => asked.startsWith('GET blobs')).length;
    // Three layers and a config; nothing of the other platform.
    assert.equal(blobs(), 4);
    assert.deepEqual(await paths(named(':1')), expected);
    assert.equal(blobs(), 4);
  });

  it('by digest needs no network when all of it is in the store', async () => {
    assert.deepEqual(await paths(named(`@${index.digest}`)), expected);
    registry.forget();
    const offline = openRegistries({ env: {}, offline: true });
    assert.deepEqual(await paths(named(`@${index.digest}`), { registries: offline }), expected);
    assert.deepEqual(registry.asked(), []);
    await assert.rejects(paths(named(':1'), { registries: offline }), { code: 'OFFLINE' });
  });

  it('by a tag is asked for by the tag’s digest alone when all of it is in the store: registries count what is read', async () => {
    await paths(named(':1'));
    registry.forget();
    const later = openRegistries({ env: {} });
    assert.deepEqual(await paths(named(':1'), { registries: later }), expected);
    await later.close();
    assert.deepEqual(
      registry.asked().filter((asked) => asked !== 'GET base'),
      ['HEAD manifests'],
    );
  });

  it('that is not there is told with the way to what is', async () => {
    await assert.rejects(paths(named(':2')), {
      code: 'IMAGE_NOT_FOUND',
      message: `there is no ${registry.host}/team/web:2`,
      hint: `"slimimage tags docker://${registry.host}/team/web" lists what is there.`,
    });
    await assert.rejects(paths(named(':1'), { platform: parsePlatform('linux/s390x') }), {
      code: 'PLATFORM_UNAVAILABLE',
    });
  });

  it('is written with the tag last, and read back with the same digest', async () => {
    const root = await putSampleIndex(store, [{ layers, platform: 'linux/arm64' }]);
    const location = {
      type: 'registry',
      reference: { registry: registry.host, repository: 'team/new', tag: 'x' },
    } as const;
    const { report, bytes } = await exportImage(location, { store, root, registries });
    // Two layers, config, manifest, index.
    assert.equal(report?.copied, 5);
    assert.equal(bytes, report?.copiedBytes);
    const written = registry.requests
      .filter(({ method }) => method === 'PUT')
      .map(({ path }) => path.split('/').at(-1));
    assert.equal(written.at(-1), 'x');
    assert.equal((await (await registries.repository(location.reference)).resolve('x'))?.digest, root.digest);
    await exportImage(location, { store, root, registries });
    await assert.rejects(
      exportImage(
        { ...location, reference: { ...location.reference, digest: index.digest } },
        { store, root, registries },
      ),
      { code: 'OUTPUT_INVALID' },
    );
  });
});
