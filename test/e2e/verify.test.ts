/** What `verify` says of images that `build` made, and of the same after somebody meddled with them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { openBlobImage } from '../../src/image/blob-image.ts';
import { indexLayers, indexReader } from '../../src/image/layer-index.ts';
import type { ClaimId, SlimimageEvent } from '../../src/index.ts';
import { copyImage } from '../../src/index.ts';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { OciLayout } from '../../src/store/oci-layout.ts';
import type { Digest } from '../../src/util/digest.ts';
import { lackingRegistry, startRegistry } from '../support/registry.ts';
import {
  blobPath,
  claimOf,
  failures,
  idsOf,
  library,
  meddle,
  readLayout,
  replaceFile,
  replaceManifest,
  startVerifyScene,
  textOf,
  tool,
  type VerifyScene,
} from '../support/verify-scene.ts';

let scene: VerifyScene;
let layouts = 0;

before(async () => {
  scene = await startVerifyScene();
  await scene.lock();
  await scene.build();
});
after(() => scene[Symbol.asyncDispose]());

const locked = { lock: 'slimimage.lock.json' };

/** A layout of its own with the image and its papers. */
async function layout(): Promise<string> {
  const name = `layout-${++layouts}`;
  await scene.build({ outputs: [`oci:${name}`], attach: true });
  return name;
}

const everything: readonly ClaimId[] = [
  'blobs',
  'documents',
  'layers',
  'packaged-files',
  'configuration-files',
  'unowned-programs',
  'locked-packages',
  'locked-files',
  'generated-files',
  'own-files',
  'nothing-else',
  'settings',
  'papers',
  'provenance',
  'locked-materials',
  'releases',
  'listed-packages',
];

describe('what a build made is proven', () => {
  test('in the store, from the archive key to every file', async () => {
    const found = await scene.verify('store:sample', locked);
    assert.deepEqual(failures(found), []);
    assert.deepEqual(idsOf(found, 'proven'), everything);
    assert.equal(found.verified, true);
    const notes = claimOf(found, 'locked-files')?.details.map(({ about }) => about);
    assert.deepEqual(notes, ['/usr/bin/tool', 'filters']);
  });

  test('without a network', async () => {
    const found = await scene.verify('store:sample', { ...locked, offline: true });
    assert.deepEqual(idsOf(found, 'proven'), everything);
  });

  test('without the configuration as far as the lock says', async () => {
    await scene.write('alone/../other.lock.json', await readFile(scene.path('slimimage.lock.json')));
    const found = await scene.verify('store:sample', { lock: 'other.lock.json' });
    assert.deepEqual(failures(found), []);
    assert.equal(claimOf(found, 'locked-files')?.status, 'proven');
    assert.equal(claimOf(found, 'nothing-else')?.status, 'unproven');
    assert.deepEqual(
      claimOf(found, 'nothing-else')?.details.map(({ about }) => about),
      ['/app', '/app/app.txt'],
    );
    assert.equal(found.verified, true);
  });

  test('with a time that the build was given', async () => {
    const env = { HOME: scene.folder, SOURCE_DATE_EPOCH: '1600000000' };
    await scene.build({ tags: ['timed'], env });
    const found = await scene.verify('store:timed', locked);
    assert.deepEqual(failures(found), []);
    const notes = claimOf(found, 'locked-files')?.details.map(({ about }) => about);
    assert.deepEqual(notes, ['/usr/bin/tool', 'filters', 'times']);
  });

  test('with a configuration that has moved as far as the lock says, which is told', async () => {
    const config = await readFile(scene.path('slimimage.yaml'), 'utf8');
    await scene.write('moved.yaml', config.replace('packages: [tool]', 'packages: [tool, more]'));
    const warnings: string[] = [];
    const onEvent = (event: SlimimageEvent) => void (event.type === 'warning' && warnings.push(event.message));
    const found = await scene.verify('store:sample', { ...locked, config: 'moved.yaml', onEvent });
    assert.deepEqual(failures(found), []);
    assert.equal(claimOf(found, 'settings')?.status, 'unproven');
    assert.match(warnings.join('\n'), /the configuration has moved since the lock was made: packages/);
  });

  test('as a layout, and as archives', async () => {
    const outputs = ['oci-archive:sample.oci.tar', 'docker-archive:sample.tar'];
    await scene.build({ outputs });
    for (const image of [`oci:${await layout()}`, ...outputs]) {
      const found = await scene.verify(image, locked);
      assert.deepEqual(failures(found), [], image);
      assert.equal(found.verified, true);
      assert.equal(claimOf(found, 'provenance')?.status, 'proven', image);
    }
  });

  test('in a registry', { skip: lackingRegistry }, async (t) => {
    const { host } = await startRegistry(t);
    const { path } = scene;
    const image = `docker://${host}/team/sample:1`;
    const insecureRegistries = [host];
    const store = path('store');
    await copyImage('store:sample', image, { store, env: {}, cwd: scene.folder, insecureRegistries });
    const found = await scene.verify(image, { ...locked, insecureRegistries });
    assert.deepEqual(idsOf(found, 'proven'), everything);
    const elsewhere = await scene.verify(image, { ...locked, insecureRegistries, store: path('elsewhere') });
    assert.deepEqual(idsOf(elsewhere, 'proven'), everything);
  });
});

