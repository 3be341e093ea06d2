import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeTar } from '../../test/support/deb.ts';
import { putSampleImage, putSampleIndex, variedLayers } from '../../test/support/images.ts';
import { type ErrorCode, isSlimimageError } from '../errors.ts';
import type { SlimimageEvent } from '../events.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { parseLocation } from '../oci/location.ts';
import { parsePlatform } from '../oci/platform.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import { LocalStore } from '../store/local-store.ts';
import { concatBytes } from '../util/bytes.ts';
import { digestOf } from '../util/digest.ts';
import { decodeUtf8 } from '../util/text.ts';
import { exportImage } from './export-image.ts';
import { hostPlatform } from './host-platform.ts';
import { openImage } from './open-image.ts';
import { readFile as readImageFile } from './read-files.ts';
import { readRootfs } from './read-rootfs.ts';

let folder = '';
let store: LocalStore;
let image: Descriptor;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-image-'));
  store = await LocalStore.open(join(folder, 'store'));
  image = await putSampleImage(store, { layers: variedLayers });
  await store.tag(image, 'varied');
});

after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const long = `usr/${'long-name-'.repeat(12)}é`;
/** What the two layers make, as `TYPE MODE SIZE-OR-TARGET`. */
const expected = {
  bin: 'symlink 777 usr/bin',
  etc: 'directory 700 10:20',
  'etc/passwd': 'file 644 28',
  opt: 'directory 755',
  'opt/new': 'file 644 3',
  tmp: 'directory 1777',
  usr: 'directory 755',
  'usr/bin': 'directory 755',
  'usr/bin/again': 'file 4755 5',
  'usr/bin/big': 'file 644 300000',
  'usr/bin/empty': 'file 644 0',
  'usr/bin/third': 'file 4755 5',
  'usr/bin/through': 'file 644 22',
  'usr/bin/tool': 'file 4755 5',
  [long]: 'file 644 4',
};
/** The same in a folder: whoever is not root owns all that they unpack. */
const owner = process.getuid?.() === 0 ? undefined : `${process.getuid?.()}:${process.getgid?.()}`;
const unpacked =
  owner === undefined ? expected : mapValues(expected, (text) => `${text.replace(/ \d+:\d+$/, '')} ${owner}`);

function mapValues(map: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

function picture(rootfs: Rootfs): Record<string, string> {
  return Object.fromEntries(
    [...rootfs.walk()].map(({ entry: { path, type, mode, size, linkTarget, uid, gid } }) => {
      const what = linkTarget ?? (type === 'file' ? size : '');
      const owner = uid === 0 && gid === 0 ? '' : `${uid}:${gid}`;
      return [
        path,
        [type, type === 'symlink' ? '777' : mode.toString(8), what, owner].filter((text) => text !== '').join(' '),
      ];
    }),
  );
}

async function pictureOf(reference: string, platform?: string): Promise<Record<string, string>> {
  const opened = await openImage(reference, {
    store,
    platform: platform === undefined ? undefined : parsePlatform(platform),
  });
  try {
    return picture(await readRootfs(opened));
  } finally {
    await opened.close();
  }
}

function write(
  target: string,
  options: { root?: Descriptor; references?: string[]; onEvent?: (event: SlimimageEvent) => void } = {},
) {
  return exportImage(parseLocation(target), { store, root: image, cwd: folder, ...options });
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  return decodeUtf8(await bytesOf(bytes));
}

async function bytesOf(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk.slice());
  return concatBytes(chunks);
}

async function refuses(action: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(action, (error) => isSlimimageError(error, code), code);
}

