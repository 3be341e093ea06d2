import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { content, cutAfter, silent } from '../../test/support/http-behaviours.ts';
import { failsWith, startClient } from '../../test/support/http-client.ts';
import { startHttpProxy } from '../../test/support/http-proxy.ts';
import { startHttpServer } from '../../test/support/http-server.ts';
import { isSlimimageError } from '../errors.ts';
import { bypassesProxy, proxyFor } from './proxy.ts';

function chosen(url: string, env: Record<string, string>): string | undefined {
  return proxyFor(new URL(url), env)?.url.href;
}

test('each scheme has its variable, the lower case wins, all_proxy is the rest', () => {
  const env = { http_proxy: 'http://a:1', HTTP_PROXY: 'http://b:1', HTTPS_PROXY: 'http://c:1', all_proxy: 'd:1' };
  assert.equal(chosen('http://example.org/', env), 'http://a:1/');
  assert.equal(chosen('https://example.org/', env), 'http://c:1/');
  assert.equal(chosen('https://example.org/', { ALL_PROXY: 'd:1' }), 'http://d:1/');
  assert.equal(chosen('http://example.org/', { https_proxy: 'http://c:1' }), undefined);
  assert.equal(chosen('http://example.org/', {}), undefined);
});

test('an empty variable means no proxy, and in a CGI HTTP_PROXY is the client speaking', () => {
  assert.equal(chosen('http://example.org/', { http_proxy: '', all_proxy: 'd:1' }), undefined);
  assert.equal(chosen('http://example.org/', { HTTP_PROXY: 'a:1', REQUEST_METHOD: 'GET' }), undefined);
  assert.equal(chosen('http://example.org/', { http_proxy: 'a:1', REQUEST_METHOD: 'GET' }), 'http://a:1/');
});

test('https and SOCKS5 proxies, with default ports', () => {
  assert.equal(chosen('http://example.org/', { http_proxy: 'https://p' }), 'https://p/');
  assert.equal(chosen('http://example.org/', { http_proxy: 'socks5h://p' }), 'socks5://p:1080');
  assert.equal(chosen('http://example.org/', { http_proxy: 'socks5://p:9050' }), 'socks5://p:9050');
});

test('an unusable proxy is the user mistake that it is, told without its password', () => {
  for (const value of ['socks4://mole:hunter2@p', 'http://mole:hunter2@', 'gopher://p']) {
    assert.throws(
      () => chosen('http://example.org/', { http_proxy: value }),
      (error) => isSlimimageError(error, 'CONFIG_INVALID') && !/hunter2/.test(inspect(error)),
    );
  }
});

test('no_proxy', () => {
  const cases: readonly [url: string, noProxy: string, bypasses: boolean][] = [
    ['http://example.org/', '', false],
    ['http://example.org/', '*', true],
    ['http://example.org/', 'example.com,example.org', true],
    ['http://example.org/', 'example.com example.org', true],
    ['http://deb.example.org/', 'example.org', true],
    ['http://deb.example.org/', '.example.org', true],
    ['http://deb.example.org/', '*.example.org', true],
    ['http://example.org/', '.example.org', true],
    ['http://notexample.org/', 'example.org', false],
    ['http://example.org.evil.net/', 'example.org', false],
    ['http://EXAMPLE.org/', 'Example.ORG', true],
    ['http://example.org./', 'example.org', true],
    ['http://example.org/', 'example.org.', true],
    ['http://example.org:8080/', 'example.org:8080', true],
    ['http://example.org/', 'example.org:8080', false],
    ['http://example.org/', 'example.org:80', true],
    ['https://example.org/', 'example.org:443', true],
    ['http://10.1.2.3/', '10.0.0.0/8', true],
    ['http://11.1.2.3/', '10.0.0.0/8', false],
    ['http://example.org/', '10.0.0.0/8', false],
    ['http://10.1.2.3/', '10.0.0.0/99', false],
    ['http://127.0.0.1:81/', '127.0.0.1', true],
    ['http://127.0.0.1:81/', '127.0.0.1:81', true],
    ['http://127.0.0.1:81/', '0.0.1', false],
    ['http://[::1]/', '::1', true],
    ['http://[::1]:81/', '[::1]:81', true],
    ['http://[2001:db8::7]/', '2001:db8::/32', true],
    ['http://[2001:db8::7]/', '2001:0db8:0:0::7', true],
    ['http://localhost/', 'localhost', true],
    ['http://example.org/', 'org,', true],
    ['http://example.org/', ',,. ', false],
  ];
  for (const [url, noProxy, bypasses] of cases) {
    assert.equal(bypassesProxy(new URL(url), noProxy), bypasses, `${url} with no_proxy="${noProxy}"`);
  }
  assert.equal(chosen('http://example.org/', { http_proxy: 'a:1', NO_PROXY: 'example.org' }), undefined);
});

