import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { failsWith } from '../../test/support/http-client.ts';
import {
  type Fault,
  type MisbehavingOptions,
  type MisbehavingRegistry,
  startMisbehavingRegistry,
} from '../../test/support/misbehaving-registry.ts';
import { startRepositories, type TestRepositories } from '../../test/support/registry-access.ts';
import {
  always,
  changesBody,
  changesHeaders,
  cutsDownload,
  cutsUpload,
  forgetsUpload,
  losesAnswer,
  matching,
  refuses,
} from '../../test/support/registry-faults.ts';
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

describe('a mount', () => {
  it('takes a blob over without sending it', async () => {
    await using scene = await startScene();
    const { digest, size } = await scene.other.write(Buffer.from('shared'));
    assert.equal(await scene.target.mount(digest, { from: 'other', size }), true);
    assert.equal(await scene.target.has(digest), true);
  });

  it('that does not come to pass leaves an upload, which is used', async () => {
    await using scene = await startScene({ mounts: 202 });
    const bytes = Buffer.from('shared');
    const { digest, size } = await scene.other.write(bytes);
    scene.registry.forget();
    assert.equal(await scene.target.mount(digest, { from: 'other', size }), false);
    assert.equal(await scene.target.mount(digest, { from: 'third', size }), false);
    await scene.target.write(bytes, { digest, size });
    assert.deepEqual(scene.registry.asked(), ['POST uploads', 'POST uploads', 'DELETE uploads', 'PUT uploads']);
  });

  it('is not tried again where the registry knows none', async () => {
    await using scene = await startScene({ mounts: 405 });
    for (const text of ['one', 'two']) {
      assert.equal(await scene.target.mount(digestOf(text), { from: 'other', size: 3 }), false);
    }
    assert.equal(scene.registry.requests.filter(({ method }) => method === 'POST').length, 1);
  });

  it('is not believed where the blob is not there', async () => {
    await using scene = await startScene();
    scene.registry.inject(refuses('POST blobs/uploads', 201));
    assert.equal(await scene.target.mount(digestOf('nothing'), { from: 'other', size: 7 }), false);
  });
});

describe('the tags of a repository', () => {
  it('are listed page by page, in order', async () => {
    await using scene = await startScene({ pageSize: 2 });
    const image = await putImage(scene.target, 'x');
    for (const tag of ['b', 'latest', '1.10', 'B', '1.9']) await scene.target.tag(image, tag);
    assert.deepEqual(await scene.target.listTags(), ['1.10', '1.9', 'B', 'b', 'latest']);
  });

  it('are asked for without a number where the registry takes no such number', async () => {
    await using scene = await startScene({ pageSize: 2 });
    const image = await putImage(scene.target, 'x');
    for (const tag of ['a', 'b', 'c']) await scene.target.tag(image, tag);
    const isLarge: Fault['on'] = ({ path }) => path.endsWith('tags/list?n=1000');
    scene.registry.inject({
      ...refuses('GET tags/list', 400, { codes: ['PAGINATION_NUMBER_INVALID'] }),
      ...always,
      on: isLarge,
    });
    assert.deepEqual(await scene.target.listTags(), ['a', 'b', 'c']);
    scene.registry.inject(refuses('GET tags/list', 400, always));
    await failsWith('HTTP_STATUS', scene.target.listTags());
  });

  it('may be none, and the repository unknown', async () => {
    await using scene = await startScene();
    const error = await failsWith('IMAGE_NOT_FOUND', scene.target.listTags());
    assert.match(error.message, /there is no repository 127.0.0.1:[0-9]+\/app/);
    await scene.target.write(Buffer.from('x'));
    assert.deepEqual(await scene.target.listTags(), []);
    scene.registry.inject(changesBody('GET tags/list', () => Buffer.from('{"tags":null}')));
    assert.deepEqual(await scene.target.listTags(), []);
  });

  for (const [name, faults, code] of [
    [
      'that never end',
      [changesHeaders('GET tags/list', { link: '</v2/app/tags/list?last=x>; rel="next"' }, always)],
      'REGISTRY_INVALID',
    ],
    ['that bring nothing for ever', [endlessPages(() => [])], 'REGISTRY_INVALID'],
    [
      'that are more than anybody has',
      [endlessPages((at) => Array.from({ length: 10_000 }, (_, n) => `t${at}-${n}`))],
      'LIMIT_EXCEEDED',
    ],
    [
      'that go on at another host',
      [changesHeaders('GET tags/list', { link: '<http://127.0.0.2/v2/app/tags/list>; rel=next' })],
      'REGISTRY_INVALID',
    ],
    ['that are no tags', [changesBody('GET tags/list', () => Buffer.from('{"tags":["../x"]}'))], 'REGISTRY_INVALID'],
    ['that are no list', [changesBody('GET tags/list', () => Buffer.from('[1]'))], 'REGISTRY_INVALID'],
    ['that are not JSON', [changesBody('GET tags/list', () => Buffer.from('<html>'))], 'OCI_INVALID'],
    ['that nobody may list', [refuses('GET tags/list', 403, { codes: ['DENIED'] })], 'HTTP_AUTH'],
  ] as const) {
    it(`${name} end in a clear error`, async () => {
      await using scene = await startScene();
      await scene.target.tag(await putImage(scene.target, 'x'), 'latest');
      scene.registry.inject(...faults);
      await failsWith(code, scene.target.listTags());
    });
  }
});

