import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import {
  after,
  announces,
  content,
  cutAfter,
  drip,
  endless,
  garbage,
  redirectTo,
  reset,
  silent,
  stalls,
  status,
  unannounced,
} from '../../test/support/http-behaviours.ts';
import { failsWith, startClient } from '../../test/support/http-client.ts';
import { startHttpServer } from '../../test/support/http-server.ts';
import { isSlimimageError } from '../errors.ts';
import { mapLimit } from '../util/concurrency.ts';
import { digestOf } from '../util/digest.ts';
import { decodeUtf8 } from '../util/text.ts';
import { createHttpClient } from './client.ts';
import { HttpError } from './http-error.ts';

const text = 'Package: hello\n'.repeat(5000);

test('a document comes with its digest, its validators and where it came from', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/Release', content(text, { etag: '"v1"', lastModified: 'Sat, 21 Nov 2026 10:00:00 GMT' }));
  const document = await client.getBytes(server.url('/Release'), { maxSize: 1e6, expectedDigest: digestOf(text) });
  assert.equal(decodeUtf8(document.bytes), text);
  assert.equal(document.digest, digestOf(text));
  assert.deepEqual(document.validators, { etag: '"v1"', lastModified: 'Sat, 21 Nov 2026 10:00:00 GMT' });
  assert.equal(document.url, server.url('/Release'));
  assert.equal(server.requests[0]?.headers['accept-encoding'], 'identity');
});

test('what has not changed is not fetched again', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  const lastModified = 'Sat, 21 Nov 2026 10:00:00 GMT';
  server.on('/etag', content(text, { etag: '"v1"' }), content('new', { etag: '"v2"' }));
  server.on('/date', content(text, { etag: null, lastModified }));
  const get = (path: string, validators: { etag?: string; lastModified?: string }) =>
    client.getBytesIfChanged(server.url(path), { maxSize: 1e6, validators });
  assert.equal(await get('/etag', { etag: '"v1"' }), undefined);
  assert.equal((await get('/etag', { etag: '"v1"' }))?.validators.etag, '"v2"');
  assert.equal(await get('/date', { lastModified }), undefined);
  assert.notEqual(await get('/date', { lastModified: 'Fri, 20 Nov 2026 10:00:00 GMT' }), undefined);
});

test('a "not modified" that nobody asked for is refused', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/odd', status(304));
  await failsWith('HTTP_STATUS', client.getBytes(server.url('/odd'), { maxSize: 10 }));
});

test('a Content-Encoding is not undone: digests speak of the bytes as they are', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/Packages.gz', content('not really gzip', { headers: { 'content-encoding': 'gzip' } }));
  const document = await client.getBytes(server.url('/Packages.gz'), { maxSize: 100 });
  assert.equal(decodeUtf8(document.bytes), 'not really gzip');
});

test('404 is refused at once, by an error that tells the status and keeps the user information to itself', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  const url = `http://mole:hunter2@${server.host}/gone?token=hunter2`;
  const error = await failsWith('HTTP_STATUS', client.getBytes(url, { maxSize: 10 }));
  assert(error instanceof HttpError);
  assert.equal(error.status, 404);
  assert.equal(error.message, `${server.origin}/gone?...: the server answered 404 Not Found`);
  assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /hunter2|mole/);
  assert.equal(server.requests.length, 1);
});

test('a busy or broken server is asked again, with growing waits', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/a', reset(), status(500), status(503), content('fine'));
  assert.equal(decodeUtf8((await client.getBytes(server.url('/a'), { maxSize: 10 })).bytes), 'fine');
  assert.deepEqual(client.waits, [500, 1000, 2000]);
  assert.deepEqual(
    client.notices.map((notice) => notice.reason),
    [
      `${server.url('/a')}: the connection was cut`,
      `${server.url('/a')}: the server answered 500 Internal Server Error`,
      `${server.url('/a')}: the server answered 503 Service Unavailable`,
    ],
  );
});

test('after five tries it gives up', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/a', status(502));
  server.on('/b', reset());
  await failsWith('NETWORK', client.getBytes(server.url('/b'), { maxSize: 10 }));
  await failsWith('HTTP_STATUS', client.getBytes(server.url('/a'), { maxSize: 10 }));
  assert.deepEqual(client.waits, [500, 1000, 2000, 4000, 500, 1000, 2000, 4000]);
  assert.equal(server.requests.length, 10);
});

