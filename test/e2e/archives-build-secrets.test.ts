/** A private archive: where its password may come from, where it goes, and that it shows nowhere. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { archiveConfig } from '../support/archive-config.ts';
import { type PublishedSuite, startArchive, type TestArchive } from '../support/archive-server.ts';
import { type Ended, startUser, type TestUser, type UserRunOptions } from '../support/cli.ts';
import { basic, content, redirectTo, requireLogin, status } from '../support/http-behaviours.ts';
import { startHttpProxy } from '../support/http-proxy.ts';
import { startHttpServer } from '../support/http-server.ts';
import { lacking } from '../support/need.ts';

const login = 'mole';
const password = 'Hunter2:W0rd%Sign';
/** The password as it could show itself. */
const forms = [password, encodeURIComponent(password), basic(login, password).slice('Basic '.length)];

const outputs = ['-o', 'tar:out/root.tar', '-o', 'oci:out/layout', '-o', 'docker-archive:out/image.tar'];
const verbose = ['build', '--verbose', '--compression', 'none', ...outputs];

let user: TestUser;
let archive: TestArchive;
let published: PublishedSuite;

beforeEach(async () => {
  user = await startUser();
  archive = await startArchive();
  const hello = { name: 'hello', files: { '/usr/bin/hello': 'hello' } };
  published = await archive.publish({ date: new Date(), components: { main: [hello] } });
  for (const [path, bytes] of published.files) {
    archive.server.on(archive.path(path), requireLogin(login, password, content(bytes)));
  }
  await user.write('slimimage.yaml', archiveConfig(archive, ['hello']));
});

afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await user[Symbol.asyncDispose]();
});

const debUrl = () => archive.path(published.debs.get('hello') ?? '');
const withLogin = (url: string, secret = password) => url.replace('://', `://${login}:${encodeURIComponent(secret)}@`);

/** Nothing that was printed and no file but those that were written to hold it has the password in it. */
async function assertSecret(ended: readonly Pick<Ended, 'stdout' | 'stderr'>[], holders: readonly string[] = []) {
  for (const form of forms) {
    for (const { stdout, stderr } of ended) assert.ok(!`${stdout}${stderr}`.includes(form), `${stdout}${stderr}`);
    const found = (await user.mentions(form)).filter((path) => !holders.includes(path));
    assert.deepEqual(found, [], `${form} is in a file`);
  }
}

/** A build with everything that talks, once as text and once as JSON: the password is used and not shown. */
async function buildsInSecret(options: UserRunOptions = {}, holders: readonly string[] = []) {
  const text = await user.succeed(verbose, options);
  const json = await user.succeed([...verbose, '--format', 'json'], options);
  assert.ok(
    archive.server.requestsTo(debUrl()).some(({ headers }) => headers['authorization'] === basic(login, password)),
  );
  await assertSecret([text, json], holders);
}

describe('the password comes from', () => {
  test('the netrc of the user', async () => {
    await user.write('.netrc', `machine 127.0.0.1 login ${login} password ${password}\n`, 0o600);
    await buildsInSecret({}, ['.netrc']);
  });

  test('the file that NETRC names', async () => {
    const file = await user.write('secrets/netrc', `default login ${login} password ${password}\n`, 0o600);
    await buildsInSecret({ env: { NETRC: file } }, ['secrets/netrc']);
  });

  test('the auth.conf.d of apt', { skip: lackingMounts() }, async () => {
    const entry = `machine ${archive.url} login ${login} password ${password}\n`;
    await user.write('apt/auth.conf.d/own.conf', entry, 0o600);
    const under = ['unshare', '-m', 'sh', '-c', 'mount --bind "$0" /etc/apt && exec "$@"', `${user.folder}/apt`];
    await buildsInSecret({ under }, ['apt/auth.conf.d/own.conf']);
  });

  test('the URL of the mirror variable', async () => {
    await buildsInSecret({ env: { SLIMIMAGE_MIRROR_OWN: withLogin(archive.url) } });
  });
});

describe('a login that fails (HTTP_AUTH)', () => {
  const refusal = { code: 'HTTP_AUTH', status: 3 } as const;

  test('none at all: what the hint says helps', async () => {
    const { message, hint = '' } = await user.refused(refusal, ['build']);
    assert.match(message, /InRelease: the server asks for a login/);
    assert.match(hint, /into ~\/\.netrc/);
    const line = /Put "(.*?)"/.exec(hint)?.[1] ?? '';
    await user.write('.netrc', line.replace('NAME', login).replace('PASSWORD', password), 0o600);
    await user.succeed(['build']);
  });

  test('one in a file that cannot be understood: the hint names the line, and not what is in it', async () => {
    await user.write('.netrc', `machine 127.0.0.1\nuser ${login} password ${password}\n`, 0o600);
    const { hint, output } = await user.refused(refusal, ['build']);
    assert.match(hint ?? '', /\.netrc, line 2: a word that is none of machine/);
    await assertSecret([{ stdout: output, stderr: '' }], ['.netrc']);
  });

  test('the wrong one, of netrc and of the variable', async () => {
    archive.server.on(archive.path('dists/trixie/InRelease'), requireLogin(login, 'another', content('')));
    const env = { SLIMIMAGE_MIRROR_OWN: withLogin(archive.url) };
    const byVariable = await user.run(verbose, { env });
    await user.write('.netrc', `machine 127.0.0.1 login ${login} password ${password}\n`, 0o600);
    const byNetrc = await user.run(verbose);
    const json = await user.refused(refusal, verbose, { env });
    assert.deepEqual([byVariable.status, byNetrc.status], [3, 3]);
    await assertSecret([byVariable, byNetrc, { stdout: json.output, stderr: '' }], ['.netrc']);
    assert.deepEqual(await user.stored(), []);
  });

  test('a 503 that is tried again, a 404 and a refused connection name the URL without it', async () => {
    archive.server.on(archive.path('dists/trixie/InRelease'), status(503), status(404));
    const missing = await user.run(verbose, { env: { SLIMIMAGE_MIRROR_OWN: withLogin(archive.url) } });
    assert.match(missing.stderr, /503[\s\S]*404/);
    const gone = await user.run(verbose, { env: { SLIMIMAGE_MIRROR_OWN: withLogin('http://127.0.0.1:9/debian') } });
    assert.match(gone.stderr, /127\.0\.0\.1:9\/debian\/dists\/trixie\/InRelease: the connection was refused/);
    const wrong = await user.run(verbose, { env: { SLIMIMAGE_MIRROR_OWN: `http://${login}:${password}/x@127.0.0.1` } });
    assert.deepEqual([missing.status, gone.status, wrong.status], [3, 3, 2]);
    await assertSecret([missing, gone, wrong]);
  });
});

