import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { failsWith } from '../../test/support/http-client.ts';
import {
  always,
  changesBody,
  changesHeaders,
  cutsDownload,
  cutsUpload,
  forgetsUpload,
} from '../../test/support/registry-faults.ts';
import { startRepositoryScene as startScene } from '../../test/support/repository-scene.ts';
import type { SlimimageEvent } from '../events.ts';
import { encodeManifest } from '../oci/encode.ts';
import { layerMediaType, mediaTypes } from '../oci/media-types.ts';
import { copy } from '../store/copy.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { downloadsFiles, isFileImporting } from '../store/target.ts';
import { putImage } from '../store/target-suite.ts';
import { digestOf } from '../util/digest.ts';
import type { RegistryTarget } from './types.ts';

const MB = 1_000_000;
let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-repository-'));
});

after(() => rm(folder, { recursive: true }));

it('a blob that several bring at once is sent once', async () => {
  await using scene = await startScene();
  const bytes = Buffer.from('of them all');
  const stored = await Promise.all([1, 2, 3, 4].map(() => scene.target.write(bytes, { digest: digestOf(bytes) })));
  assert.deepEqual(stored, Array(4).fill({ digest: digestOf(bytes), size: bytes.length }));
  assert.equal(scene.registry.requests.filter(({ method }) => method === 'PUT').length, 1);
});

describe('a blob from a file', () => {
  it('goes on where the line broke', async () => {
    await using scene = await startScene();
    const { file, digest, size } = await makeFile(3 * MB);
    scene.registry.inject(cutsUpload(2 * MB));
    const seen: number[] = [];
    const stored = await importing(scene.target).importFile(
      file,
      { digest, size },
      { onProgress: (at) => seen.push(at) },
    );
    assert.deepEqual(stored, { digest, size });
    assert.equal(seen.at(-1), size);
    const parts = scene.registry.requests
      .filter(({ method }) => method === 'PATCH')
      .map(({ headers }) => headers['content-range']);
    assert.equal(parts.length, 2);
    assert.match(String(parts[1]), /^[1-9][0-9]{5,6}-2999999$/);
    assert.equal(scene.events.length, 1);
    assert.match(messageOf(scene.events[0]), /; trying again in 0\.5 s$/);
  });

  it('is refused before its end is sent, where it is not what it should be', async () => {
    await using scene = await startScene();
    for (const size of [1000, 3 * MB]) {
      const { file } = await makeFile(size);
      const wrong = importing(scene.target).importFile(file, { digest: digestOf('other'), size });
      await failsWith('DIGEST_MISMATCH', wrong);
      await failsWith('DOWNLOAD_SHORT', importing(scene.target).importFile(file, { size: size + 1 }));
      await failsWith('DOWNLOAD_TOO_LARGE', importing(scene.target).importFile(file, { size: size - 1 }));
    }
    assert.equal(scene.registry.repository('app').blobs.size, 0);
    assert.equal(scene.registry.openUploads, 0);
  });

  it('needs no digest beforehand', async () => {
    await using scene = await startScene();
    const { file, digest, size } = await makeFile(10);
    assert.deepEqual(await importing(scene.target).importFile(file, {}), { digest, size });
  });

  it('stops on request, and its upload is cancelled', async () => {
    await using scene = await startScene();
    const { file, digest, size } = await makeFile(3 * MB);
    const stop = new AbortController();
    scene.registry.inject(cutsUpload(MB));
    const onProgress = (done: number) => done > MB / 2 && stop.abort();
    await failsWith(
      'ABORTED',
      importing(scene.target).importFile(file, { digest, size }, { onProgress, signal: stop.signal }),
    );
    assert.equal(scene.registry.openUploads, 0);
  });
});

describe('a blob from a stream', () => {
  const whole = Buffer.alloc(40 * MB, 'a stream of some length');
  const digest = digestOf(whole);

  it('goes window by window, and on where the line broke', async () => {
    await using scene = await startScene();
    scene.registry.inject(cutsUpload(0), cutsUpload(5 * MB));
    assert.deepEqual(await scene.target.write(stream(whole)), { digest, size: whole.length });
    assert.equal(scene.registry.repository('app').blobs.size, 1);
  });

  it('can begin again while its first window is held, and not later', async () => {
    await using scene = await startScene();
    scene.registry.inject(forgetsUpload('PATCH blobs/uploads'));
    await scene.target.write(stream(whole.subarray(0, 20 * MB)));
    scene.registry.inject(forgetsUpload('PUT blobs/uploads'));
    const error = await failsWith('REGISTRY_INVALID', scene.target.write(stream(whole), { digest }));
    assert.match(error.message, /has gone by/);
    assert.match(error.hint ?? '', /local store/);
    assert.equal(scene.registry.openUploads, 0);
  });
});

describe('a download to a file', () => {
  it('is checked, and goes on where the line broke', async () => {
    await using scene = await startScene();
    const { bytes, digest, size } = await makeFile(2 * MB);
    await scene.target.write(bytes);
    scene.registry.inject(cutsDownload('GET blobs/sha256', MB));
    const file = join(folder, 'download');
    await writeFile(file, 'what lay there before');
    const seen: number[] = [];
    await downloading(scene.target).downloadFile(digest, { file, size, onProgress: (at) => seen.push(at) });
    assert.deepEqual(new Uint8Array(await readFile(file)), bytes);
    assert.equal(seen.at(-1), size);
  });

  it('leaves nothing of wrong bytes', async () => {
    await using scene = await startScene();
    const { bytes, digest, size } = await makeFile(MB);
    await scene.target.write(bytes);
    scene.registry.inject(changesBody('GET blobs/sha256', (body) => Buffer.alloc(body.length)));
    const file = join(folder, 'wrong');
    await failsWith('DIGEST_MISMATCH', downloading(scene.target).downloadFile(digest, { file, size }));
    assert.equal((await readFile(file)).length, 0);
  });
});

