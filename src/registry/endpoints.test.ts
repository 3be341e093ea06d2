import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { makeCertificate } from '../../test/support/certificate.ts';
import { content, status } from '../../test/support/http-behaviours.ts';
import { failsWith } from '../../test/support/http-client.ts';
import { startHttpProxy } from '../../test/support/http-proxy.ts';
import { startHttpServer } from '../../test/support/http-server.ts';
import { createRegistryAccess, type RegistryAccessOptions } from './access.ts';
import { type EndpointOptions, Endpoints, isInsecure } from './endpoints.ts';

const none: EndpointOptions = { insecureRegistries: [], certificateFolders: [], hasCa: false };

async function scene(t: TestContext) {
  const certificate = makeCertificate();
  const secure = await startHttpServer({ certificate });
  const plain = await startHttpServer();
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-endpoints-'));
  const caFile = join(folder, 'ca.pem');
  const strangerFile = join(folder, 'stranger.pem');
  await writeFile(caFile, certificate.certificate);
  await writeFile(strangerFile, makeCertificate().certificate);
  for (const server of [secure, plain]) server.on('/v2/a/x', content('in'));
  t.after(async () => {
    await secure.close();
    await plain.close();
    await rm(folder, { recursive: true });
  });
  return {
    secure,
    plain,
    folder,
    certificate,
    caFile,
    strangerFile,
    async ask(registry: string, options: Partial<RegistryAccessOptions> = {}): Promise<string> {
      const access = createRegistryAccess({ env: {}, certificateFolders: [], sleep: async () => {}, ...options });
      try {
        const get = { method: 'GET', actions: ['pull'], accept: [200], maxSize: 10 } as const;
        const { url } = await access.request({ registry, repository: 'a' }, 'x', get);
        await access.request({ registry, repository: 'a' }, 'x', get);
        return url.protocol;
      } finally {
        await access.close();
      }
    },
  };
}

test('this machine’s own registries are asked over HTTPS, else over HTTP; that is found out once', async (t) => {
  const it = await scene(t);
  assert.equal(await it.ask(it.plain.host), 'http:');
  assert.deepEqual(
    it.plain.requests.map(({ path }) => path),
    ['/v2/a/x', '/v2/a/x'],
  );
  for (const answer of [status(401), status(404), status(503), content('x'.repeat(1e6))]) {
    it.secure.forget();
    it.secure.on('/v2/', answer);
    assert.equal(await it.ask(it.secure.host.replace('127.0.0.1', 'localhost')), 'https:');
    assert.equal(it.secure.requestsTo('/v2/').length, 1);
  }
});

test('the machine itself is asked without a proxy, another host through it', async (t) => {
  const it = await scene(t);
  await using proxy = await startHttpProxy();
  const env = { http_proxy: proxy.host, https_proxy: proxy.host };
  for (const server of [it.plain, it.secure]) await it.ask(server.host, { env });
  assert.deepEqual(proxy.requests, []);
  // Leads to this machine, and is none of its own names.
  const other = it.plain.host.replace('127.0.0.1', '0.0.0.0');
  assert.equal(await it.ask(other, { env, insecureRegistries: [other] }), 'http:');
  assert.equal(proxy.requests.at(-1), `GET http://${other}/v2/a/x`);
});

test('its certificate has to hold only where somebody said what vouches for it', async (t) => {
  const it = await scene(t);
  assert.equal(await it.ask(it.secure.host), 'https:');
  assert.equal(await it.ask(it.secure.host, { caFile: it.caFile }), 'https:');
  const error = await failsWith('NETWORK', it.ask(it.secure.host, { caFile: it.strangerFile }));
  assert.match(
    error.hint ?? '',
    /--ca-file FILE, or put it into \/etc\/docker\/certs\.d\/127\.0\.0\.1:[0-9]+\/ca\.crt/,
  );
  const insecureRegistries = [it.secure.host];
  assert.equal(await it.ask(it.secure.host, { caFile: it.strangerFile, insecureRegistries }), 'https:');
});

test('certificates of one host come from docker’s folder for it', async (t) => {
  const it = await scene(t);
  const certificateFolders = [join(it.folder, 'certs.d')];
  const folder = join(it.folder, 'certs.d', it.secure.host);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'a.crt'), makeCertificate().certificate);
  await failsWith('NETWORK', it.ask(it.secure.host, { certificateFolders }));
  await writeFile(join(folder, 'a.crt'), it.certificate.certificate);
  assert.equal(await it.ask(it.secure.host, { certificateFolders }), 'https:');
  await writeFile(join(folder, 'b.crt'), 'nothing');
  const error = await failsWith('CONFIG_INVALID', it.ask(it.secure.host, { certificateFolders }));
  assert.match(error.message, /b\.crt holds no certificate/);
});

