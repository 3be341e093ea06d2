import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { putSampleImage, variedLayers } from '../../test/support/images.ts';
import { LocalStore } from '../store/local-store.ts';
import { listImageTree } from './list-image.ts';

test('folders, files and links to them are listed under their own names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-list-'));
  try {
    const store = await LocalStore.open(folder);
    await store.tag(await putSampleImage(store, { layers: variedLayers }), 'varied');
    await store.close();
    const list = async (path?: string) => {
      const entries = await listImageTree('store:varied', { path, store: folder, cwd: folder, env: {} });
      return entries.map((entry) => entry.path);
    };
    assert.deepEqual((await list()).slice(0, 3), ['bin', 'etc', 'etc/passwd']);
    assert.deepEqual(await list('/etc'), ['etc/passwd']);
    assert.deepEqual(await list('/etc/passwd'), ['etc/passwd']);
    assert.deepEqual(await list('/bin/tool'), ['usr/bin/tool']);
    assert.deepEqual(await list('/bin'), await list('usr/bin/'));
    assert.deepEqual(await list('/tmp'), []);
    await assert.rejects(list('/missing'), { code: 'SOURCE_INVALID' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