describe('openImage', () => {
  it('hands out the blobs of layers as they are stored, where a form keeps them', async () => {
    for (const form of ['oci', 'oci-archive']) {
      await write(`${form}:${form}-kept`, { references: ['web:dev'] });
      const opened = await openImage(`${form}:${join(folder, `${form}-kept`)}`, { store });
      const [layer] = opened.layers;
      assert.ok(layer?.openBlob !== undefined && layer.descriptor !== undefined);
      assert.deepEqual(await bytesOf(layer.openBlob()), await bytesOf(store.open(layer.descriptor.digest)));
      await opened.close();
    }
  });

  it('reads what was written, in every form', async () => {
    assert.deepEqual(await pictureOf('store:varied'), expected);
    for (const form of ['oci', 'oci-archive', 'docker-archive', 'tar', 'dir']) {
      await write(`${form}:${form}-out`, { references: ['web:dev'] });
      const wanted = form === 'dir' ? unpacked : expected;
      assert.deepEqual(await pictureOf(`${form}:${join(folder, `${form}-out`)}`), wanted, form);
    }
  });

  it('reads an archive that is gzipped as a whole', async () => {
    await write('docker-archive:plain.tar', { references: ['web:dev'] });
    await writeFile(join(folder, 'whole.tar.gz'), gzipSync(await readFile(join(folder, 'plain.tar'))));
    assert.deepEqual(await pictureOf(`docker-archive:${folder}/whole.tar.gz:web:dev`), expected);
    assert.deepEqual((await readdir(join(store.root, 'tmp'))).length <= 1, true);
    await refuses(openImage(`docker-archive:${folder}/whole.tar.gz:web:other`, { store }), 'IMAGE_NOT_FOUND');
  });

  it('reads what old versions of docker save wrote: layer.tar in folders, the second of two equal ones a link', async () => {
    const layer = makeTar([
      ['etc/', ''],
      ['etc/x', 'x'],
    ]);
    const config = JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      config: { Cmd: null, Volumes: null },
      rootfs: { type: 'layers', diff_ids: [digestOf(layer), digestOf(layer)] },
    });
    const manifest = [{ Config: 'abc.json', RepoTags: ['old/app:1'], Layers: ['aa/layer.tar', 'bb/layer.tar'] }];
    const tar = makeTar([
      ['!aa/layer.tar', { content: layer }],
      ['!abc.json', config],
      ['!bb/layer.tar', { type: 'symlink', linkTarget: '../aa/layer.tar' }],
      ['!manifest.json', JSON.stringify(manifest)],
    ]);
    await writeFile(join(folder, 'old.tar'), tar);
    for (const reference of ['old.tar', 'old.tar:old/app:1', 'old.tar:docker.io/old/app:1']) {
      assert.deepEqual(await pictureOf(`docker-archive:${folder}/${reference}`), {
        etc: 'directory 755',
        'etc/x': 'file 644 1',
      });
    }
  });

  it('chooses the platform', async () => {
    const layers = (text: string) => [[['hello', text]] as const];
    const index = await putSampleIndex(store, [
      { layers: layers('a'), platform: 'linux/amd64' },
      { layers: layers('arm'), platform: 'linux/arm64' },
    ]);
    await store.tag(index, 'both');
    await write('oci:both', { root: index });
    await write('oci-archive:both.tar', { root: index });
    for (const form of ['store:both', `oci:${folder}/both`, `oci-archive:${folder}/both.tar`]) {
      assert.deepEqual(await pictureOf(form, 'linux/arm64/v8'), { hello: 'file 644 3' });
      assert.deepEqual(await pictureOf(form, 'amd64'), { hello: 'file 644 1' });
      await refuses(pictureOf(form, 's390x'), 'PLATFORM_UNAVAILABLE');
    }
    await refuses(pictureOf('store:varied', 'arm64'), 'PLATFORM_UNAVAILABLE');
    const { note } = await write('docker-archive:one.tar', { root: index });
    assert.equal(note, `this form holds only linux/${hostPlatform().architecture}`);
    const opened = await openImage(`docker-archive:${folder}/one.tar`, { store });
    assert.deepEqual(opened.platform, hostPlatform());
    await opened.close();
  });

  it('says what is not there', async () => {
    await refuses(openImage('store:nothing', { store }), 'IMAGE_NOT_FOUND');
    for (const form of ['oci', 'oci-archive', 'docker-archive', 'tar', 'dir']) {
      await refuses(openImage(`${form}:${folder}/missing`, { store }), 'IMAGE_NOT_FOUND');
    }
    await refuses(openImage(`oci:${folder}/both:no-such-tag`, { store }), 'IMAGE_NOT_FOUND');
    await refuses(openImage('registry.example/app', { store }), 'REFERENCE_INVALID');
    for (const bare of ['varied', 'varied:latest']) {
      await assert.rejects(openImage(bare, { store }), {
        hint: `Did you mean store:varied:latest? The registry's is docker://${bare}.`,
      });
    }
  });

  it('gives the bytes of a file, through the links of the image', async () => {
    const opened = await openImage('store:varied', { store });
    for (const options of [{}, { memo: store.memo }]) {
      const rootfs = await readRootfs(opened, options);
      assert.equal(await textOf(readImageFile(opened, rootfs, { path: '/bin/third' })), 'tool\n');
      assert.equal(
        await textOf(readImageFile(opened, rootfs, { path: 'etc/passwd' })),
        'root:x:0:0::/root:/bin/bash\n',
      );
      assert.equal((await textOf(readImageFile(opened, rootfs, { path: 'bin/big' }))).length, 300_000);
      assert.equal(await textOf(readImageFile(opened, rootfs, { path: 'bin/empty' })), '');
      await refuses(textOf(readImageFile(opened, rootfs, { path: 'etc' })), 'IMAGE_NOT_FOUND');
      await refuses(textOf(readImageFile(opened, rootfs, { path: 'etc/gone' })), 'IMAGE_NOT_FOUND');
    }
  });

  it('remembers a layer by its diff ID and never reads it again', async () => {
    const opened = await openImage('store:varied', { store });
    const first = await readRootfs(opened, { memo: store.memo });
    const unreadable = {
      ...opened,
      layers: opened.layers.map((layer) => ({ ...layer, open: () => assert.fail('read again') })),
    };
    assert.deepEqual(await readRootfs(unreadable, { memo: store.memo }), first);
  });

  it('refuses layers that are not what the config says, or that lead out', async () => {
    const hostile = [
      ['!../out', 'x'],
      ['!a/../../out', 'x'],
      ['x/.wh...', 'x'],
    ] as const;
    for (const entry of hostile) {
      await store.tag(await putSampleImage(store, { layers: [[entry]] }), 'hostile');
      await refuses(pictureOf('store:hostile'), 'PATH_UNSAFE');
      await refuses(write('dir:hostile', { root: (await store.resolve('hostile')) ?? image }), 'PATH_UNSAFE');
      await assert.rejects(stat(join(folder, 'hostile')));
    }
    const layer = makeTar([['a', 'a']]);
    const config = JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: [digestOf('b')] },
    });
    const manifest = JSON.stringify([{ Config: 'c.json', RepoTags: null, Layers: ['l.tar'] }]);
    await writeFile(
      join(folder, 'lie.tar'),
      makeTar([
        ['manifest.json', manifest],
        ['c.json', config],
        ['l.tar', { content: layer }],
      ]),
    );
    await refuses(pictureOf(`docker-archive:${folder}/lie.tar`), 'DIGEST_MISMATCH');
    await writeFile(
      join(folder, 'cut.tar'),
      makeTar([
        ['manifest.json', manifest],
        ['l.tar', { content: 'x'.repeat(9999) }],
      ]).subarray(0, 4000),
    );
    await refuses(pictureOf(`docker-archive:${folder}/cut.tar`), 'TAR_INVALID');
  });
});

