import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { makeTar } from '../../test/support/deb.ts';
import { isSlimimageError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { encodeImageConfig, encodeManifest } from '../oci/encode.ts';
import { mediaTypes } from '../oci/media-types.ts';
import type { Platform } from '../oci/platform.ts';
import { LocalStore } from '../store/local-store.ts';
import { concatBytes } from '../util/bytes.ts';
import { type Digest, digestOf, hexOf } from '../util/digest.ts';
import { openImage } from './open-image.ts';
import { openView } from './open-view.ts';

let folder = '';
let store: LocalStore;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-forms-'));
  store = await LocalStore.open(join(folder, 'store'));
});
after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

function tar(text: string): Buffer {
  return makeTar([
    ['etc/', ''],
    [`etc/${text}`, text],
  ]);
}

async function paths(location: string, platform?: Platform): Promise<readonly string[]> {
  const image = await openImage(location, { store, platform });
  try {
    return [...(await openView(image, { store })).rootfs.walk()].map(({ entry }) => entry.path);
  } finally {
    await image.close();
  }
}

function configOf(tars: readonly Uint8Array[], architecture = 'amd64') {
  return encodeImageConfig({
    os: 'linux',
    architecture,
    created: undefined,
    config: {},
    rootfs: { type: 'layers', diff_ids: tars.map((bytes) => digestOf(bytes)) },
    history: [],
  });
}

/** An image of the store whose layers are stored as given, whatever their media types say. */
async function tagged(
  name: string,
  layers: readonly { readonly tar: Uint8Array; readonly blob: Uint8Array; readonly mediaType: string }[],
): Promise<string> {
  const config = configOf(layers.map((layer) => layer.tar));
  await store.write(config.bytes);
  const stored: Descriptor[] = [];
  for (const { blob, mediaType } of layers) stored.push({ mediaType, ...(await store.write(blob)) });
  const manifest = encodeManifest({ config: config.descriptor, layers: stored });
  await store.write(manifest.bytes);
  await store.tag(manifest.descriptor, name);
  return `store:${name}`;
}

async function dockerArchive(
  files: readonly (readonly [name: string, content: Uint8Array | string])[],
): Promise<string> {
  const file = join(await mkdtemp(join(folder, 'archive-')), 'saved.tar');
  await writeFile(file, makeTar(files.map(([name, content]) => [`!${name}`, { content }] as const)));
  return file;
}