test('Retry-After is honoured, in seconds and as a date, but not for ever', async () => {
  await using server = await startHttpServer();
  await using client = startClient({ now: () => Date.UTC(2026, 10, 21, 12, 0, 0) });
  server.on('/seconds', status(429, { 'retry-after': '7' }), content('a'));
  server.on('/date', status(503, { 'retry-after': 'Sat, 21 Nov 2026 12:00:09 GMT' }), content('b'));
  server.on('/tomorrow', status(429, { 'retry-after': '86400' }), content('c'));
  await client.getBytes(server.url('/seconds'), { maxSize: 10 });
  await client.getBytes(server.url('/date'), { maxSize: 10 });
  await failsWith('HTTP_STATUS', client.getBytes(server.url('/tomorrow'), { maxSize: 10 }));
  assert.deepEqual(client.waits, [7000, 9000]);
});

test('an endless body is cut at the limit', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/endless', endless());
  const error = await failsWith('DOWNLOAD_TOO_LARGE', client.getBytes(server.url('/endless'), { maxSize: 300_000 }));
  assert.match(error.message, /sends more where 300000 bytes are allowed/);
  assert.equal(server.requests.length, 1);
});

test('an announced length above the limit or the expected size is refused before the body', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/a', content('0123456789'));
  await failsWith('DOWNLOAD_TOO_LARGE', client.getBytes(server.url('/a'), { maxSize: 9 }));
  await failsWith('DOWNLOAD_TOO_LARGE', client.getBytes(server.url('/a'), { maxSize: 99, expectedSize: 9 }));
  await failsWith('DOWNLOAD_SHORT', client.getBytes(server.url('/a'), { maxSize: 99, expectedSize: 11 }));
  assert.equal(server.requests.length, 3);
});

test('a body that keeps ending early is short after all tries', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/cut', announces(100, 'only this'));
  server.on('/closed', unannounced('only this'));
  await failsWith('DOWNLOAD_SHORT', client.getBytes(server.url('/cut'), { maxSize: 1000 }));
  await failsWith('DOWNLOAD_SHORT', client.getBytes(server.url('/closed'), { maxSize: 1000, expectedSize: 100 }));
  assert.equal(server.requests.length, 10);
  assert.equal(decodeUtf8((await client.getBytes(server.url('/closed'), { maxSize: 1000 })).bytes), 'only this');
});

test('a document that was cut is continued where the server vouches for it', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  const progress: number[] = [];
  server.on('/a', cutAfter(text, 30_000), cutAfter(text, 30_000), content(text));
  const document = await client.getBytes(server.url('/a'), {
    maxSize: 1e6,
    onProgress: (done) => progress.push(done),
  });
  assert.equal(decodeUtf8(document.bytes), text);
  assert.deepEqual(
    server.requests.map(({ headers }) => headers['range']),
    [undefined, 'bytes=30000-', 'bytes=60000-'],
  );
  assert.equal(server.requests[1]?.headers['if-range'], document.validators.etag);
  assert.equal(progress.at(-1), text.length);
});

test('wrong content is refused by its digest, without a second try', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/a', content('other'));
  const wanted = { maxSize: 10, expectedDigest: digestOf('right') };
  const error = await failsWith('DIGEST_MISMATCH', client.getBytes(server.url('/a'), wanted));
  assert.match(error.message, new RegExp(`${digestOf('other')} where ${digestOf('right')} was expected`));
  assert.equal(server.requests.length, 1);
});

test('a server that says nothing, stalls or drips is given up', async () => {
  await using server = await startHttpServer();
  await using client = startClient({
    timeouts: { responseMs: 200, idleMs: 200, idleBytes: 100 },
    retry: { attempts: 2 },
  });
  server.on('/silent', silent());
  server.on('/stalls', stalls('some bytes'));
  server.on('/drip', drip(5));
  await Promise.all(
    ['/silent', '/stalls', '/drip'].map((path) =>
      failsWith('NETWORK', client.getBytes(server.url(path), { maxSize: 1e6 })),
    ),
  );
  assert.equal(server.requests.length, 6);
});