describe('in the configuration it is refused (CONFIG_INVALID), and the message does not repeat it', () => {
  const refusal = { code: 'CONFIG_INVALID', status: 2 } as const;
  const urls = () => [withLogin(archive.url), archive.url.replace('://', `://${login}:pa/ss'${password}@`)];

  test('in archives and mirrors', async () => {
    for (const url of urls()) {
      for (const text of [
        archiveConfig(archive, ['hello'], { archive: { url: JSON.stringify(url) } }),
        archiveConfig(archive, ['hello'], { more: { mirrors: `{ own: ${JSON.stringify(url)} }` } }),
      ]) {
        await user.write('slimimage.yaml', text);
        const { output } = await user.refused(refusal, verbose);
        const asText = await user.run(verbose);
        await assertSecret([{ stdout: output, stderr: '' }, asText], ['slimimage.yaml']);
      }
    }
    assert.equal(archive.server.requests.length, 0);
  });

  test('on the command line', async () => {
    for (const url of urls()) {
      const { output } = await user.refused(refusal, [...verbose, '--mirror', `own=${url}`]);
      await assertSecret([{ stdout: output, stderr: '' }]);
    }
  });
});

describe('a redirect', () => {
  test('to another host or port does not carry it', async () => {
    for (const host of ['127.0.0.1', '127.0.0.2']) {
      await using other = await startHttpServer({ host });
      archive.server.on(debUrl(), requireLogin(login, password, redirectTo(other.url('/hello.deb'))));
      other.serve({ '/hello.deb': published.files.get(published.debs.get('hello') ?? '') ?? '' });
      await using second = await startUser();
      await second.write('slimimage.yaml', archiveConfig(archive, ['hello']));
      await second.succeed(['build'], { env: { SLIMIMAGE_MIRROR_OWN: withLogin(archive.url) } });
      assert.deepEqual(
        other.requests.map(({ headers }) => headers['authorization']),
        [undefined],
      );
    }
  });

  test('within the host does', async () => {
    archive.server.on(debUrl(), redirectTo('/moved/hello.deb'));
    const bytes = published.files.get(published.debs.get('hello') ?? '') ?? '';
    archive.server.on('/moved/hello.deb', requireLogin(login, password, content(bytes)));
    await user.succeed(['build'], { env: { SLIMIMAGE_MIRROR_OWN: withLogin(archive.url) } });
  });
});

describe('a proxy', () => {
  const proxyUrl = (host: string, secret = password) => withLogin(`http://${host}`, secret);
  const env = () => ({ SLIMIMAGE_MIRROR_OWN: withLogin(archive.url) });

  test('http_proxy is honoured, with its own login; the archive’s goes through it', async () => {
    await using proxy = await startHttpProxy({ user: login, password });
    await buildsInSecret({ env: { ...env(), http_proxy: proxyUrl(proxy.host) } });
    assert.ok(proxy.requests.includes(`GET ${archive.server.origin}${debUrl()}`), proxy.requests.join('\n'));
    assert.ok(archive.server.requests.every(({ headers }) => headers['proxy-authorization'] === undefined));
  });

  test('no_proxy goes around it', async () => {
    await using proxy = await startHttpProxy();
    await user.succeed(['build'], { env: { ...env(), http_proxy: `http://${proxy.host}`, no_proxy: '127.0.0.1' } });
    assert.deepEqual(proxy.requests, []);
  });

  test('a wrong login at the proxy (HTTP_AUTH)', async () => {
    await using proxy = await startHttpProxy({ user: login, password: 'another' });
    const options = { env: { ...env(), http_proxy: proxyUrl(proxy.host) } };
    const { message, output } = await user.refused({ code: 'HTTP_AUTH', status: 3 }, verbose, options);
    assert.match(message, /proxy/);
    await assertSecret([{ stdout: output, stderr: '' }, await user.run(verbose, options)]);
  });
});

function lackingMounts(): string | false {
  const missing = lacking({ commands: ['unshare'], root: true });
  if (missing !== false) return missing;
  return spawnSync('unshare', ['-m', 'true']).status === 0 ? false : 'mounts are not allowed here';
}