describe('deleting', () => {
  it('takes a tag away, or an image with its tags', async () => {
    await using scene = await startScene();
    const image = await putImage(scene.target, 'x');
    for (const tag of ['a', 'b', 'c']) await scene.target.tag(image, tag);
    assert.equal(await scene.target.delete('a'), true);
    assert.equal(await scene.target.delete('a'), false);
    assert.deepEqual(await scene.target.listTags(), ['b', 'c']);
    assert.equal(await scene.target.delete(image.digest), true);
    assert.deepEqual(await scene.target.listTags(), []);
    assert.equal(await scene.target.resolve(image.digest), undefined);
  });

  it('is done also where the answer was lost', async () => {
    await using scene = await startScene();
    const image = await putImage(scene.target, 'x');
    await scene.target.tag(image, 'a');
    for (const reference of ['a', image.digest]) {
      scene.registry.inject(losesAnswer('DELETE manifests'));
      assert.equal(await scene.another().delete(reference), true);
    }
    assert.equal(scene.registry.repository('app').manifests.size, 0);
  });

  it('is not done where the registry says so of what stays', async () => {
    await using scene = await startScene();
    await scene.target.tag(await putImage(scene.target, 'x'), 'a');
    scene.registry.inject(refuses('DELETE manifests', 404));
    await failsWith('HTTP_STATUS', scene.another().delete('a'));
  });

  it('of what is not there is that, whatever the registry allows', async () => {
    await using scene = await startScene();
    await scene.target.tag(await putImage(scene.target, 'x'), 'a');
    scene.registry.inject(refuses('DELETE manifests', 400, always));
    assert.equal(await scene.target.delete('nope'), false);
    assert.equal(await scene.target.delete(digestOf('nope')), false);
    await failsWith('HTTP_STATUS', scene.target.delete('a'));
  });

  it('says what to do where the registry does not allow it', async () => {
    await using scene = await startScene();
    const image = await putImage(scene.target, 'x');
    await scene.target.tag(image, 'a');
    scene.registry.inject(refuses('DELETE manifests', 405, { codes: ['UNSUPPORTED'], times: 2 }));
    const tag = await failsWith('HTTP_STATUS', scene.target.delete('a'));
    assert.match(tag.message, /app: cannot delete a: the registry takes no single tag away \(405\)/);
    assert.match(tag.hint ?? '', new RegExp(`slimimage tags docker://.*/app --delete ${image.digest}`));
    const whole = await failsWith('HTTP_STATUS', scene.target.delete(image.digest));
    assert.match(whole.message, /the registry does not allow it \(405 UNSUPPORTED\)/);
    assert.match(whole.hint ?? '', /switched on/);
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

interface Scene extends AsyncDisposable {
  readonly registry: MisbehavingRegistry;
  readonly target: RegistryTarget;
  /** Another repository of the same registry. */
  readonly other: RegistryTarget;
  readonly events: readonly SlimimageEvent[];
  another(): RegistryTarget;
}

async function startScene(options: MisbehavingOptions = {}): Promise<Scene> {
  const registry = await startMisbehavingRegistry(options);
  const repositories: TestRepositories = startRepositories();
  const events: SlimimageEvent[] = [];
  const onEvent = (event: SlimimageEvent) => {
    events.push(event);
  };
  const another = () => repositories.open(registry.host, 'app', { onEvent });
  const scene = {
    registry,
    events,
    another,
    target: another(),
    other: repositories.open(registry.host, 'other'),
    async [Symbol.asyncDispose]() {
      await repositories[Symbol.asyncDispose]();
      await registry.close();
    },
  };
  // How the registry is to be spoken to is found out with the first request.
  await scene.other.has(digestOf('nothing'));
  registry.forget();
  return scene;
}

async function makeFile(size: number) {
  const bytes = new Uint8Array(Buffer.alloc(size, `a file of ${size} bytes`));
  const file = join(folder, `file-${size}`);
  await writeFile(file, bytes);
  return { file, bytes, size, digest: digestOf(bytes) };
}

function endlessPages(tags: (page: number) => readonly string[]): Fault {
  let page = 0;
  return {
    on: matching('GET tags/list'),
    ...always,
    answer({ response }) {
      page++;
      response.writeHead(200, { link: `</v2/app/tags/list?page=${page}>; rel="next"` });
      response.end(JSON.stringify({ tags: tags(page) }));
    },
  };
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