test('what stands on another image is proven with its layers; what is put over them is not', async () => {
  const config = await readFile(scene.path('slimimage.yaml'), 'utf8');
  const above = config
    .replace('packages: [tool]', 'packages: [extra]\non: "store:sample"')
    .replace('name: sample', 'name: above');
  await scene.publish([tool(), library(), { name: 'extra', files: { '/usr/bin/extra': 'extra' } }]);
  await scene.write('above.yaml', above.replace(/^(?:files|workdir): .*\n/gm, ''));
  await scene.lock('above.yaml');
  await scene.build({ outputs: ['oci:above'] }, 'above.yaml');
  const options = { lock: 'above.lock.json' };
  const found = await scene.verify('oci:above', options);
  assert.deepEqual(failures(found), []);
  assert.equal(claimOf(found, 'image-below')?.status, 'proven');
  const change = (files: Parameters<typeof replaceFile>[0]) => {
    const file = files.get('usr/bin/extra') ?? assert.fail();
    files.set('usr/bin/other', { ...file, header: { ...file.header, path: 'usr/bin/other' } });
  };
  await meddle(scene.path('above'), { layer: { path: 'usr/bin/extra', change } });
  const changed = await scene.verify('oci:above', options);
  assert.ok(failures(changed).includes('image-below: /usr/bin/other'), failures(changed).join('\n'));
  await scene.publish([tool(), library()]);
});

describe('what was damaged', () => {
  test('one bit of a layer', async () => {
    const name = await layout();
    const { manifest } = await readLayout(scene.path(name));
    const [layer] = manifest.layers;
    await flip(name, layer?.digest as Digest);
    const found = await scene.verify(`oci:${name}`, locked);
    assert.deepEqual(failures(found).slice(0, 2), [`blobs: ${layer?.digest}`, `layers: ${layer?.digest}`]);
    assert.equal(found.verified, false);
    // What can be told nevertheless.
    assert.equal(claimOf(found, 'documents')?.status, 'proven');
    assert.equal(claimOf(found, 'releases')?.status, 'proven');
  });

  test('one bit of the config, of the manifest', async () => {
    for (const which of ['config', 'manifest'] as const) {
      const name = await layout();
      const { manifest, digest } = await readLayout(scene.path(name));
      const flipped = which === 'manifest' ? digest : manifest.config.digest;
      await flip(name, flipped);
      const found = await scene.verify(`oci:${name}`, locked);
      assert.deepEqual(failures(found), [`blobs: ${flipped}`]);
      assert.equal(found.verified, false);
      if (which === 'config') assert.equal(claimOf(found, 'blobs')?.counts.proven, 3);
    }
  });

  test('one bit of a paper, and of the list of papers', async () => {
    const name = await layout();
    const index = JSON.parse(await readFile(scene.path(`${name}/index.json`), 'utf8'));
    const list = index.manifests.find(({ mediaType }: { mediaType: string }) => mediaType.includes('index')).digest;
    const [{ digest }] = JSON.parse(await readFile(blobPath(scene.path(name), list), 'utf8')).manifests;
    for (const flipped of [digest, list]) {
      await flip(name, flipped);
      const found = await scene.verify(`oci:${name}`, locked);
      assert.deepEqual(idsOf(found, 'failed'), ['papers']);
      assert.equal(found.verified, false);
    }
  });

  test('a truncated layer, and one that is gone', async () => {
    const name = await layout();
    const { manifest } = await readLayout(scene.path(name));
    const { digest, size } = manifest.layers[0] ?? assert.fail();
    await truncate(blobPath(scene.path(name), digest), size - 10);
    const found = await scene.verify(`oci:${name}`);
    assert.ok(failures(found).includes(`blobs: ${digest}`));
    assert.match(claimOf(found, 'blobs')?.reason ?? '', /has \d+ bytes, not \d+/);
    const [told] = claimOf(found, 'layers')?.details ?? [];
    assert.match(told?.message ?? '', /^layer 1 of 2 /, 'its digest and the image are named beside it');
    await replaceManifest(scene.path(name), {
      ...manifest,
      layers: [{ ...manifest.layers[0], digest: gone } as never],
    });
    const lacking = await scene.verify(`oci:${name}`);
    assert.match(claimOf(lacking, 'blobs')?.reason ?? '', /the layer is missing/);
  });
});