describe('a blob that is there', () => {
  it('is not sent again where the registry does not tell its size', async () => {
    await using scene = await startScene();
    const source = new MemoryStore();
    const root = await putImage(source, 'x');
    await copy(source, scene.target, { root });
    const untold = { 'content-length': undefined, 'transfer-encoding': 'chunked' };
    scene.registry.inject(changesHeaders('HEAD blobs/sha256', untold, always));
    assert.equal((await copy(source, scene.another(), { root })).copied, 0);
    assert.equal(await scene.another().holds({ digest: digestOf('x'), size: 1 }), true);
    assert.equal(await scene.another().holds({ digest: digestOf('y'), size: 1 }), false);
  });

  it('is sent where the registry tells another size', async () => {
    await using scene = await startScene();
    const { digest } = await scene.target.write(Buffer.from('x'));
    scene.registry.inject(changesHeaders('HEAD blobs/sha256', { 'content-length': '7' }));
    assert.equal(await scene.target.holds({ digest, size: 1 }), false);
  });
});

describe('a layer that its publisher alone may give away', () => {
  it('stays there, with a word about it', async () => {
    await using scene = await startScene();
    const source = new MemoryStore();
    const config = await source.write(Buffer.from('{}'));
    const own = await source.write(Buffer.from('own'));
    const foreign = { digest: digestOf('foreign'), size: 7, urls: ['https://publisher.example/layer?key=1'] };
    const { bytes, descriptor: root } = encodeManifest({
      config: { mediaType: mediaTypes.ociConfig, ...config },
      layers: [
        { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', ...foreign },
        { mediaType: layerMediaType('none'), ...own },
      ],
    });
    await source.write(bytes);
    // This one takes no manifest without all of its blobs.
    scene.registry.repository('app').blobs.set(foreign.digest, Buffer.from('foreign'));
    const messages: string[] = [];
    const onEvent = (event: SlimimageEvent) => {
      if (event.type === 'warning') messages.push(event.message);
    };
    assert.equal((await copy(source, scene.target, { root, onEvent })).copied, 3);
    assert.deepEqual(messages, [
      `The layer ${foreign.digest} is not copied: it stays with its publisher (publisher.example), who alone may give it away`,
    ]);
    assert.ok(!scene.registry.requests.some(({ path }) => path.includes(foreign.digest)));
    await failsWith('STORE', copy(source, new MemoryStore(), { root }));
  });
});

describe('a document', () => {
  it('is sent under the type that it gives itself, whatever a descriptor or a header calls it', async () => {
    await using scene = await startScene();
    const image = await putImage(scene.other, 'x');
    const { bytes } = scene.registry.repository('other').manifests.get(image.digest) ?? assert.fail();
    const { manifests, blobs } = scene.registry.repository('app');
    for (const [digest, blob] of scene.registry.repository('other').blobs) blobs.set(digest, blob);
    const mislabelled = { ...image, mediaType: mediaTypes.dockerManifest };
    await scene.target.write(bytes, mislabelled);
    assert.equal(manifests.get(image.digest)?.mediaType, image.mediaType);
    await scene.target.tag(mislabelled, 'x');
    assert.equal(manifests.get(image.digest)?.mediaType, image.mediaType);
    manifests.set(image.digest, { bytes, mediaType: mediaTypes.dockerManifest });
    assert.deepEqual(await scene.another().resolve('x'), image);
  });
});

describe('a reference', () => {
  it('is a tag or a digest', async () => {
    await using scene = await startScene();
    for (const text of ['', '../x', 'a b', `sha512:${'0'.repeat(128)}`, 'a'.repeat(129)]) {
      await failsWith('REFERENCE_INVALID', scene.target.resolve(text));
      await failsWith('REFERENCE_INVALID', scene.target.delete(text));
    }
    assert.deepEqual(scene.registry.requests, []);
    assert.equal(await scene.target.resolve('nothing'), undefined);
    assert.equal(await scene.target.resolve(digestOf('nothing')), undefined);
  });

  it("of Docker's first format is refused with a word about it", async () => {
    await using scene = await startScene();
    const bytes = Buffer.from('{"schemaVersion":1,"name":"app","tag":"old"}');
    const { manifests, tags } = scene.registry.repository('app');
    manifests.set(digestOf(bytes), { bytes, mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws' });
    tags.set('old', digestOf(bytes));
    const error = await failsWith('OCI_INVALID', scene.target.resolve('old'));
    assert.match(error.message, /app: old has the first format of Docker/);
  });
});

async function makeFile(size: number) {
  const bytes = new Uint8Array(Buffer.alloc(size, `a file of ${size} bytes`));
  const file = join(folder, `file-${size}`);
  await writeFile(file, bytes);
  return { file, bytes, size, digest: digestOf(bytes) };
}

async function* stream(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

function importing(target: RegistryTarget) {
  assert.ok(isFileImporting(target));
  return target;
}

function downloading(target: RegistryTarget) {
  assert.ok(downloadsFiles(target));
  return target;
}

function messageOf(event: SlimimageEvent | undefined): string {
  return event?.type === 'retry' ? event.message : '';
}
