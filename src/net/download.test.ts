import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  announces,
  content,
  cutAfter,
  endless,
  ignoresRanges,
  liesAboutRanges,
  reset,
  stalls,
  status,
} from '../../test/support/http-behaviours.ts';
import { failsWith, startClient } from '../../test/support/http-client.ts';
import { startHttpServer, type TestServer } from '../../test/support/http-server.ts';
import { digestOf } from '../util/digest.ts';
import type { DownloadOptions } from './types.ts';

const deb = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff));
const verified = { maxSize: 1e6, expectedSize: deb.length, expectedDigest: digestOf(deb) };

/** A server, a client and a folder with names for a download in it. */
async function scene() {
  const server = await startHttpServer();
  const client = startClient();
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-net-'));
  const partial = join(folder, 'x.partial');
  const final = join(folder, 'x.deb');
  return {
    server,
    client,
    partial,
    final,
    download: (options: Partial<DownloadOptions>) =>
      client.download(server.url('/x.deb'), { maxSize: 1e6, partial, ...options }),
    files: () => readdir(folder),
    ranges: () => rangesOf(server),
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

function rangesOf(server: TestServer): (string | undefined)[] {
  return server.requests.map(({ headers }) => headers['range']);
}

test('a verified file is renamed into place', async () => {
  await using it = await scene();
  it.server.on('/x.deb', content(deb, { etag: '"v1"' }));
  const file = await it.download({ ...verified, final: it.final });
  assert.deepEqual(file, {
    file: it.final,
    size: deb.length,
    digest: digestOf(deb),
    validators: { etag: '"v1"', lastModified: undefined },
    url: it.server.url('/x.deb'),
  });
  assert.deepEqual(await it.files(), ['x.deb']);
  assert.deepEqual(await readFile(it.final), deb);
});

test('without a final name the file stays where it gathered, for the caller to rename', async () => {
  await using it = await scene();
  it.server.on('/x.deb', content(deb));
  assert.equal((await it.download({})).file, it.partial);
  assert.deepEqual(await readFile(it.partial), deb);
});

test('a cut download is continued in the same run', async () => {
  await using it = await scene();
  it.server.on('/x.deb', cutAfter(deb, 40_000), reset(), cutAfter(deb, 40_000), content(deb));
  await it.download({ ...verified, final: it.final });
  assert.deepEqual(await readFile(it.final), deb);
  assert.deepEqual(it.ranges(), [undefined, 'bytes=40000-', 'bytes=40000-', 'bytes=80000-']);
});

test('and in the next run, because the digest will tell', async () => {
  await using it = await scene();
  it.server.on('/x.deb', cutAfter(deb, 60_000), status(404));
  await failsWith('HTTP_STATUS', it.download({ ...verified, final: it.final }));
  assert.deepEqual(await readFile(it.partial), deb.subarray(0, 60_000));
  it.server.forget();
  it.server.on('/x.deb', content(deb));
  await it.download({ ...verified, final: it.final });
  assert.deepEqual(it.ranges(), ['bytes=60000-']);
  assert.deepEqual(await readFile(it.final), deb);
});

test('a partial file that is complete needs no request', async () => {
  await using it = await scene();
  await writeFile(it.partial, deb);
  const file = await it.download({ ...verified, final: it.final });
  assert.equal(file.size, deb.length);
  assert.deepEqual(it.server.requests, []);
});

test('a partial file of other content, too long or damaged, is dropped and the file fetched whole', async () => {
  for (const left of [Buffer.alloc(50_000, 1), Buffer.alloc(deb.length, 1), Buffer.alloc(deb.length + 1, 1)]) {
    await using it = await scene();
    it.server.on('/x.deb', content(deb));
    await writeFile(it.partial, left);
    await it.download({ ...verified, final: it.final });
    assert.deepEqual(await readFile(it.final), deb);
    assert.equal(it.ranges().at(-1), undefined);
  }
});

test('a partial file of unknown size that is complete or longer starts again after the 416', async () => {
  for (const left of [deb, Buffer.concat([deb, deb])]) {
    await using it = await scene();
    it.server.on('/x.deb', content(deb));
    await writeFile(it.partial, left);
    await it.download({ maxSize: 1e6, expectedDigest: digestOf(deb), final: it.final });
    assert.deepEqual(await readFile(it.final), deb);
    assert.deepEqual(it.ranges(), [`bytes=${left.length}-`, undefined]);
  }
});

test('a server that ignores ranges sends the whole, and the file holds it once', async () => {
  await using it = await scene();
  it.server.on('/x.deb', cutAfter(deb, 40_000), ignoresRanges(deb));
  await it.download({ ...verified, final: it.final });
  assert.deepEqual(await readFile(it.final), deb);
});

test('a Content-Range that does not fit what was asked for is not believed', async () => {
  const lies = [
    'bytes 0-59999/100000', // starts elsewhere
    'bytes 40000-99999/200000', // another file
    'bytes 40000-10/100000', // impossible
    'bytes 40000-99998/100000', // contradicts the length, after the fact
    'apples 40000-99999/100000',
    '',
  ];
  for (const lie of lies) {
    await using it = await scene();
    it.server.on('/x.deb', cutAfter(deb, 40_000), liesAboutRanges(Buffer.alloc(60_000, 9), lie), content(deb));
    await it.download({ ...verified, final: it.final });
    assert.deepEqual(await readFile(it.final), deb, lie);
    assert.deepEqual(it.ranges(), [undefined, 'bytes=40000-', undefined], lie);
  }
});

test('a range with other bytes than the first part shows in the digest, and the file is fetched whole once', async () => {
  await using it = await scene();
  const lie = liesAboutRanges(Buffer.alloc(60_000, 9), 'bytes 40000-99999/100000', { etag: null });
  it.server.on('/x.deb', cutAfter(deb, 40_000), lie, content(deb));
  await it.download({ ...verified, final: it.final });
  assert.deepEqual(await readFile(it.final), deb);

  it.server.forget();
  it.server.on('/x.deb', cutAfter(deb, 40_000), lie, content(Buffer.alloc(deb.length, 9)));
  await failsWith('DIGEST_MISMATCH', it.download(verified));
  assert.equal(it.server.requests.length, 3);
  assert.deepEqual(await it.files(), ['x.deb']);
});

test('content that changed between two tries is not glued together', async () => {
  await using it = await scene();
  const changed = Buffer.alloc(80_000, 5);
  it.server.on('/x.deb', cutAfter(deb, 40_000, { etag: '"old"' }), content(changed, { etag: '"new"' }));
  await it.download({ final: it.final });
  assert.deepEqual(await readFile(it.final), changed);
  // The same from a server that ignores If-Range and glues on its own.
  it.server.on(
    '/x.deb',
    cutAfter(deb, 40_000, { etag: '"old"' }),
    liesAboutRanges(changed.subarray(40_000), 'bytes 40000-79999/80000', { etag: '"new"' }),
    content(changed, { etag: '"new"' }),
  );
  await it.download({ final: it.final });
  assert.deepEqual(await readFile(it.final), changed);
});

test('without a digest or a strong validator a cut download starts again', async () => {
  await using it = await scene();
  it.server.on('/x.deb', cutAfter(deb, 40_000, { etag: 'W/"weak"' }), content(deb, { etag: 'W/"weak"' }));
  await it.download({ final: it.final });
  assert.deepEqual(it.ranges(), [undefined, undefined]);
  assert.deepEqual(await readFile(it.final), deb);
});

test('wrong, endless and short content leaves nothing behind', async () => {
  await using it = await scene();
  it.server.on('/x.deb', content(Buffer.alloc(deb.length, 1)));
  await failsWith('DIGEST_MISMATCH', it.download({ ...verified, final: it.final }));
  assert.deepEqual(await it.files(), []);
  it.server.on('/x.deb', endless());
  await failsWith('DOWNLOAD_TOO_LARGE', it.download({ ...verified, final: it.final }));
  assert.deepEqual(await it.files(), []);
  it.server.on('/x.deb', announces(1000, 'short'));
  await failsWith('DOWNLOAD_SHORT', it.download({ final: it.final }));
  assert.deepEqual(await it.files(), []);
});

test('an aborted download keeps what it has only where a digest vouches for it', async () => {
  await using it = await scene();
  it.server.on('/x.deb', stalls(deb.subarray(0, 5000)));
  for (const [options, left] of [
    [{ maxSize: 1e6, expectedDigest: verified.expectedDigest }, ['x.partial']],
    [{ maxSize: 1e6 }, []],
  ] as const) {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    await failsWith('ABORTED', it.download({ ...options, onProgress, signal: controller.signal }));
    assert.deepEqual(await it.files(), left);
    await rm(it.partial, { force: true });
  }
});

test('a download that gets on may fail often', async () => {
  await using it = await scene();
  const big = Buffer.alloc(12 * 1024 * 1024, 'slim');
  it.server.on('/x.deb', cutAfter(big, 1.2 * 1024 * 1024));
  const file = await it.download({ maxSize: big.length, expectedDigest: digestOf(big), final: it.final });
  assert.equal(file.size, big.length);
  assert.ok(it.server.requests.length > 9);
  assert.ok(it.client.waits.every((wait) => wait === 500));
});

test('a folder that is not there is an IO error with the path in it', async () => {
  await using it = await scene();
  const error = await failsWith('IO', it.download({ partial: join(it.partial, 'no', 'x') }));
  assert.match(error.message, /x\.partial.no.x can't be written \(ENOENT\)/);
  assert.equal(it.server.requests.length, 0);
});
