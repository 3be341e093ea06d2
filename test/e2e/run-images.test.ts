import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lackingArchive, startBuilder, type TestBuild, type TestBuilder } from '../support/builder.ts';
import { makeCertificate } from '../support/certificate.ts';
import { type DockerRunOptions, lackingDocker, startEngine, type TestEngine } from '../support/engine.ts';
import { lacking } from '../support/need.ts';
import { projectRoot } from '../support/source-code.ts';

/** Nothing that a careful operator would take away is left; the user is the image's own. */
const locked = { readOnly: true, capDrop: true, network: 'none' } as const;

describe('the examples, built from Debian’s real archive, in the real Docker engine, locked', {
  skip: lackingDocker || lackingArchive,
}, () => {
  let builder: TestBuilder;
  let engine: TestEngine;
  let python: TestBuild;
  let curl: TestBuild;
  let node: TestBuild;

  before(async () => {
    engine = await startEngine();
    builder = await startBuilder();
    python = await builder.build('examples/python.yaml', { engine });
    curl = await builder.build('examples/curl.yaml', { engine });
    node = await builder.build('examples/nodejs.yaml', { engine });
  });
  after(async () => {
    await engine?.stop();
    await builder?.[Symbol.asyncDispose]();
  });

  test('python has its standard library, no privilege and no network', async () => {
    const program = [
      'import ssl, sqlite3, ctypes, bz2, lzma, zoneinfo, hashlib, json, os, socket',
      'status = dict(line.split(":", 1) for line in open("/proc/self/status"))',
      'def refused(action):',
      '    try: action()',
      '    except OSError as error: return error.strerror',
      'print(json.dumps({',
      '  "openssl": ssl.OPENSSL_VERSION,',
      '  "authorities": len(ssl.create_default_context().get_ca_certs()) > 100,',
      '  "zone": str(zoneinfo.ZoneInfo("Europe/Berlin")),',
      '  "sqlite": sqlite3.connect(":memory:").execute("select 6 * 7").fetchone()[0],',
      '  "ids": [os.getuid(), os.getgid()],',
      '  "home": os.path.expanduser("~"),',
      '  "capabilities": status["CapEff"].strip() + status["CapBnd"].strip(),',
      '  "write": refused(lambda: open("/home/nonroot/file", "w")),',
      '  "connect": refused(lambda: socket.create_connection(("192.0.2.1", 80), 2)),',
      '  "interfaces": [name for _, name in socket.if_nameindex()],',
      '}))',
    ];
    const answer = await engine.dockerRun({ image: python.tag, args: ['-c', program.join('\n')], ...locked });
    assert.equal(answer.status, 0, answer.stderr);
    const { openssl, ...rest } = JSON.parse(answer.stdout);
    assert.match(openssl, /^OpenSSL 3\./);
    assert.deepEqual(rest, {
      authorities: true,
      zone: 'Europe/Berlin',
      sqlite: 42,
      ids: [65532, 65532],
      home: '/home/nonroot',
      capabilities: '0'.repeat(32),
      write: 'Read-only file system',
      connect: 'Network is unreachable',
      interfaces: ['lo'],
    });
  });

  test('python loads from the file of docker-archive: too', async () => {
    const file = join(builder.folder, 'python.tar');
    await builder.build('examples/python.yaml', { outputs: [`docker-archive:${file}`] });
    assert.equal((await engine.docker(['rmi', '--force', python.tag])).status, 0);
    const loaded = await engine.docker(['load', '--input', file]);
    assert.match(loaded.stdout, new RegExp(`Loaded image: ${python.tag}`), loaded.stderr);
    const answer = await engine.dockerRun({ image: python.tag, args: ['-c', 'print(6 * 7)'], ...locked });
    assert.deepEqual([answer.stdout, answer.stderr], ['42\n', '']);
  });

  test('nginx serves a page, with /tmp as its only writable place', async () => {
    const { tag } = await builder.build('examples/nginx.yaml', { engine });
    await withServer({ image: tag, name: 'nginx', tmpfs: ['/tmp'] }, async () => {
      const answer = await fetchFrom('nginx', 'http://127.0.0.1:8080/', ['--include']);
      assert.match(answer.stdout, /^HTTP\/1\.1 200 OK\r\nServer: nginx\/1\./, answer.stderr);
      const page = await readFile(join(projectRoot, 'examples/nginx/html/index.html'), 'utf8');
      assert.ok(answer.stdout.endsWith(`\r\n\r\n${page}`));
      const logs = await engine.docker(['logs', 'nginx']);
      assert.match(logs.stdout, /"GET \/ HTTP\/1\.1" 200/);
      assert.doesNotMatch(logs.stderr, /\[(?:warn|error|alert|crit|emerg)\]/);
      assert.equal(await stopped('nginx'), 0);
    });
  });

  test('redis-server answers SET and GET, and nothing has to be writable', async () => {
    const { tag } = await builder.build('examples/redis.yaml', { engine });
    await withServer({ image: tag, name: 'redis' }, async () => {
      const redis = async (...args: readonly string[]) => {
        const answer = await engine.docker(['exec', 'redis', 'redis-cli', ...args]);
        return answer.stdout.trim() || answer.stderr;
      };
      await until(async () => (await redis('ping')) === 'PONG');
      assert.equal(await redis('set', 'greeting', 'hello'), 'OK');
      assert.equal(await redis('get', 'greeting'), 'hello');
      const health = await engine.docker(['inspect', '--format', '{{json .Config.Healthcheck}}', 'redis']);
      assert.deepEqual(JSON.parse(health.stdout), { Test: ['CMD', 'redis-cli', 'ping'], Interval: 10e9 });
      assert.equal(await stopped('redis'), 0);
    });
  });

  test('nodejs serves with its server from files:', async () => {
    await withServer({ image: node.tag, name: 'node' }, async () => {
      const { stdout, stderr } = await fetchFrom('node', 'http://127.0.0.1:8080/hello');
      const answer = JSON.parse(stdout || stderr);
      assert.equal(answer.path, '/hello');
      assert.match(answer.node, /^v20\./);
      assert.equal(await stopped('node'), 0);
    });
  });

  test('curl, python and node trust a server by the CA of certificates:, and without it refuse', async () => {
    const { key, certificate } = makeCertificate();
    await builder.write('tls/key.pem', key);
    await builder.write('tls/certificate.pem', certificate);
    await builder.write('tls/server.mjs', tlsServer);
    const tls = { image: node.tag, entrypoint: '/usr/bin/node', args: ['/tls/server.mjs'] };
    await withServer({ ...tls, name: 'tls', volumes: [`${builder.folder}/tls:/tls:ro`] }, async () => {
      const refusal = await fetchFrom('tls', 'https://localhost:8443/');
      assert.equal(refusal.status, 60, 'curl(1): peer certificate cannot be authenticated');
      for (const [name, client] of Object.entries(tlsClients)) {
        const file = join(projectRoot, 'examples', `${name}.yaml`);
        const text = `extends: ${file}\ncertificates: [./tls/certificate.pem]\n`;
        const { tag } = await builder.build(await builder.write(`trusting-${name}.yaml`, text), { engine });
        const answer = await engine.dockerRun({ image: tag, ...client, ...locked, network: 'container:tls' });
        assert.deepEqual([answer.stdout, answer.stderr], ['trusted\n', ''], name);
      }
    });
  });

  test('busybox-static has a shell that can do no harm', async () => {
    const { tag } = await builder.build('examples/busybox.yaml', { engine });
    const script = 'id -u; touch /file; touch /tmp/file && echo written; cat /etc/os-release | grep ^ID=; ls /home';
    const answer = await engine.dockerRun({ image: tag, args: ['sh', '-c', script], tmpfs: ['/tmp'], ...locked });
    assert.equal(answer.stdout, '65532\nwritten\nID=debian\nnonroot\n', answer.stderr);
    assert.match(answer.stderr, /\/file: Read-only file system/);
  });

  test('one static program from files: alone is all there is', {
    skip: lacking({ commands: ['busybox'] }),
  }, async () => {
    const { tag, platforms, paths } = await builder.build('examples/static.yaml', { engine });
    assert.deepEqual(
      [...paths.values()].flat().map(({ path }) => path),
      ['busybox'],
    );
    assert.deepEqual(platforms[0]?.packages, []);
    const answer = await engine.dockerRun({ image: tag, args: ['echo', 'hello'], ...locked });
    assert.deepEqual([answer.stdout, answer.stderr], ['hello\n', '']);
    const user = await engine.dockerRun({ image: tag, args: ['id', '-u'], ...locked });
    assert.equal(user.stdout, '65532\n');
  });

  async function withServer(
    options: DockerRunOptions & { readonly name: string },
    action: () => Promise<void>,
  ): Promise<void> {
    await engine.dockerStart({ ...options, ...locked });
    try {
      await action();
    } finally {
      await engine.docker(['rm', '--force', options.name]);
    }
  }

  /** curl in a container of its own that shares nothing with the server but its loopback. */
  function fetchFrom(name: string, url: string, args: readonly string[] = []) {
    const patience = ['--silent', '--show-error', '--retry-connrefused', '--retry', '20', '--retry-delay', '1'];
    return engine.dockerRun({
      image: curl.tag,
      args: [...patience, ...args, url],
      ...locked,
      network: `container:${name}`,
    });
  }

  /** The exit status after the image's own stop signal. */
  async function stopped(name: string): Promise<number> {
    assert.equal((await engine.docker(['stop', '--time', '20', name])).status, 0);
    return Number((await engine.docker(['inspect', '--format', '{{.State.ExitCode}}', name])).stdout);
  }
});

const tlsServer = `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
const [key, cert] = ['key', 'certificate'].map((name) => readFileSync(\`/tls/\${name}.pem\`));
createServer({ key, cert }, (_, response) => response.end('trusted\\n')).listen(8443);
process.on('SIGTERM', () => process.exit());
`;

const url = 'https://localhost:8443/';
const tlsClients = {
  curl: { args: ['--silent', '--show-error', url] },
  python: { args: ['-c', `import urllib.request; print(urllib.request.urlopen("${url}").read().decode(), end="")`] },
  nodejs: {
    entrypoint: '/usr/bin/node',
    args: ['-e', `fetch("${url}").then((answer) => answer.text()).then((text) => process.stdout.write(text))`],
  },
};

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, 'it did not come up in 20 seconds');
    await sleep(200);
  }
}