test('a client certificate of docker’s folder is shown to its host, and to no other', async (t) => {
  const it = await scene(t);
  const client = makeCertificate();
  const certificate = makeCertificate();
  const server = await startHttpServer({ certificate, clientCa: client.certificate });
  const stranger = await startHttpServer({ certificate, clientCa: client.certificate });
  t.after(() => Promise.all([server.close(), stranger.close()]));
  for (const one of [server, stranger]) one.on('/v2/a/x', content('in'));
  const certificateFolders = [join(it.folder, 'certs.d')];
  const folder = join(it.folder, 'certs.d', server.host);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'ca.crt'), certificate.certificate);
  await writeFile(join(folder, 'client.cert'), client.certificate);
  const alone = await failsWith('CONFIG_INVALID', it.ask(server.host, { certificateFolders }));
  assert.match(alone.message, /client\.cert and .*client\.key are not a client's certificate and its key$/);
  await writeFile(join(folder, 'client.key'), certificate.key);
  const other = await failsWith('CONFIG_INVALID', it.ask(server.host, { certificateFolders }));
  assert.doesNotMatch(inspect(other, { depth: 9, showHidden: true }), /PRIVATE/);
  await writeFile(join(folder, 'client.key'), client.key);
  assert.equal(await it.ask(server.host, { certificateFolders }), 'https:');
  await failsWith('NETWORK', it.ask(stranger.host, { certificateFolders }));
  assert.deepEqual(stranger.requests, []);
});

test('a registry that wants a client certificate is told of, with the place for one', async (t) => {
  const it = await scene(t);
  // RFC 8446, 6: a fatal alert, certificate_required.
  const alert = createServer((socket) => socket.on('error', () => {}).end(Buffer.from('15030300020274', 'hex')));
  await once(alert.listen(0, '127.0.0.1'), 'listening');
  t.after(() => alert.close());
  const host = `127.0.0.1:${(alert.address() as AddressInfo).port}`;
  const error = await failsWith('NETWORK', it.ask(host));
  const file = `/etc/docker/certs.d/${host}/client.cert`;
  assert.match(`${error.message}: ${error.hint}`, new RegExp(`wants a certificate of the client: .*${file}`));
});

test('nothing but HTTPS anywhere else; Docker Hub has another host for it', async () => {
  const nobody = {
    request: () => assert.fail('nobody is to be asked'),
    stream: () => assert.fail('nobody is to be asked'),
  };
  const endpoints = new Endpoints(nobody, none);
  const base = async (registry: string) => (await endpoints.baseOf(registry, undefined)).href;
  assert.equal(await base('registry.example'), 'https://registry.example/');
  assert.equal(await base('registry.example:5000'), 'https://registry.example:5000/');
  assert.equal(await base('docker.io'), 'https://registry-1.docker.io/');
});

test('a registry of plain HTTP that nobody called insecure is told of, with the way to it', async (t) => {
  const it = await scene(t);
  // Leads to this machine, and is none of its own names.
  const other = it.plain.host.replace('127.0.0.1', '0.0.0.0');
  const error = await failsWith('NETWORK', it.ask(other));
  assert.match(`${error.message}: ${error.hint}`, new RegExp(`does not speak TLS: .*--insecure-registry ${other}$`));
});

test('--insecure-registry names a host with any port, or one port', () => {
  const cases: readonly [string, string, boolean][] = [
    ['r.example', 'https://r.example:5000', true],
    ['r.example:5000', 'https://r.example:5000', true],
    ['r.example:5001', 'https://r.example:5000', false],
    ['r.example:443', 'https://r.example', true],
    ['http://R.example:5000/', 'http://r.example:5000', true],
    ['r.example', 'https://sub.r.example', false],
    ['[::1]:5000', 'http://[::1]:5000', true],
    ['', 'https://r.example', false],
  ];
  for (const [name, url, insecure] of cases) {
    assert.equal(isInsecure(new URL(url), { ...none, insecureRegistries: [name] }), insecure, `${name} ${url}`);
  }
});