const gone: Digest = `sha256:${'0'.repeat(64)}`;

describe('what was replaced, with all digests made anew', () => {
  test('a file: the package database knows', async () => {
    const name = await layout();
    const change = (files: Parameters<typeof replaceFile>[0]) => replaceFile(files, 'usr/bin/other', 'evil');
    await meddle(scene.path(name), { layer: { path: 'usr/bin/other', change } });
    const found = await scene.verify(`oci:${name}`);
    assert.deepEqual(idsOf(found, 'failed'), ['packaged-files']);
    assert.deepEqual(failures(found), ['packaged-files: /usr/bin/other']);
    assert.equal(found.verified, false);
  });

  test('a file and its sum: the .debs of the lock know, with and without the configuration', async () => {
    const name = await layout();
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const change = (files: Parameters<typeof replaceFile>[0]) => {
      const sums = 'var/lib/dpkg/status.d/tool.md5sums';
      replaceFile(files, 'usr/bin/other', 'evil');
      replaceFile(files, sums, textOf(files, sums).replace(md5('other'), md5('evil')));
    };
    await meddle(scene.path(name), { layer: { path: 'usr/bin/other', change } });
    const without = await scene.verify(`oci:${name}`);
    assert.deepEqual(failures(without), []);
    assert.equal(claimOf(without, 'provenance')?.status, 'unproven');
    const against = await scene.verify(`oci:${name}`, locked);
    assert.deepEqual(failures(against), [
      'locked-files: /usr/bin/other',
      'generated-files: /var/lib/dpkg/status.d/tool.md5sums',
    ]);
    await scene.write('other.lock.json', await readFile(scene.path('slimimage.lock.json')));
    const alone = await scene.verify(`oci:${name}`, { lock: 'other.lock.json' });
    assert.deepEqual(failures(alone), ['locked-files: /usr/bin/other']);
  });

  test('a mode, a link, a program of nobody', async () => {
    const name = await layout();
    const change = (files: Parameters<typeof replaceFile>[0]) => {
      const other = files.get('usr/bin/other') ?? assert.fail();
      files.set('usr/bin/other', { ...other, header: { ...other.header, mode: 0o4755 } });
      files.set('usr/bin/more', { ...other, header: { ...other.header, path: 'usr/bin/more' } });
      const link = files.get('usr/lib/libtool.so') ?? assert.fail();
      files.set('usr/lib/libtool.so', { ...link, header: { ...link.header, linkTarget: '/tmp/evil.so' } });
    };
    await meddle(scene.path(name), { layer: { path: 'usr/bin/other', change } });
    const found = await scene.verify(`oci:${name}`, locked);
    assert.deepEqual(
      failures(found),
      ['locked-files: /usr/lib/libtool.so', 'locked-files: /usr/bin/other', 'nothing-else: /usr/bin/more'].sort(
        byClaim(failures(found)),
      ),
    );
    assert.deepEqual(
      claimOf(found, 'unowned-programs')?.details.map(({ about }) => about),
      ['/usr/bin/more'],
    );
  });

  test('a file, its sum left out: nothing vouches for it', async () => {
    const name = await layout();
    const change = (files: Parameters<typeof replaceFile>[0]) => {
      for (const [own, path] of [
        ['tool', 'usr/bin/other'],
        ['libtool', 'usr/lib/libtool.so.1'],
      ] as const) {
        const sums = `var/lib/dpkg/status.d/${own}.md5sums`;
        replaceFile(files, path, 'evil');
        replaceFile(files, sums, textOf(files, sums).replace(new RegExp(`.*${path}\\n`), ''));
      }
    };
    await meddle(scene.path(name), { layer: { path: 'usr/bin/other', change } });
    const found = await scene.verify(`oci:${name}`);
    assert.deepEqual(failures(found), []);
    assert.deepEqual(found.against, []);
    assert.deepEqual(
      claimOf(found, 'unowned-programs')?.details.map(({ about }) => about),
      ['/usr/bin/other', '/usr/lib/libtool.so.1'],
    );
    assert.equal((await scene.verify(`oci:${name}`, locked)).verified, false);
  });

  test('a mode: what the store remembers of the layer is not believed', async () => {
    const name = await layout();
    const clean = await readLayout(scene.path(name));
    const change = (files: Parameters<typeof replaceFile>[0]) => {
      const other = files.get('usr/bin/other') ?? assert.fail();
      files.set('usr/bin/other', { ...other, header: { ...other.header, mode: 0o4755 } });
    };
    await meddle(scene.path(name), { layer: { path: 'usr/bin/other', change } });
    const evil = await readLayout(scene.path(name));
    await using store = await LocalStore.open(scene.path('store'));
    const blobs = await OciLayout.open(scene.path(name));
    const root = {
      mediaType: mediaTypes.ociManifest,
      digest: clean.digest,
      size: (await blobs.size(clean.digest)) ?? 0,
    };
    const remembered = await indexLayers(await openBlobImage(blobs, root, { name }));
    for (const [at, diffId] of evil.config.rootfs.diff_ids.entries()) {
      const lie = indexReader.encode(remembered[at] ?? assert.fail());
      await store.memo.setBytes(indexReader.namespace, diffId, lie as Uint8Array);
    }
    assert.deepEqual(failures(await scene.verify(`oci:${name}`, locked)), ['locked-files: /usr/bin/other']);
  });

  test('the settings: the configuration knows', async () => {
    const name = await layout();
    await meddle(scene.path(name), {
      config: (config) => ({ ...config, config: { ...config.config, Entrypoint: ['/bin/evil'], User: '0:0' } }),
    });
    const found = await scene.verify(`oci:${name}`, locked);
    assert.deepEqual(failures(found), ['settings: Entrypoint', 'settings: User']);
  });

  test("the config by another image's", async () => {
    const name = await layout();
    const { manifest, config } = await readLayout(scene.path(name));
    const other = { ...config, rootfs: { ...config.rootfs, diff_ids: config.rootfs.diff_ids.map(() => gone) } };
    await meddle(scene.path(name), { config: () => other });
    const found = await scene.verify(`oci:${name}`, locked);
    assert.deepEqual(
      failures(found),
      manifest.layers.map(({ digest }) => `layers: ${digest}`),
    );
    await meddle(scene.path(name), { config: () => ({ ...other, rootfs: { ...other.rootfs, diff_ids: [] } }) });
    const counted = await scene.verify(`oci:${name}`);
    assert.match(claimOf(counted, 'documents')?.reason ?? '', /it has 2 layers, and its config 0 diff IDs/);
  });

  test('a package by another version', async () => {
    const before = await readFile(scene.path('slimimage.lock.json'));
    await scene.publish([tool(), library('2.0-1')]);
    await scene.build({ tags: ['swapped'] });
    const found = await scene.verify('store:swapped', locked);
    assert.ok(failures(found).includes('locked-packages: libtool'), failures(found).join('\n'));
    assert.ok(failures(found).includes('locked-files: /usr/lib/libtool.so.1'));
    assert.ok(failures(found).some((one) => one.startsWith('locked-materials: libtool 2.0-1')));
    assert.match(
      claimOf(found, 'locked-packages')?.reason ?? '',
      /it is 2.0-1 \(amd64\), and 1.0-1 \(amd64\) in the lock/,
    );
    await scene.publish([tool(), library()]);
    await writeFile(scene.path('slimimage.lock.json'), before);
  });
});

/** Keeps the order in which they were told. */
function byClaim(order: readonly string[]): (a: string, b: string) => number {
  return (a, b) => order.indexOf(a) - order.indexOf(b);
}

async function flip(name: string, digest: Digest): Promise<void> {
  const file = blobPath(scene.path(name), digest);
  const bytes = await readFile(file);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(file, bytes);
}
