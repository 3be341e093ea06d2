import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { putSampleImage, type SampleLayer } from '../../test/support/images.ts';
import type { ImageSpec, LayersSetting } from '../config/spec.ts';
import { isSlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { parsePlatform } from '../oci/platform.ts';
import { LocalStore } from '../store/local-store.ts';
import { openBase } from './base-image.ts';
import type { Session } from './session.ts';

let root: string;
let store: LocalStore;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'slimimage-base-image-'));
  store = await LocalStore.open(root);
});
after(async () => {
  await store.close();
  await rm(root, { recursive: true, force: true });
});

async function open(layers: readonly SampleLayer[], setting: LayersSetting = { type: 'automatic' }) {
  const { platform: _, ...manifest } = await putSampleImage(store, { layers, compression: 'none' });
  await store.tag(manifest, 'below:latest');
  const spec = { on: 'store:below', directory: root, layers: setting } as unknown as ImageSpec;
  return openBase(spec, parsePlatform('linux/amd64'), { store, signal: undefined } as unknown as Session);
}

test('what a build needs to know of the image below: its tree, its accounts, its packages, its time', async () => {
  const status = 'Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n';
  const base = await open([
    [
      ['etc/', {}],
      ['etc/passwd', 'root:x:0:0::/:\n'],
      ['var/lib/dpkg/status.d/a', status],
    ],
    [
      ['bin', { type: 'symlink', linkTarget: 'usr/bin' }],
      ['etc/passwd', 'app:x:1:1::/:\n'],
    ],
  ]);
  assert.ok(base);
  assert.equal(Buffer.from(base.files.get('etc/passwd') ?? []).toString(), 'app:x:1:1::/:\n');
  assert.deepEqual(
    base.installed.map(({ name, version }) => `${name} ${version}`),
    ['a 1'],
  );
  assert.equal(base.layout, 'merged');
  assert.equal(base.created, Date.parse('2025-01-01T00:00:00Z') / 1000);
  const paths = base.nodes.map(({ entry }) => entry.path).sort();
  assert.deepEqual(paths.slice(0, 3), ['bin', 'etc', 'etc/passwd']);
});

test('engines take 127 layers: an image that has them already is refused', async () => {
  const layers = (count: number) => Array.from({ length: count }, (_, at): SampleLayer => [[`${at}`, '']]);
  assert.equal((await open(layers(limits.builtLayers - 1)))?.layers.length, 126);
  await assert.rejects(
    open(layers(limits.builtLayers)),
    (error) => isSlimimageError(error, 'LIMIT_EXCEEDED') && error.message.includes('127'),
  );
  await assert.rejects(
    open(layers(100), { type: 'budget', budget: 28 }),
    (error) => isSlimimageError(error, 'CONFIG_INVALID') && error.hint?.includes('{ budget: 27 }') === true,
  );
  assert.equal((await open(layers(100), { type: 'budget', budget: 27 }))?.layers.length, 100);
});

test('no file of the image below is read beyond a limit', async () => {
  const content = new Uint8Array(limits.baseFileBytes + 1);
  await assert.rejects(
    open([[['var/lib/dpkg/status', { content }]]]),
    (error) => isSlimimageError(error, 'LIMIT_EXCEEDED') && error.message.includes('/var/lib/dpkg/status'),
  );
});
