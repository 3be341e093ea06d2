import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificate } from '../../test/support/certificate.ts';
import { content, redirectTo } from '../../test/support/http-behaviours.ts';
import { failsWith, startClient } from '../../test/support/http-client.ts';
import { startHttpProxy } from '../../test/support/http-proxy.ts';
import { startHttpServer } from '../../test/support/http-server.ts';
import { startSocksProxy } from '../../test/support/socks-proxy.ts';

const wanted = { maxSize: 100 };

async function scene() {
  const certificate = makeCertificate();
  const server = await startHttpServer({ certificate });
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-tls-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, certificate.certificate);
  server.on('/x', content('secret'));
  return {
    server,
    folder,
    caFile,
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

test('an unknown certificate is refused, with a hint, and not tried again', async () => {
  await using it = await scene();
  await using client = startClient();
  const error = await failsWith('NETWORK', client.getBytes(it.server.url('/x'), wanted));
  assert.match(error.hint ?? '', /NODE_EXTRA_CA_CERTS/);
  assert.deepEqual(client.waits, []);
});

test('a server that speaks something else is told of, on either side', async () => {
  await using plain = await startHttpServer();
  await using client = startClient();
  const error = await failsWith('NETWORK', client.getBytes(`https://${plain.host}/x`, wanted));
  assert.match(`${error.message}: ${error.hint}`, /: the server does not speak TLS: .* write http:\/\//);
  const server = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const strange = await failsWith('NETWORK', client.getBytes(`http://127.0.0.1:${port}/x`, wanted));
  assert.match(strange.message, /what answers there is no HTTP server$/);
  server.close();
});

test('a CA from caFile or SSL_CERT_FILE is trusted', async () => {
  await using it = await scene();
  for (const options of [{ caFile: it.caFile }, { env: { SSL_CERT_FILE: it.caFile } }]) {
    await using client = startClient(options);
    assert.equal((await client.getBytes(it.server.url('/x'), wanted)).bytes.length, 6);
  }
});

test('the system store counts beside the usual certificates, and does not vouch for strangers', async () => {
  await using it = await scene();
  await using client = startClient({ systemCa: true });
  await failsWith('NETWORK', client.getBytes(it.server.url('/x'), wanted));
});

test('a CA file that is missing or empty is named', async () => {
  await using it = await scene();
  const empty = join(it.folder, 'empty.pem');
  await writeFile(empty, 'nothing');
  for (const options of [{ caFile: empty }, { env: { SSL_CERT_FILE: join(it.folder, 'gone.pem') } }]) {
    await using client = startClient(options);
    const error = await failsWith('CONFIG_INVALID', client.getBytes(it.server.url('/x'), wanted));
    assert.match(error.message, /\.pem/);
  }
});

test('a redirect from https to plain http is refused, the other way is fine', async () => {
  await using it = await scene();
  await using plain = await startHttpServer();
  await using client = startClient({ caFile: it.caFile });
  it.server.on('/down', redirectTo(plain.url('/x')));
  plain.on('/up', redirectTo(it.server.url('/x')));
  const error = await failsWith('HTTP_REDIRECT_UNSAFE', client.getBytes(it.server.url('/down'), wanted));
  assert.match(error.message, /from https to plain http/);
  assert.deepEqual(plain.requests, []);
  assert.equal((await client.getBytes(plain.url('/up'), wanted)).bytes.length, 6);
});

test('https goes through a proxy by CONNECT, end to end encrypted', async () => {
  await using it = await scene();
  await using proxy = await startHttpProxy({ user: 'mole', password: 'hunter2' });
  await using client = startClient({ caFile: it.caFile, env: { https_proxy: `http://mole:hunter2@${proxy.host}` } });
  await client.getBytes(it.server.url('/x'), { ...wanted, headers: { authorization: 'Bearer inner' } });
  assert.deepEqual(proxy.requests, [`CONNECT ${it.server.host}`]);
  assert.equal(it.server.requests[0]?.headers['proxy-authorization'], undefined);
  assert.equal(it.server.requests[0]?.headers['authorization'], 'Bearer inner');
  // By name as well: the certificate is checked against the server's name, not the proxy's.
  const byName = it.server.url('/x').replace('127.0.0.1', 'localhost');
  assert.equal((await client.getBytes(byName, wanted)).bytes.length, 6);
  assert.match(proxy.requests[1] ?? '', /^CONNECT localhost:/);
});

test('a proxy that refuses the login of a CONNECT is HTTP_AUTH', async () => {
  await using it = await scene();
  await using proxy = await startHttpProxy({ user: 'mole', password: 'hunter2' });
  await using client = startClient({ caFile: it.caFile, env: { HTTPS_PROXY: proxy.host } });
  await failsWith('HTTP_AUTH', client.getBytes(it.server.url('/x'), wanted));
  assert.deepEqual(it.server.requests, []);
});

test('http and https go through a SOCKS5 proxy, which looks the names up', async () => {
  await using it = await scene();
  await using plain = await startHttpServer();
  plain.on('/y', content('plain'));
  for (const login of ['', 'mole:hunter 2']) {
    await using proxy = await startSocksProxy(login === '' ? {} : { login });
    const userinfo = login === '' ? '' : 'mole:hunter%202@';
    await using client = startClient({ caFile: it.caFile, env: { all_proxy: `socks5h://${userinfo}${proxy.host}` } });
    const byName = it.server.url('/x').replace('127.0.0.1', 'localhost');
    assert.equal((await client.getBytes(byName, wanted)).bytes.length, 6);
    assert.equal((await client.getBytes(plain.url('/y'), wanted)).bytes.length, 5);
    assert.deepEqual(proxy.requests, [it.server.host.replace('127.0.0.1', 'localhost'), plain.host]);
    assert.deepEqual(proxy.logins, login === '' ? [] : [login, login]);
  }
});

test('a SOCKS5 proxy that refuses the login, or misses one, is HTTP_AUTH', async () => {
  await using it = await scene();
  await using proxy = await startSocksProxy({ login: 'mole:right' });
  for (const userinfo of ['', 'mole:hunter2@']) {
    await using client = startClient({ caFile: it.caFile, env: { https_proxy: `socks5://${userinfo}${proxy.host}` } });
    await failsWith('HTTP_AUTH', client.getBytes(it.server.url('/x'), wanted));
  }
});