test('any text in the variables gives a proxy, none, or a typed error', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom('http://mole:pw@p:1', 'example.org'),
    fc.constantFrom('::1', '10.0.0.0/8', '[::1]:9'),
    fc.stringMatching(/^[a-z0-9.:/[\]@%*,-]{0,40}$/),
  );
  fc.assert(
    fc.property(
      text,
      text,
      fc.constantFrom('http://example.org/', 'https://[::1]:9/', 'http://10.0.0.1/'),
      (a, b, url) => {
        try {
          const proxy = proxyFor(new URL(url), { all_proxy: a, no_proxy: b });
          assert.ok(proxy === undefined || proxy.url.username === '');
        } catch (error) {
          assert.ok(isSlimimageError(error, 'CONFIG_INVALID'));
        }
      },
    ),
    { numRuns: 10_000 },
  );
});

const wanted = { maxSize: 1000 };

test('plain http goes through a proxy in absolute form, with its login, resumes and retries included', async () => {
  await using server = await startHttpServer();
  await using proxy = await startHttpProxy({ user: 'mole', password: 'hunter2:2' });
  await using client = startClient({ env: { http_proxy: `http://mole:hunter2%3A2@${proxy.host}` } });
  const body = 'x'.repeat(900);
  server.on('/x?a=b', cutAfter(body, 500), content(body));
  const document = await client.getBytes(server.url('/x?a=b'), wanted);
  assert.equal(document.bytes.length, 900);
  const line = `GET ${server.url('/x?a=b')}`;
  assert.deepEqual(proxy.requests, [line, line]);
  assert.deepEqual(
    server.requests.map(({ headers }) => [
      headers['range'],
      headers['proxy-authorization'],
      headers['accept-encoding'],
    ]),
    [
      [undefined, undefined, 'identity'],
      ['bytes=500-', undefined, 'identity'],
    ],
  );
});

test('no_proxy goes straight', async () => {
  await using server = await startHttpServer();
  await using proxy = await startHttpProxy();
  await using client = startClient({ env: { http_proxy: proxy.host, no_proxy: '127.0.0.0/8' } });
  server.on('/x', content('x'));
  await client.getBytes(server.url('/x'), wanted);
  assert.deepEqual(proxy.requests, []);
});

test('a proxy that refuses the login, or does not answer, is told without its password', async () => {
  await using server = await startHttpServer();
  const proxy = await startHttpProxy({ user: 'mole', password: 'other' });
  await using client = startClient({ env: { http_proxy: `http://mole:hunter2@${proxy.host}` } });
  server.on('/x', content('x'));
  const refused = await failsWith('HTTP_AUTH', client.getBytes(server.url('/x'), wanted));
  await proxy.close();
  const gone = await failsWith('NETWORK', client.getBytes(server.url('/x'), wanted));
  assert.equal(
    gone.message,
    `${server.url('/x')} (through the proxy http://${proxy.host}): the connection was refused`,
  );
  for (const error of [refused, gone]) assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /hunter2/);
});

test('time-outs and aborts hold through a proxy', async () => {
  await using server = await startHttpServer();
  await using proxy = await startHttpProxy();
  const env = { http_proxy: proxy.host };
  server.on('/x', silent());
  await using hasty = startClient({ env, timeouts: { responseMs: 20 }, retry: { attempts: 1 } });
  await failsWith('NETWORK', hasty.getBytes(server.url('/x'), wanted));
  await using client = startClient({ env });
  await failsWith('ABORTED', client.getBytes(server.url('/x'), { ...wanted, signal: AbortSignal.timeout(20) }));
});

test('a proxy that never answers a CONNECT or a SOCKS greeting, hangs up or talks nonsense', async () => {
  await using silentProxy = await startTcpServer(() => {});
  await using closing = await startTcpServer((socket) => socket.end());
  await using babbling = await startTcpServer((socket) => socket.once('data', () => socket.end('what?\r\n\r\n')));
  const options = { timeouts: { responseMs: 30 }, retry: { attempts: 2 } };
  for (const { host } of [silentProxy, closing, babbling]) {
    for (const scheme of ['http', 'socks5']) {
      await using client = startClient({ ...options, env: { all_proxy: `${scheme}://${host}` } });
      await failsWith('NETWORK', client.getBytes('https://127.0.0.1:1/x', wanted));
    }
  }
  await using client = startClient({ env: { all_proxy: silentProxy.host } });
  const signal = AbortSignal.timeout(20);
  await failsWith('ABORTED', client.getBytes('https://127.0.0.1:1/x', { ...wanted, signal }));
});

async function startTcpServer(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