describe('a layer', () => {
  it('is what its bytes are, whatever its media type says', async () => {
    const layers = [
      { tar: tar('a'), blob: gzipSync(tar('a')), mediaType: mediaTypes.ociLayerZstd },
      { tar: tar('b'), blob: zstdCompressSync(tar('b')), mediaType: mediaTypes.dockerLayerGzip },
      { tar: tar('c'), blob: tar('c'), mediaType: mediaTypes.ociLayerGzip },
      {
        tar: tar('d'),
        blob: concatBytes([gzipSync(tar('d').subarray(0, 700)), gzipSync(tar('d').subarray(700))]),
        mediaType: mediaTypes.ociLayer,
      },
    ];
    assert.deepEqual(await paths(await tagged('mixed', layers)), ['etc', 'etc/a', 'etc/b', 'etc/c', 'etc/d']);
  });

  it('in eStargz is gzip with a table of contents, which is a file as engines see it', async () => {
    const toc = makeTar([['stargz.index.json', '{"version":1,"entries":[]}']]);
    const landmark = makeTar([['.no.prefetch.landmark', '\x0f']]);
    const pieces = [withoutEnd(landmark), withoutEnd(tar('a')), toc];
    const whole = concatBytes(pieces);
    const blob = concatBytes([...pieces.map((piece) => gzipSync(piece)), stargzFooter]);
    const location = await tagged('stargz', [{ tar: whole, blob, mediaType: mediaTypes.ociLayerGzip }]);
    assert.deepEqual(await paths(location), ['.no.prefetch.landmark', 'etc', 'etc/a', 'stargz.index.json']);
  });

  it('that is whole and not the one of the config is not called damaged', async () => {
    const config = configOf([tar('one'), tar('two')]);
    await store.write(config.bytes);
    const layers: Descriptor[] = [];
    for (const text of ['two', 'one'])
      layers.push({ mediaType: mediaTypes.ociLayerGzip, ...(await store.write(gzipSync(tar(text)))) });
    const manifest = encodeManifest({ config: config.descriptor, layers });
    await store.write(manifest.bytes);
    await store.tag(manifest.descriptor, 'swapped');
    const [one, two] = [digestOf(tar('one')), digestOf(tar('two'))];
    await assert.rejects(paths('store:swapped'), (error) => {
      assert.ok(isSlimimageError(error, 'DIGEST_MISMATCH'));
      const named = `layer 1 of 2 of store:swapped:latest (${layers[0]?.digest})`;
      assert.equal(error.message, `${named}: it unpacks to ${two}, and the config's diff ID is ${one}`);
      assert.match(error.hint ?? '', /^The layer is whole, and another than the config names/);
      return true;
    });
  });

  it('of another publisher, that is not there, is named with its digest and where it is to be had', async () => {
    const config = configOf([tar('a'), tar('f')]);
    await store.write(config.bytes);
    const missing = digestOf('of a publisher');
    const foreign = {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest: missing,
      size: 14,
    };
    const urls = ['https://publisher.example/layer'];
    const first = { mediaType: mediaTypes.ociLayer, ...(await store.write(tar('a'))) };
    for (const layer of [{ ...foreign, urls }, foreign]) {
      const manifest = encodeManifest({ config: config.descriptor, layers: [first, layer] });
      await store.write(manifest.bytes);
      await store.tag(manifest.descriptor, 'foreign');
      await assert.rejects(paths('store:foreign'), (error) => {
        assert.ok(isSlimimageError(error, 'LAYER_FOREIGN'));
        assert.equal(
          error.message,
          `layer 2 of 2 of store:foreign:latest (${missing}) is foreign: the image does not hold it`,
        );
        assert.equal(error.hint?.includes('https://publisher.example/layer'), 'urls' in layer);
        assert.match(error.hint ?? '', /Pull the image with the engine that it is for/);
        return true;
      });
    }
    const held = { ...foreign, ...(await store.write(tar('f'))), urls };
    const manifest = encodeManifest({ config: config.descriptor, layers: [first, held] });
    await store.write(manifest.bytes);
    await store.tag(manifest.descriptor, 'foreign');
    assert.deepEqual(await paths('store:foreign'), ['etc', 'etc/a', 'etc/f']);
  });
});

