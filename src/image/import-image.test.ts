import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { makeTar } from '../../test/support/deb.ts';
import { putSampleImage, variedLayers } from '../../test/support/images.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { mediaTypes } from '../oci/media-types.ts';
import { parseImageConfig, parseManifest } from '../oci/parse.ts';
import { parsePlatform } from '../oci/platform.ts';
import { LocalStore } from '../store/local-store.ts';
import { readBlob } from '../store/read-document.ts';
import { digestOf } from '../util/digest.ts';
import { exportImage } from './export-image.ts';
import { importImage } from './import-image.ts';
import { openImage } from './open-image.ts';

let folder = '';
let store: LocalStore;
let original: Descriptor;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-import-'));
  store = await LocalStore.open(join(folder, 'store'));
  original = await putSampleImage(store, { layers: variedLayers });
  await exportImage({ type: 'docker-archive', file: join(folder, 'web.tar') }, { store, root: original });
});

after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function imported(location: string, into: LocalStore, options: { readonly platform?: string } = {}) {
  const image = await openImage(location, { store: into });
  try {
    const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
    const root = await importImage(image, { store: into, platform });
    const manifest = parseManifest(await readBlob(into, root));
    return { root, manifest, config: parseImageConfig(await readBlob(into, manifest.config)) };
  } finally {
    await image.close();
  }
}

describe('importImage', () => {
  it('keeps config and diff IDs of a docker-archive, and compresses layers alike each time', async () => {
    const { root, manifest, config } = await imported(`docker-archive:${folder}/web.tar`, store);
    const before = parseManifest(await readBlob(store, original));
    assert.equal(manifest.config.digest, before.config.digest);
    assert.deepEqual(
      manifest.layers.map(({ mediaType }) => mediaType),
      variedLayers.map(() => mediaTypes.ociLayerGzip),
    );
    for (const [at, layer] of manifest.layers.entries()) {
      const plain = gunzipSync(await readBlob(store, layer, layer.size));
      assert.equal(digestOf(plain), config.rootfs.diff_ids[at]);
    }
    await using other = await LocalStore.open(join(folder, 'other'));
    assert.deepEqual((await imported(`docker-archive:${folder}/web.tar`, other)).root, root);
    // A second time nothing is compressed, and the same comes out.
    assert.deepEqual((await imported(`docker-archive:${folder}/web.tar`, store)).root, root);
  });

  it('makes of a tar an image of one layer for the wanted platform, whenever and wherever', async () => {
    const tar = makeTar([
      ['etc/', ''],
      ['etc/hostname', 'x\n'],
    ]);
    await writeFile(join(folder, 'root.tar'), tar);
    const { root, config } = await imported(`tar:${folder}/root.tar`, store, { platform: 'linux/arm64' });
    assert.deepEqual([config.os, config.architecture, config.created], ['linux', 'arm64', '1970-01-01T00:00:00Z']);
    assert.deepEqual(config.rootfs.diff_ids, [digestOf(tar)]);
    const again = await imported(`tar:${folder}/root.tar`, store, { platform: 'linux/arm64' });
    assert.deepEqual(again.root, root);
  });

  it('makes of a folder what its tar holds, in whatever order the file system lists it', async () => {
    const trees = [];
    for (const [at, names] of [
      ['b', 'a'],
      ['a', 'b'],
    ].entries()) {
      const tree = join(folder, `tree-${at}`);
      await mkdir(tree, { mode: 0o755 });
      for (const name of names) await writeFile(join(tree, name), name, { mode: 0o644 });
      for (const path of [...names.map((name) => join(tree, name)), tree]) await utimes(path, 1e9, 1e9);
      trees.push(await imported(`dir:${tree}`, store));
    }
    assert.deepEqual(trees[0]?.root, trees[1]?.root);
  });
});