test('an answer that is no HTTP, and a port that nobody listens on', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/garbage', garbage('SSH-2.0-OpenSSH_9.2\r\n'));
  server.on('/header', garbage(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`));
  await failsWith('NETWORK', client.getBytes(server.url('/garbage'), { maxSize: 10 }));
  await failsWith('NETWORK', client.getBytes(server.url('/header'), { maxSize: 10 }));
  const { origin } = server;
  await server.close();
  const error = await failsWith('NETWORK', client.getBytes(`${origin}/a`, { maxSize: 10 }));
  assert.equal(error.message, `${origin}/a: the connection was refused`);
  assert.deepEqual(client.waits, []);
});

test('a URL that is none, or of another scheme', async () => {
  await using client = startClient();
  await failsWith('CONFIG_INVALID', client.getBytes('ftp://mole:hunter2@example.org/x', { maxSize: 10 }));
  const error = await failsWith('CONFIG_INVALID', client.getBytes('mole:hunter2@example.org/x', { maxSize: 10 }));
  assert.doesNotMatch(inspect(error), /hunter2/);
});

test('an abort ends a wait for an answer, a body, a place and a retry', async () => {
  await using server = await startHttpServer();
  const client = createHttpClient({ connectionsPerHost: 2, retry: { baseMs: 60_000, maxDelayMs: 60_000 } });
  server.on('/silent', silent());
  server.on('/stalls', stalls('bytes'));
  server.on('/retry', status(503));
  const other = await startHttpServer();
  other.on('/retry', status(503));
  const controller = new AbortController();
  const wanted = { maxSize: 1000, signal: controller.signal };
  const all = [server.url('/silent'), server.url('/stalls'), server.url('/waits'), other.url('/retry')].map((url) =>
    failsWith('ABORTED', client.getBytes(url, wanted)),
  );
  setTimeout(() => controller.abort(new Error('enough')), 50);
  const started = performance.now();
  await Promise.all(all);
  assert.ok(performance.now() - started < 1000);
  assert.equal(server.requestsTo('/waits').length, 0);
  await failsWith('ABORTED', client.getBytes(server.url('/x'), wanted));
  await client.close();
  await other.close();
});

test('connections are bounded for each host, kept alive and used again', async () => {
  await using server = await startHttpServer();
  await using client = startClient({ connectionsPerHost: 3 });
  server.otherwise(after(3, content('x')));
  const paths = Array.from({ length: 24 }, (_, index) => `/${index}`);
  await mapLimit(paths, (path) => client.getBytes(server.url(path), { maxSize: 10 }), { limit: 24 });
  assert.equal(server.requests.length, 24);
  assert.ok(server.connections.busiest <= 3);
  assert.ok(server.connections.accepted <= 3);
});

test('a host may have a bound of its own', async () => {
  await using server = await startHttpServer();
  await using client = startClient({ hostConnections: { '127.0.0.1': 1 } });
  server.otherwise(after(2, content('x')));
  await mapLimit([1, 2, 3, 4], (n) => client.getBytes(server.url(`/${n}`), { maxSize: 10 }), { limit: 4 });
  assert.equal(server.connections.busiest, 1);
});

test('a connection that the server closed while idle costs no retry', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on(
    '/a',
    content('x'),
    // A kept connection is reset under the second request; the next, fresh one is answered.
    reset(),
    content('y'),
  );
  await client.getBytes(server.url('/a'), { maxSize: 10 });
  assert.equal(decodeUtf8((await client.getBytes(server.url('/a'), { maxSize: 10 })).bytes), 'y');
  assert.deepEqual(client.waits, []);
});

test('redirects are followed, up to the limit', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/a', redirectTo('/b?sig=hunter2', 307));
  server.on('/b?sig=hunter2', content('here'));
  server.on('/loop', redirectTo('/loop'));
  const document = await client.getBytes(server.url('/a'), { maxSize: 10 });
  assert.equal(document.url, server.url('/b?...'));
  const error = await failsWith('HTTP_REDIRECT_LOOP', client.getBytes(server.url('/loop'), { maxSize: 10 }));
  assert.match(error.message, /more than 10 redirects/);
  assert.equal(server.requestsTo('/loop').length, 11);
  assert.ok(isSlimimageError(error));
});
