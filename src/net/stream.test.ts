import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  after,
  announces,
  content,
  cutAfter,
  endless,
  ignoresRanges,
  liesAboutRanges,
  redirectTo,
  status,
} from '../../test/support/http-behaviours.ts';
import { failsWith, startClient } from '../../test/support/http-client.ts';
import { startHttpProxy } from '../../test/support/http-proxy.ts';
import { startHttpServer } from '../../test/support/http-server.ts';
import { encodeUtf8 } from '../util/text.ts';

const body = Array.from({ length: 2000 }, (_, n) => `line ${n}\n`).join('');
const size = body.length;
const wanted = { maxSize: 1e6, expectedSize: size };

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('a stream brings the body, and goes on by a range where the line breaks', async () => {
  await using server = await startHttpServer();
  await using proxy = await startHttpProxy();
  for (const env of [{}, { http_proxy: `http://${proxy.host}` }]) {
    await using client = startClient({ env });
    server.forget();
    server.on('/x', cutAfter(body, 5000), cutAfter(body, 4000), content(body));
    assert.equal(await readAll(client.stream(server.url('/x'), wanted)), body);
    assert.deepEqual(
      server.requests.map(({ headers }) => headers['range']),
      [undefined, 'bytes=5000-', 'bytes=9000-'],
    );
    assert.deepEqual(client.waits, [500, 1000]);
  }
});

test('without a validator it goes on only where the size is known: then the content is', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  const bare = { etag: null };
  for (const expectedSize of [size, undefined]) {
    server.forget();
    server.on('/x', cutAfter(body, 5000, bare), content(body, bare));
    assert.equal(await readAll(client.stream(server.url('/x'), { maxSize: 1e6, expectedSize })), body);
    assert.equal(server.requests[1]?.headers['range'], expectedSize === undefined ? undefined : 'bytes=5000-');
  }
});

test('where ranges are refused or lied about, what was read is skipped', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  const second = [
    ignoresRanges(body),
    status(416),
    liesAboutRanges(body, `bytes 0-${size - 1}/${size}`),
    liesAboutRanges(body, 'bytes 5000-9/3'),
    liesAboutRanges(body, `bytes 5000-${size}/${size + 1}`),
  ];
  for (const behaviour of second) {
    server.on('/x', cutAfter(body, 5000), behaviour, content(body));
    assert.equal(await readAll(client.stream(server.url('/x'), wanted)), body);
  }
});

test('one byte too many or too few is an error, never a shorter or longer stream', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  const read = (expectedSize: number, maxSize = 1e6) =>
    readAll(client.stream(server.url('/x'), { expectedSize, maxSize }));
  server.on('/x', content(body));
  await failsWith('DOWNLOAD_TOO_LARGE', read(size - 1));
  await failsWith('DOWNLOAD_SHORT', read(size + 1));
  server.on('/x', announces(size, body.slice(0, 100)));
  await failsWith('DOWNLOAD_SHORT', read(size));
  server.on('/x', endless());
  await failsWith('DOWNLOAD_TOO_LARGE', read(size));
  await failsWith('DOWNLOAD_TOO_LARGE', readAll(client.stream(server.url('/x'), { maxSize: 1e5 })));
});

test('content that shrank between two tries is an error', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/x', cutAfter(body, 5000, { etag: '"1"' }), content('short', { etag: '"2"' }));
  await failsWith('DOWNLOAD_SHORT', readAll(client.stream(server.url('/x'), { maxSize: 1e6 })));
});

test('what another stream has brought is not asked for again', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/x', content(body));
  const rest = await readAll(client.stream(server.url('/x'), { ...wanted, alreadyRead: 5000 }));
  assert.equal(rest, body.slice(5000));
  assert.equal(server.requests[0]?.headers['range'], 'bytes=5000-');
});

test('a reader that leaves, or is stopped, ends the request', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/x', endless());
  for await (const chunk of client.stream(server.url('/x'), { maxSize: 1e9 })) {
    assert.ok(chunk.length > 0);
    break;
  }
  const controller = new AbortController();
  const stopped = (async () => {
    for await (const _ of client.stream(server.url('/x'), { maxSize: 1e12, signal: controller.signal })) {
      controller.abort();
    }
  })();
  await failsWith('ABORTED', stopped);
});

test('a slow reader is not taken for a slow server', async () => {
  await using server = await startHttpServer();
  await using client = startClient({ timeouts: { idleMs: 150 } });
  server.on('/x', content('x'.repeat(1e6)));
  let length = 0;
  for await (const chunk of client.stream(server.url('/x'), { maxSize: 1e6 })) {
    if (length === 0) await delay(400);
    length += chunk.length;
  }
  assert.equal(length, 1e6);
  assert.deepEqual(client.waits, []);
});

test('as many streams as there are places can feed as many requests to the same host', async () => {
  await using server = await startHttpServer();
  await using client = startClient({ connectionsPerHost: 2 });
  server.on('/from', after(5, content(body)));
  server.on('/to', async ({ request, response }) => {
    let length = 0;
    for await (const chunk of request) length += (chunk as Uint8Array).length;
    response.end(String(length));
  });
  const copy = () =>
    client.request(server.url('/to'), {
      method: 'PUT',
      body: { size, open: () => client.stream(server.url('/from'), wanted) },
      accept: [200],
      maxSize: 100,
    });
  const answers = await Promise.all(Array.from({ length: 8 }, copy));
  for (const { bytes } of answers) assert.deepEqual(bytes, encodeUtf8(String(size)));
});

test('Authorization of the caller goes along with a stream and a download, and to no other origin', async (t) => {
  await using server = await startHttpServer();
  await using other = await startHttpServer();
  await using client = startClient();
  server.on('/x', redirectTo(other.url('/blob'), 307));
  other.on('/blob', cutAfter(body, 5000), content(body));
  const headers = { authorization: 'Bearer hunter2' };
  assert.equal(await readAll(client.stream(server.url('/x'), { ...wanted, headers })), body);
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-stream-'));
  t.after(() => rm(folder, { recursive: true }));
  const downloaded = await client.download(server.url('/x'), { ...wanted, headers, partial: join(folder, 'blob') });
  assert.equal(downloaded.size, size);
  assert.deepEqual(
    server.requests.map((request) => request.headers['authorization']),
    ['Bearer hunter2', 'Bearer hunter2', 'Bearer hunter2'],
  );
  assert.deepEqual(
    other.requests.map((request) => request.headers['authorization']),
    [undefined, undefined, undefined],
  );
});