describe('docker-archive', () => {
  it('as Kaniko writes it: compressed layers under the digits of their digests', async () => {
    const layer = gzipSync(tar('a'));
    const config = configOf([tar('a')]);
    const name = `${hexOf(digestOf(layer))}.tar.gz`;
    const manifest = [{ Config: digestOf(config.bytes), RepoTags: ['app:1'], Layers: [name] }];
    const file = await dockerArchive([
      [digestOf(config.bytes), config.bytes],
      [name, layer],
      ['manifest.json', JSON.stringify(manifest)],
    ]);
    assert.deepEqual(await paths(`docker-archive:${file}`), ['etc', 'etc/a']);
  });

  it('as Docker has written it since 25: a layout too, read as either', async () => {
    const layer = tar('a');
    const config = configOf([layer]);
    const manifest = encodeManifest({
      config: config.descriptor,
      layers: [{ mediaType: mediaTypes.ociLayer, digest: digestOf(layer), size: layer.length }],
    });
    const blob = (digest: Digest) => `blobs/sha256/${hexOf(digest)}`;
    const file = await dockerArchive([
      [blob(config.descriptor.digest), config.bytes],
      [blob(digestOf(layer)), layer],
      [blob(manifest.descriptor.digest), manifest.bytes],
      ['index.json', JSON.stringify({ schemaVersion: 2, manifests: [manifest.descriptor] })],
      [
        'manifest.json',
        JSON.stringify([{ Config: blob(config.descriptor.digest), RepoTags: null, Layers: [blob(digestOf(layer))] }]),
      ],
      ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
    ]);
    for (const form of ['docker-archive', 'oci-archive'])
      assert.deepEqual(await paths(`${form}:${file}`), ['etc', 'etc/a'], form);
  });

  it('of several images is asked for by name', async () => {
    const archive = (names: readonly (readonly string[] | null)[]) =>
      dockerArchive([
        [
          'manifest.json',
          JSON.stringify(names.map((RepoTags, at) => ({ Config: `${at}.json`, RepoTags, Layers: [`${at}.tar`] }))),
        ],
        ...names.flatMap((_, at) => {
          const layer = tar(`of-${at}`);
          return [[`${at}.json`, configOf([layer]).bytes] as const, [`${at}.tar`, layer] as const];
        }),
      ]);
    const named = await archive([['app:1'], ['docker.io/library/app:2', 'other:1']]);
    assert.deepEqual(await paths(`docker-archive:${named}:app:2`), ['etc', 'etc/of-1']);
    assert.deepEqual(await paths(`docker-archive:${named}:app:1`), ['etc', 'etc/of-0']);
    await assert.rejects(paths(`docker-archive:${named}`), { code: 'IMAGE_NOT_FOUND', hint: /app:1, .*FILE:NAME/ });
    const unnamed = await archive([null, null]);
    await assert.rejects(paths(`docker-archive:${unnamed}`), { code: 'IMAGE_NOT_FOUND', hint: /save one image alone/ });
    await assert.rejects(paths(`docker-archive:${await archive([])}`), { code: 'IMAGE_NOT_FOUND', hint: undefined });
  });

  it('of one name for several platforms is chosen from as an index is', async () => {
    const file = await dockerArchive([
      [
        'manifest.json',
        JSON.stringify([0, 1, 2].map((at) => ({ Config: `${at}.json`, RepoTags: ['app:1'], Layers: [`${at}.tar`] }))),
      ],
      ...['arm64', 'arm64', 'riscv64'].flatMap((architecture, at) => {
        const layer = tar(`of-${at}`);
        return [[`${at}.json`, configOf([layer], architecture).bytes] as const, [`${at}.tar`, layer] as const];
      }),
    ]);
    for (const name of [file, `${file}:app:1`]) {
      const of = (architecture: string) => paths(`docker-archive:${name}`, { os: 'linux', architecture });
      assert.deepEqual(await of('arm64'), ['etc', 'etc/of-0']);
      assert.deepEqual(await of('riscv64'), ['etc', 'etc/of-2']);
      await assert.rejects(of('s390x'), {
        code: 'PLATFORM_UNAVAILABLE',
        hint: /It has: linux\/arm64, linux\/riscv64\./,
      });
    }
  });

  it('names the layer that is not in it, or is another', async () => {
    const layers = [tar('x'), tar('y')];
    const config = configOf(layers);
    const manifest = JSON.stringify([{ Config: 'c', RepoTags: null, Layers: ['1.tar', '2.tar'] }]);
    for (const [second, problem] of [
      [[], /it has no file "2\.tar"/],
      [[['2.tar', tar('z')]], /it unpacks to sha256:\w+, and the config's diff ID is sha256:/],
      [[['2.tar', gzipSync(tar('y')).subarray(0, 60)]], /is not a sound gzip stream/],
    ] as const) {
      const file = await dockerArchive([
        ['manifest.json', manifest],
        ['c', config.bytes],
        ['1.tar', tar('x')],
        ...second,
      ]);
      await assert.rejects(paths(`docker-archive:${file}`), (error) => {
        assert.ok(isSlimimageError(error));
        assert.ok(
          error.message.startsWith(`layer 2 of 2 of docker-archive:${file} (${digestOf(tar('y'))})`),
          error.message,
        );
        assert.match(error.message, problem);
        return true;
      });
    }
  });
});

/** The tar without the zeros at its end, as a part of a longer one. */
function withoutEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end >= 512 && bytes.subarray(end - 512, end).every((byte) => byte === 0)) end -= 512;
  return bytes.subarray(0, end);
}

/** An empty gzip member whose extra field says where the table of contents begins (stargz-snapshotter, estargz.md). */
const stargzFooter = concatBytes([
  Uint8Array.of(0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 26, 0),
  Buffer.from('SG\x16\x000000000000000400STARGZ', 'latin1'),
  Uint8Array.of(1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0),
]);
