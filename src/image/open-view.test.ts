import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { putSampleImage, type SampleLayer, variedLayers } from '../../test/support/images.ts';
import type { SlimimageEvent } from '../events.ts';
import { LocalStore } from '../store/local-store.ts';
import { decodeUtf8 } from '../util/text.ts';
import type { ImageView } from '../view/types.ts';
import { indexLayers } from './layer-index.ts';
import { openImage } from './open-image.ts';
import { openView } from './open-view.ts';
import type { Image } from './types.ts';

let folder = '';
let store: LocalStore;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-view-'));
});
after(() => rm(folder, { recursive: true }));

/** A store of its own for each test: what is remembered is what is tested. */
async function opened(layers: readonly SampleLayer[]): Promise<Image> {
  store = await LocalStore.open(await mkdtemp(join(folder, 'store-')));
  await store.tag(await putSampleImage(store, { layers }), 'app');
  return openImage('store:app', { store });
}

/** The image, and how often each of its layers was opened. */
function counted(image: Image): { readonly image: Image; readonly reads: number[] } {
  const reads = image.layers.map(() => 0);
  const layers = image.layers.map((layer, index) => ({
    ...layer,
    open: (options?: Parameters<typeof layer.open>[0]) => {
      reads[index] = (reads[index] ?? 0) + 1;
      return layer.open(options);
    },
  }));
  return { image: { ...image, layers }, reads };
}

function text(view: ImageView, path: string): string | undefined {
  const bytes = view.text(path);
  return bytes === undefined ? undefined : decodeUtf8(bytes);
}

function programOf(view: ImageView, path: string) {
  const node = view.rootfs.resolve(path);
  return node === undefined ? undefined : view.program(node);
}

