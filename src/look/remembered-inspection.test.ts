import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { putSampleImage, variedLayers } from '../../test/support/images.ts';
import { LocalStore } from '../store/local-store.ts';
import { inspectImage } from './inspect-image.ts';

describe('an inspection that is remembered', () => {
  let folder = '';
  let places = { store: '', cwd: '', env: {}, today: '2026-11-21', edition: '1.0.0' };
  const memo = () => join(places.store, 'memo');
  const remembered = async () =>
    (await readdir(memo(), { recursive: true })).filter((file) => /inspection-.*\.bytes$/.test(file));
  const forgetLayers = async () => {
    for (const name of await readdir(memo()))
      if (name.startsWith('layer-')) await rm(join(memo(), name), { recursive: true });
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slimimage-remembered-'));
    places = { ...places, store: join(folder, 'store'), cwd: folder };
    const store = await LocalStore.open(places.store);
    await store.tag(await putSampleImage(store, { layers: variedLayers, cmd: ['tool'] }), 'varied');
    await store.close();
  });
  after(() => rm(folder, { recursive: true }));

  it('is the same answer, and no layer is asked for it', async () => {
    const first = await inspectImage('store:varied', places);
    await forgetLayers();
    const second = await inspectImage('store:varied', places);
    assert.deepEqual(second, JSON.parse(JSON.stringify(first)));
    assert.deepEqual(
      (await readdir(memo())).filter((name) => name.startsWith('layer-')),
      [],
    );
  });

  it('answers for the same image, options, day and program alone', async () => {
    const otherwise = [
      { top: 1 },
      { dive: true },
      { failOn: ['waste>1B'] },
      { today: '2040-01-01' },
      { edition: '1.0.1' },
    ];
    for (const [at, asked] of otherwise.entries()) {
      await inspectImage('store:varied', { ...places, ...asked });
      assert.equal((await remembered()).length, at + 2, JSON.stringify(asked));
    }
    const store = await LocalStore.open(places.store);
    await store.tag(await putSampleImage(store, { layers: variedLayers.slice(0, 1), cmd: ['tool'] }), 'varied');
    await store.close();
    assert.equal((await inspectImage('store:varied', places)).layers.length, 1);
  });

  it('is not kept where secrets are shown, nor by a program that runs from its source', async () => {
    const before = await remembered();
    const { settings } = await inspectImage('store:varied', { ...places, showSecrets: true });
    assert.ok(settings !== undefined);
    await inspectImage('store:varied', { ...places, top: 7, edition: undefined });
    assert.deepEqual(await remembered(), before);
  });

  it('is found again where it is damaged', async () => {
    const whole = await inspectImage('store:varied', places);
    for (const file of await remembered()) await writeFile(join(memo(), file), 'nonsense');
    assert.equal(JSON.stringify(await inspectImage('store:varied', places)), JSON.stringify(whole));
  });
});
