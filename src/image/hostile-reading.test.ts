import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { putSampleImage, variedLayers } from '../../test/support/images.ts';
import { limits } from '../limits.ts';
import { LocalStore } from '../store/local-store.ts';
import { encodeUtf8 } from '../util/text.ts';
import { EntryCount } from './entry-count.ts';
import { openImage } from './open-image.ts';
import { openView } from './open-view.ts';
import { readRootfs } from './read-rootfs.ts';
import type { Image } from './types.ts';

/** A header of ustar (POSIX.1-1988): what the tests below need of it. */
function header(name: string, { size, type = '0' }: { readonly size: number; readonly type?: string }): Uint8Array {
  const block = new Uint8Array(512);
  const put = (at: number, text: string) => block.set(encodeUtf8(text), at);
  put(0, name);
  put(100, '0000644\0');
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(124, `${size.toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(148, ' '.repeat(8));
  put(156, type);
  put(257, 'ustar\x0000');
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

function* headers(): Generator<Uint8Array, void, undefined> {
  // Attributes of nearly a megabyte, again and again: 300 MB that gzip would write in some kilobytes.
  const value = `SCHILY.xattr.user.a=${'x'.repeat(1_000_000)}\n`;
  const record = encodeUtf8(`${value.length + 8} ${value}`);
  const metadata = new Uint8Array(Math.ceil(record.length / 512) * 512);
  metadata.set(record);
  const pax = header('pax', { size: record.length, type: 'x' });
  for (let at = 0; at < 300; at++) {
    yield pax;
    yield metadata;
    yield header(`file-${at}`, { size: 0 });
  }
}

function imageOf(...tars: readonly Iterable<Uint8Array>[]): Image {
  const layers = tars.map((tar, at) => ({
    what: `layer ${at + 1} of ${tars.length} of made-up`,
    descriptor: undefined,
    diffId: undefined,
    open: async function* () {
      yield* tar;
    },
  }));
  const nothing = { descriptor: undefined, manifest: undefined, config: undefined, platform: undefined };
  return { name: 'made-up', ...nothing, layers, close: async () => {} };
}

describe('reading an image that asks for too much', () => {
  let folder = '';
  let store: LocalStore;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slimimage-hostile-'));
    store = await LocalStore.open(join(folder, 'store'));
  });
  after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it('ends at names and attributes that fill the memory', async () => {
    await assert.rejects(openView(imageOf(headers()), { store }), {
      code: 'LIMIT_EXCEEDED',
      message: `layer 1 of 1 of made-up: names, links and attributes of more than ${limits.layerNameBytes} bytes`,
    });
  });

  it('ends at package databases that fill the memory', async () => {
    const most = 64 * 1024 * 1024;
    const megabyte = new Uint8Array(1024 * 1024);
    const databases = function* () {
      for (let at = 0; at < 5; at++) {
        yield header(`var/lib/dpkg/status.d/${at}`, { size: most });
        for (let done = 0; done < most; done += megabyte.length) yield megabyte;
      }
    };
    await assert.rejects(openView(imageOf(databases()), { store }), {
      code: 'LIMIT_EXCEEDED',
      message: `layer 1 of 1 of made-up: package databases and accounts of more than ${limits.keptLayerBytes} bytes`,
    });
  });

  it('ends at layers that are too much together, each of which is not', () => {
    const count = new EntryCount();
    const layer = { what: 'layer 2 of 1000 of made-up' };
    count.add(limits.tarEntries, layer);
    assert.throws(() => count.add(limits.tarEntries, layer), {
      code: 'LIMIT_EXCEEDED',
      message: /^layer 2 of 1000 of made-up makes it more than 3000000 entries/,
    });
  });

  it('names the layer that does not fit those below it', async () => {
    const sound = [header('a', { size: 0 })];
    const image = imageOf(sound, [
      header('b/', { size: 0, type: '5' }),
      header('b', { size: 0 }),
      header('b/c', { size: 0 }),
    ]);
    for (const reading of [openView(image, { store }), readRootfs(image)])
      await assert.rejects(reading, { code: 'OCI_INVALID', message: /^layer 2 of 2 of made-up: .*"b\/c"/ });
  });
});

describe('reading an image where nothing can be laid down', () => {
  it('ends as anywhere else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slimimage-unwritable-'));
    const store = await LocalStore.open(join(folder, 'store'));
    await store.tag(await putSampleImage(store, { layers: variedLayers }), 'varied');
    const image = await openImage('store:varied', { store });
    const known = await openView(image, { store: await LocalStore.open(join(folder, 'other')) });
    // As root nothing is forbidden: a file where a folder is expected stands for the full disk and the folder of somebody else.
    for (const name of ['memo', 'tmp']) {
      await rm(join(store.root, name), { recursive: true });
      await writeFile(join(store.root, name), '');
    }
    const view = await openView(image, { store });
    assert.deepEqual([...view.rootfs.walk()], [...known.rootfs.walk()]);
    await rm(folder, { recursive: true });
  });
});