describe('openView', () => {
  it('reads each layer once for all that it wants to know, and no layer the second time', async () => {
    const { image, reads } = counted(
      await opened([
        [
          ['etc/passwd', 'root:x:0:0::/root:/bin/sh\n'],
          ['bin/run', '#!/bin/sh\n'],
          ['bin/broken', `\x7fELF${'x'.repeat(100)}`],
        ],
        [['etc/os-release', { type: 'symlink', linkTarget: '../usr/lib/os-release' }]],
        [['usr/lib/os-release', 'ID=debian\n']],
      ]),
    );
    const first = await openView(image, { store });
    assert.deepEqual(reads, [1, 1, 1]);
    const second = await openView(image, { store });
    assert.deepEqual(reads, [1, 1, 1]);
    for (const view of [first, second]) {
      assert.equal(text(view, '/etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
      assert.equal(text(view, 'etc/os-release'), 'ID=debian\n');
      assert.equal(text(view, 'bin/run'), undefined);
      assert.deepEqual(programOf(view, 'bin/run'), { shebang: '/bin/sh' });
      assert.deepEqual(programOf(view, 'bin/broken'), { damaged: true });
      assert.equal(programOf(view, 'etc/passwd'), undefined);
    }
    assert.deepEqual(second.layers, first.layers);
    assert.deepEqual([...second.rootfs.walk()], [...first.rootfs.walk()]);
  });

  it('reads a layer once more for the one kind of fact that nobody asked for before', async () => {
    const { image, reads } = counted(await opened(variedLayers));
    await indexLayers(image, { memo: store.memo });
    assert.deepEqual(reads, [1, 1]);
    await openView(image, { store });
    assert.deepEqual(reads, [2, 2]);
    await openView(image, { store, contents: true });
    await openView(image, { store, contents: true });
    assert.deepEqual(reads, [3, 3]);
  });

  it('knows the MD5 of every file that has content, where that was asked for', async () => {
    const large = 'x'.repeat(3_000_000);
    const image = await opened([
      [
        ['a', 'abc'],
        ['empty', ''],
        ['b/', ''],
        ['c', large],
        ['hard', { type: 'hardlink', linkTarget: 'c' }],
      ],
    ]);
    const sums = (view: ImageView) => [...view.rootfs.walk()].map((node) => [node.entry.path, view.md5(node)]);
    const expected = [
      ['a', '900150983cd24fb0d6963f7d28e17f72'],
      ['b', undefined],
      ['c', createHash('md5').update(large).digest('hex')],
      ['empty', undefined],
      ['hard', createHash('md5').update(large).digest('hex')],
    ];
    for (const _ of ['read', 'remembered'])
      assert.deepEqual(sums(await openView(image, { store, contents: true })), expected);
    assert.ok(sums(await openView(image, { store })).every(([, sum]) => sum === undefined));
  });

  it('remembers entries of every kind as it read them', async () => {
    const image = await opened([
      [
        ['dev/', ''],
        ['dev/null', { type: 'character', deviceMajor: 1, deviceMinor: 3 }],
        ['dev/sda', { type: 'block', deviceMajor: 8, deviceMinor: 0 }],
        ['pipe', { type: 'fifo' }],
        ['cap', { content: 'x', xattrs: new Map([['security.capability', Uint8Array.of(0, 255, 7)]]) }],
        ['hard', { type: 'hardlink', linkTarget: 'cap' }],
        ['soft//double', { type: 'symlink', linkTarget: '..//x\n' }],
        ['new\nline é €', 'y'.repeat(2000)],
        ['owned', { content: '', uid: 70_000, gid: 5, mtime: -5 }],
      ],
      [],
    ]);
    const read = await indexLayers(image, { memo: store.memo });
    const unreadable = { ...image, layers: image.layers.map((layer) => ({ ...layer, open: () => assert.fail() })) };
    assert.deepEqual(await indexLayers(unreadable, { memo: store.memo }), read);
    assert.equal(read[1]?.entries.length, 0);
  });

  it('reads again what it remembered and somebody damaged', async () => {
    const { image, reads } = counted(await opened(variedLayers));
    const first = await openView(image, { store });
    const files = (await readdir(join(store.root, 'memo'), { recursive: true, withFileTypes: true }))
      .filter((file) => file.isFile() && /layer-/.test(file.parentPath))
      .map((file) => join(file.parentPath, file.name));
    assert.equal(files.length, 6);
    const damages: ((bytes: Buffer) => Uint8Array | string)[] = [
      () => '',
      () => '{"key":1}',
      (bytes) => bytes.subarray(0, bytes.length / 2),
      (bytes) => bytes.toString('latin1').replaceAll(/\[[^\]]*\]/g, '7'),
      (bytes) => bytes.toString('latin1').replaceAll(/:\d+/g, ':"x"'),
      (bytes) => bytes.toString('latin1').replaceAll(/"(paths|sizes|shapes)":/g, '"other":'),
    ];
    for (const [round, damage] of damages.entries()) {
      for (const file of files) await writeFile(file, damage(await readFile(file)));
      const again = await openView(image, { store });
      assert.deepEqual(again.layers, first.layers, `damage ${round}`);
      assert.equal(text(again, 'etc/passwd'), text(first, 'etc/passwd'));
    }
    assert.ok(reads.every((count) => count === damages.length + 1));
  });

  it('finds what it keeps behind links to anywhere, and remembers that too', async () => {
    const { image, reads } = counted(
      await opened([
        [['ostree/objects/aa', 'root:x:0:0::/root:/bin/sh\n']],
        [
          ['nix/store/group', 'root:x:0:\n'],
          ['etc/passwd', { type: 'hardlink', linkTarget: 'ostree/objects/aa' }],
          ['etc/group', { type: 'symlink', linkTarget: '/nix/store/group' }],
        ],
      ]),
    );
    for (let round = 0; round < 2; round++) {
      const view = await openView(image, { store });
      assert.equal(text(view, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
      assert.equal(text(view, 'etc/group'), 'root:x:0:\n');
    }
    assert.deepEqual(reads, [2, 2]);
  });

  it('reads equal layers once', async () => {
    const { image, reads } = counted(await opened([[['a', 'a']], [['a', 'a']], [['a', 'a']]]));
    const view = await openView(image, { store });
    assert.deepEqual([reads, view.layers.length], [[1, 0, 0], 3]);
  });

  it('tells how far it is, and which layers it knew', async () => {
    const image = await opened(variedLayers);
    const told: string[] = [];
    const onEvent = (event: SlimimageEvent) => {
      if (event.type === 'phase') told.push(`${event.phase} ${event.state}`);
      if (event.type === 'task') told.push(`${event.label}: ${event.total}`);
      if (event.type === 'advance') told.push(`${event.id}: ${event.done}`);
      if (event.type === 'done') told.push(event.outcome);
    };
    await openView(image, { store, onEvent });
    const [first, second] = image.layers.map(({ storedSize }) => storedSize);
    assert.deepEqual(told.toSorted(), [
      `layer 1 of 2 of store:app:latest: ${first}`,
      `layer 2 of 2 of store:app:latest: ${second}`,
      'ok',
      'ok',
      'read end',
      `read layer 1 of 2 of store:app:latest: ${first}`,
      `read layer 2 of 2 of store:app:latest: ${second}`,
      'read start',
    ]);
    told.length = 0;
    await openView(image, { store, onEvent });
    assert.equal(told.filter((line) => line === 'cached').length, 2);
  });

  it('names the damaged layer by number and digest, and remembers nothing of it', async () => {
    const image = await opened(variedLayers);
    const [, second] = image.layers;
    assert.ok(second?.descriptor !== undefined);
    const hex = second.descriptor.digest.slice('sha256:'.length);
    const file = (await readdir(store.root, { recursive: true, withFileTypes: true })).find(({ name }) => name === hex);
    assert.ok(file !== undefined);
    const path = join(file.parentPath, file.name);
    await copyFile(path, join(folder, 'sound'));
    const sound = await readFile(path);
    const flipped = Buffer.from(sound);
    flipped[sound.length >> 1] = (flipped[sound.length >> 1] ?? 0) ^ 1;
    for (const bytes of [flipped, sound.subarray(0, sound.length - 20), Buffer.from('no layer at all')]) {
      await rm(path);
      await writeFile(path, bytes);
      await assert.rejects(openView(image, { store }), (error: Error) => {
        assert.match(error.message, /^layer 2 of 2 of store:app:latest/);
        assert.ok(error.message.includes(hex), error.message);
        return true;
      });
    }
    await rm(path);
    await assert.rejects(openView(image, { store }), /^SlimimageError: layer 2 of 2 of store:app:latest/);
    await copyFile(join(folder, 'sound'), path);
    assert.equal((await openView(image, { store })).layers.length, 2);
  });
});
