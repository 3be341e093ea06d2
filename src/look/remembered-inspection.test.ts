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
    assert.equal(JSON.stringify(second), JSON.stringify(first));
    assert.deepEqual(
      (await readdir(memo())).filter((name) => name.startsWith('layer-')),
      [],
    );
  });

  it('answers other limits, another day, another name and number of the biggest as a new look would', async () => {
    const kept = await remembered();
    const store = await LocalStore.open(places.store);
    await store.tag(await putSampleImage(store, { layers: variedLayers, cmd: ['tool'] }), 'again');
    await store.close();
    const otherwise = [{ top: 1 }, { top: 0 }, { failOn: ['waste>1B', 'files>1'] }, { today: '2040-01-01' }];
    for (const name of ['store:varied', 'store:again']) {
      for (const asked of otherwise) {
        const recalled = await inspectImage(name, { ...places, ...asked });
        const looked = await inspectImage(name, { ...places, ...asked, edition: undefined });
        assert.equal(JSON.stringify(recalled), JSON.stringify(looked), JSON.stringify(asked));
      }
    }
    assert.deepEqual(await remembered(), kept);
  });

  it('answers for the same image, figures and program alone', async () => {
    const otherwise = [{ top: 1000 }, { dive: true }, { edition: '1.0.1' }];
    for (const [at, asked] of otherwise.entries()) {
      await inspectImage('store:varied', { ...places, ...asked });
      assert.equal((await remembered()).length, at + 2, JSON.stringify(asked));
    }
    const store = await LocalStore.open(places.store);
    await store.tag(await putSampleImage(store, { layers: variedLayers.slice(0, 1), cmd: ['tool'] }), 'varied');
    await store.close();
    assert.equal((await inspectImage('store:varied', places)).layers.length, 1);
  });

  it('is not kept where paths are named', async () => {
    const before = await remembered();
    const { packages } = await inspectImage('store:varied', { ...places, files: 'none' });
    assert.equal(packages.unowned.paths?.length, packages.unowned.files);
    const { layers } = await inspectImage('store:varied', { ...places, layer: '1' });
    assert.equal(layers[0]?.changes?.added.length, layers[0]?.added.paths);
    assert.deepEqual(await remembered(), before);
    await assert.rejects(inspectImage('store:varied', { ...places, files: 'curl' }), { code: 'USAGE' });
    await assert.rejects(inspectImage('store:varied', { ...places, layer: '9' }), { code: 'USAGE' });
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
