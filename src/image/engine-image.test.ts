import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeTar } from '../../test/support/deb.ts';
import { type ErrorCode, isSlimimageError } from '../errors.ts';
import { LocalStore } from '../store/local-store.ts';
import { type Digest, digestOf } from '../util/digest.ts';
import { openImage } from './open-image.ts';
import { openView } from './open-view.ts';

let folder = '';
let store: LocalStore;
let id: Digest;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-engine-image-'));
});
after(() => rm(folder, { recursive: true }));

/** A Docker client on PATH whose engine has one image, and that writes down what it was asked. */
async function engineWith(layer: Uint8Array, answer?: string): Promise<void> {
  const config = JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  });
  id = digestOf(config);
  const manifest = JSON.stringify([{ Config: 'c.json', RepoTags: null, Layers: ['l/layer.tar'] }]);
  const saved = makeTar([
    ['!manifest.json', manifest],
    ['!c.json', config],
    ['!l/layer.tar', { content: layer }],
  ]);
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(join(folder, 'saved.tar'), saved);
  const script = `#!/bin/sh
echo "$*" >> ${folder}/asked
case "$1" in
image) echo ${answer ?? id} ;;
save) cp ${folder}/saved.tar "$3" ;;
esac
`;
  await writeFile(join(folder, 'bin/docker'), script);
  await chmod(join(folder, 'bin/docker'), 0o755);
  await writeFile(join(folder, 'asked'), '');
}

/** The words that the client was asked with since the engine was made, one each. */
async function asked(): Promise<readonly string[]> {
  const lines = (await readFile(join(folder, 'asked'), 'utf8')).trim().split('\n');
  return lines.map((line) => line.split(' ')[0] ?? '');
}

async function paths(): Promise<readonly string[]> {
  const image = await openImage('docker-daemon:web', { store, env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` } });
  try {
    const view = await openView(image, { store });
    assert.equal(view.configDigest, id);
    return [...view.rootfs.walk()].map(({ entry }) => entry.path);
  } finally {
    await image.close();
  }
}

async function freshStore(): Promise<void> {
  store = await LocalStore.open(await mkdtemp(join(folder, 'store-')));
}

describe('an image of an engine', () => {
  it('is saved once, and never again while everything of it is remembered', async () => {
    await freshStore();
    await engineWith(makeTar([['a', 'a']]));
    assert.deepEqual(await paths(), ['a']);
    assert.deepEqual(await paths(), ['a']);
    assert.deepEqual(await asked(), ['image', 'save', 'image']);
    const left = await readdir(join(store.root, 'tmp'), { recursive: true });
    assert.deepEqual(
      left.filter((name) => name.includes('saved')),
      [],
    );
  });

  it('is known by its ID: another one under the same name is saved', async () => {
    await freshStore();
    await engineWith(makeTar([['a', 'a']]));
    await paths();
    await engineWith(makeTar([['b', 'b']]));
    assert.deepEqual(await paths(), ['b']);
    assert.deepEqual(await asked(), ['image', 'save']);
  });

  it("is known by podman's ID without an algorithm, and by one that is no config's", async () => {
    for (const answer of ['ab'.repeat(32), `sha256:${'cd'.repeat(32)}`]) {
      await freshStore();
      await engineWith(makeTar([['a', 'a']]), answer);
      assert.deepEqual(await paths(), ['a']);
      assert.deepEqual(await paths(), ['a']);
      assert.deepEqual(await asked(), ['image', 'save', 'image']);
    }
  });

  it('is saved again for a layer that was forgotten, and refused where it is another by then', async () => {
    await freshStore();
    await engineWith(makeTar([['a', 'a']]));
    await paths();
    const forget = async () => {
      for (const name of await readdir(join(store.root, 'memo')))
        if (name.startsWith('layer-')) await rm(join(store.root, 'memo', name), { recursive: true });
    };
    await forget();
    assert.deepEqual(await paths(), ['a']);
    assert.deepEqual(await asked(), ['image', 'save', 'image', 'save']);
    await forget();
    const before = id;
    await engineWith(makeTar([['b', 'b']]), before);
    await refuses(paths(), 'ENGINE');
  });

  it('is saved again where what was remembered of its config is damaged', async () => {
    await freshStore();
    await engineWith(makeTar([['a', 'a']]));
    await paths();
    const memo = join(store.root, 'memo');
    for (const file of await readdir(memo, { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath, file.name);
      if (file.isFile() && path.includes('engine-config'))
        await writeFile(path, (await readFile(path, 'utf8')).replace(/"bytes":"..../, '"bytes":"AAAA'));
    }
    assert.deepEqual(await paths(), ['a']);
    assert.deepEqual(await asked(), ['image', 'save', 'image', 'save']);
  });
});

async function refuses(action: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(action, (error) => isSlimimageError(error, code), code);
}
