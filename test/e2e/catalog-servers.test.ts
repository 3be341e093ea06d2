import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { lackingArchive } from '../support/builder.ts';
import { type CatalogImages, eventually, startCatalog } from '../support/catalog-images.ts';
import { lackingDocker } from '../support/engine.ts';

describe('servers of the catalogue', { skip: lackingDocker || lackingArchive }, () => {
  let catalog: CatalogImages;
  /** curl, beside a server that has no network. */
  let client: string;
  before(async () => {
    catalog = await startCatalog();
    client = await catalog.build('curl');
  });
  after(() => catalog?.[Symbol.asyncDispose]());

  /** What curl gets, over the network of a server's container. */
  async function get(server: string, args: readonly string[]): Promise<string> {
    const network = `container:${server}` as const;
    const answer = await catalog.engine.dockerRun({ image: client, args, network, readOnly: true, capDrop: true });
    return answer.stdout;
  }

  test('curl: https trusts a private authority, and no other server', async () => {
    const fetched = await catalog.run(client, ['--silent', '--show-error', catalog.url], { network: 'host' });
    assert.equal(fetched, 'hello over TLS');
    const args = ['--silent', '--cacert', '/etc/ssl/certs/ISRG_Root_X1.pem', '--capath', '/nowhere', catalog.url];
    const stranger = await catalog.engine.dockerRun({
      image: client,
      args,
      network: 'host',
      readOnly: true,
      capDrop: true,
    });
    assert.equal(stranger.status, 60);
  });

  test('nginx: pages of one’s own, settings beside its own', async () => {
    const page = await catalog.write('index.html', 'a page\n');
    const image = await catalog.build('nginx', `files: ["${page}:/srv/www/index.html"]\n`);
    const { name } = await catalog.start(image, { tmpfs: ['/tmp'] });
    await eventually(async () => (await get(name, ['-s', 'http://127.0.0.1:8080/'])) === 'a page\n', 'nginx');
    const headers = await get(name, ['-sI', 'http://127.0.0.1:8080/index.html']);
    assert.match(headers, /^HTTP\/1\.1 200 OK\r\nServer: nginx\r\n[\s\S]*Content-Type: text\/html\r\n/);
  });

  test('haproxy: a request goes through to a server behind it', async () => {
    const settings = JSON.stringify({ path: '/etc/haproxy/haproxy.cfg', content: haproxySettings });
    const image = await catalog.build('haproxy', `paths: [${settings}]\n`);
    const { name } = await catalog.start(image);
    await eventually(async () => (await get(name, ['-s', 'http://127.0.0.1:8080/'])) === 'from behind\n', 'haproxy');
  });

  test('redis: SET and GET, and the data is in the volume', async () => {
    const { exec } = await catalog.start(await catalog.build('redis'));
    const ask = async (...words: string[]) => (await exec(['/usr/bin/redis-cli', ...words])).stdout.trim();
    await eventually(async () => (await ask('ping')) === 'PONG', 'redis');
    assert.deepEqual([await ask('set', 'greeting', 'hello'), await ask('get', 'greeting')], ['OK', 'hello']);
    assert.equal(await ask('save'), 'OK');
    assert.equal(await ask('config', 'get', 'dir'), 'dir\n/data');
  });

  test('memcached: a value is set and read', async () => {
    const { name } = await catalog.start(await catalog.build('memcached'));
    const said = await catalog.write('memcached.txt', 'set greeting 0 60 5\r\nhello\r\nget greeting\r\nquit\r\n');
    const ask = () => {
      const options = { image: client, network: `container:${name}`, volumes: [`${said}:/said:ro`] } as const;
      const args = ['-s', '--max-time', '5', '--upload-file', '/said', 'telnet://127.0.0.1:11211'];
      return catalog.engine.dockerRun({ ...options, args, readOnly: true, capDrop: true });
    };
    await eventually(
      async () => (await ask()).stdout === 'STORED\r\nVALUE greeting 0 5\r\nhello\r\nEND\r\n',
      'memcached',
    );
  });

  test('postgresql: the first start makes the cluster; SQL goes round', async () => {
    const password = await catalog.write('password', 'secret\n');
    const { name, exec } = await catalog.start(await catalog.build('postgresql'), {
      tmpfs: ['/tmp'],
      volumes: [`${password}:/run/password:ro`],
      env: { POSTGRES_PASSWORD_FILE: '/run/password' },
    });
    const sql = async (statement: string, from = '/tmp') =>
      (await exec(['psql', '-X', '-A', '-t', '-U', 'postgres', '-h', from, '-c', statement])).stdout;
    await eventually(async () => (await sql('select 1')) === '1\n', 'postgresql');
    const round = "create table t (a int, b text); insert into t values (41, 'ä'); select a + 1, upper(b) from t";
    assert.match(await sql(round), /42\|Ä\n$/);
    assert.equal(await sql('select 1', '127.0.0.1'), '', 'not without the password');
    const address = 'postgresql://postgres:secret@127.0.0.1/postgres';
    const known = await exec(['psql', '-X', '-A', '-t', address, '-c', 'show server_encoding']);
    assert.equal(known.stdout, 'UTF8\n', known.stderr);
    const { stdout } = await catalog.engine.docker(['exec', name, 'pg_controldata', '-D', '/var/lib/postgresql/data']);
    assert.match(stdout, /Database cluster state: +in production/);
  });

  test('debug variants begin with a shell', async () => {
    for (const name of ['curl', 'nginx', 'haproxy', 'redis', 'memcached', 'postgresql']) await catalog.shell(name);
  });
});

const haproxySettings = `
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend web
  bind :8080
  default_backend behind
backend behind
  server one 127.0.0.1:8081
frontend behind
  bind 127.0.0.1:8081
  http-request return status 200 content-type text/plain string "from behind\\n"
`;