describe('exportImage', () => {
  it('writes the same bytes for the same image', async () => {
    for (const form of ['oci-archive', 'docker-archive', 'tar']) {
      await write(`${form}:same-1`, { references: ['web:dev'] });
      await write(`${form}:same-2`, { references: ['web:dev'] });
      assert.deepEqual(await readFile(join(folder, 'same-1')), await readFile(join(folder, 'same-2')), form);
    }
  });

  it('gives a single layer as it is', async () => {
    const layer = [
      ['etc/', ''],
      ['etc/x', 'x'],
    ] as const;
    const root = await putSampleImage(store, { layers: [layer], compression: 'zstd' });
    await write('tar:single.tar', { root });
    assert.deepEqual(await readFile(join(folder, 'single.tar')), makeTar(layer));
    const { note } = await write('docker-archive:zstd.tar', { root });
    assert.match(note ?? '', /zstd/);
  });

  it('unpacks with modes, times and links, and says what it left out', async () => {
    const root = await putSampleImage(store, {
      layers: [
        [
          ['ro/', { mode: 0o500 }],
          ['ro/suid', { content: 'x', mode: 0o4755 }],
          ['ro/also', { type: 'hardlink', linkTarget: 'ro/suid' }],
          ['link', { type: 'symlink', linkTarget: '/etc/passwd' }],
          ['pipe', { type: 'fifo' }],
          ['cap', { content: 'x', xattrs: new Map([['security.capability', new Uint8Array(20)]]) }],
        ],
      ],
    });
    const warnings: string[] = [];
    await write('dir:tree', { root, onEvent: (event) => event.type === 'warning' && warnings.push(event.message) });
    const [suid, also] = await Promise.all(['ro/suid', 'ro/also'].map((name) => lstat(join(folder, 'tree', name))));
    assert.equal(suid?.ino, also?.ino);
    assert.equal((suid?.mode ?? 0) & 0o7777, 0o4755);
    assert.equal(suid?.mtimeMs, 1_700_000_000_000);
    assert.equal((await lstat(join(folder, 'tree/ro'))).mtimeMs, 1_700_000_000_000);
    assert.equal(await readlink(join(folder, 'tree/link')), '/etc/passwd');
    // Over it once more, although it has a folder that its owner can't write to.
    await write('dir:tree', { root });
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.includes('tree')),
      ['tree'],
    );
    // Else only root could remove what is in it.
    await chmod(join(folder, 'tree/ro'), 0o700);
    assert.deepEqual(
      warnings.map((text) => text.replace(/ \(.*\)/, '')),
      [
        'devices and pipes were left out: 1 path, the first is /pipe',
        'extended attributes were left out: 1 path, the first is /cap',
      ],
    );
  });

  it('replaces its own folder, and no other', async () => {
    await write('dir:mine');
    await write('dir:mine');
    assert.deepEqual(await pictureOf(`dir:${folder}/mine`), unpacked);
    await mkdir(join(folder, 'empty'));
    await write('dir:empty');
    await mkdir(join(folder, 'theirs'));
    await writeFile(join(folder, 'theirs/file'), 'precious');
    await refuses(write('dir:theirs'), 'OUTPUT_INVALID');
    await refuses(write('oci:theirs'), 'OUTPUT_INVALID');
    await refuses(write('tar:theirs'), 'OUTPUT_INVALID');
    assert.equal(await readFile(join(folder, 'theirs/file'), 'utf8'), 'precious');
  });

  it('leaves the old file and nothing else where it fails', async () => {
    const broken = await putSampleImage(store, { layers: [[['a', 'broken']]], compression: 'none' });
    const layer = digestOf(makeTar([['a', 'broken']]));
    await writeFile(store.path(layer), makeTar([['a', 'Broken']]));
    await mkdir(join(folder, 'out'));
    for (const form of ['tar', 'docker-archive', 'oci-archive', 'dir']) {
      await refuses(write(`${form}:out/target`, { root: broken }), 'DIGEST_MISMATCH');
      assert.deepEqual(await readdir(join(folder, 'out')), [], form);
    }
    await refuses(write('oci:out/layout', { root: broken }), 'DIGEST_MISMATCH');
    await refuses(openImage(`oci:${folder}/out/layout`, { store }), 'IMAGE_NOT_FOUND');
  });

  it('keeps one entry a tag in a layout', async () => {
    const other = await putSampleImage(store, { layers: [[['other', 'x']]] });
    await write('oci:tags:one');
    await write('oci:tags:two', { root: other });
    await write('oci:tags:one', { root: other });
    const index = JSON.parse(await readFile(join(folder, 'tags/index.json'), 'utf8')) as { manifests: Descriptor[] };
    assert.deepEqual(
      index.manifests.map(({ digest, annotations }) => [digest, annotations?.['org.opencontainers.image.ref.name']]),
      [
        [other.digest, 'two'],
        [other.digest, 'one'],
      ],
    );
    assert.deepEqual(await pictureOf(`oci:${folder}/tags:two`), { other: 'file 644 1' });
  });
});
