import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { createLogins } from './find-login.ts';

const name = { registry: 'r.example:5000', repository: 'team/app' };
const base = new URL('https://r.example:5000');
const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });

async function home(t: TestContext, files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-logins-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
    if (path.startsWith('bin/')) await chmod(join(folder, path), 0o755);
  }
  return folder;
}

async function found(env: Readonly<Record<string, string>>, of = name): Promise<string | undefined> {
  const answer = await createLogins(env, { runFolder: join(env['HOME'] ?? '/nowhere', 'run-containers') }).find(
    of,
    base,
  );
  if (answer === undefined) return undefined;
  const { login } = answer;
  return login.type === 'basic' ? `${login.user}:${login.password.reveal()}` : `identity ${login.token.reveal()}`;
}

/** What a helper of docker's does: answers for one server, knows nothing of others, counts how often it was asked. */
const helper = `#!/bin/sh
read server
echo "$1 $server" >> "$HOME/asked"
case "$server" in
  r.example:5000) echo '{"ServerURL":"r.example:5000","Username":"helped","Secret":"pw"}' ;;
  t.example) echo '{"Username":"<token>","Secret":"it"}' ;;
  https://index.docker.io/v1/) echo '{"Username":"hub","Secret":"pw"}' ;;
  broken.example) echo 'hunter2'; exit 3 ;;
  odd.example) echo 'hunter2 is no JSON' ;;
  loud.example) yes hunter2 ;;
  *) echo 'credentials not found in native keychain'; exit 1 ;;
esac
`;

test('the environment comes first, then docker, podman, the netrc', async (t) => {
  const folder = await home(t, {
    'docker/config.json': { auths: { 'r.example:5000': auth('docker:1') } },
    'auth.json': { auths: { 'r.example:5000': auth('file:2') } },
    'run/containers/auth.json': { auths: { 'r.example:5000': auth('podman:3') } },
    '.netrc': 'machine r.example login netrc password 4',
    '.docker/config.json': { auths: { 'r.example:5000': auth('home:5') } },
  });
  const env: Record<string, string> = {
    SLIMIMAGE_REGISTRY_USER: 'env',
    SLIMIMAGE_REGISTRY_PASSWORD: '0',
    SLIMIMAGE_REGISTRY_HOST: 'R.example:5000',
    DOCKER_CONFIG: join(folder, 'docker'),
    REGISTRY_AUTH_FILE: join(folder, 'auth.json'),
    XDG_RUNTIME_DIR: join(folder, 'run'),
    HOME: folder,
  };
  const order: (string | undefined)[] = [];
  for (const gone of ['SLIMIMAGE_REGISTRY_HOST', 'DOCKER_CONFIG', 'HOME', 'REGISTRY_AUTH_FILE', 'XDG_RUNTIME_DIR']) {
    order.push(await found(env));
    delete env[gone];
  }
  order.push(await found(env), await found({ HOME: folder }), await found({ NETRC: join(folder, '.netrc') }));
  assert.deepEqual(order, ['env:0', 'docker:1', 'home:5', 'file:2', 'podman:3', undefined, 'home:5', 'netrc:4']);
});

test('podman’s and skopeo’s file of users without a session, their kept one, and GitLab’s variable', async (t) => {
  const { uid } = userInfo();
  const folder = await home(t, {
    [`run-containers/${uid}/auth.json`]: { auths: { 'r.example:5000': auth('run:1') } },
    '.config/containers/auth.json': { auths: { 'r.example:5000': auth('kept:2') } },
    'xdg/containers/auth.json': { auths: { 'r.example:5000': auth('xdg:3') } },
    '.docker/config.json': { auths: { 's.example': auth('docker:4') } },
  });
  const env = { HOME: folder };
  assert.equal(await found(env), 'run:1');
  const session = { ...env, XDG_RUNTIME_DIR: join(folder, 'empty') };
  assert.equal(await found(session), 'kept:2');
  assert.equal(await found({ ...session, XDG_CONFIG_HOME: join(folder, 'xdg') }), 'xdg:3');
  const given = JSON.stringify({ auths: { 's.example': auth('given:5') }, credsStore: 'secretservice' });
  const other = { registry: 's.example', repository: 'a' };
  assert.equal(await found({ ...env, DOCKER_AUTH_CONFIG: given }, other), 'given:5');
  assert.equal(await found({ ...env, DOCKER_AUTH_CONFIG: given }), 'run:1');
  const broken = createLogins({ DOCKER_AUTH_CONFIG: 'hunter2' }, { runFolder: folder });
  await broken.find(name, base);
  assert.deepEqual(broken.problems, ['DOCKER_AUTH_CONFIG is no JSON object']);
});

test('the default of a netrc is no registry’s', async (t) => {
  const anonymous = 'default login anonymous password me@r.example';
  const folder = await home(t, {
    alone: anonymous,
    both: `machine r.example login netrc password 4 ${anonymous}`,
  });
  assert.equal(await found({ NETRC: join(folder, 'alone') }), undefined);
  assert.equal(await found({ NETRC: join(folder, 'both') }), 'netrc:4');
});

test('a login of the environment is for one registry, and is not used without its name', async () => {
  const env = { SLIMIMAGE_REGISTRY_USER: 'mole', SLIMIMAGE_REGISTRY_PASSWORD: 'hunter2' };
  const logins = createLogins(env);
  assert.equal(await logins.find(name, base), undefined);
  assert.match(logins.problems.join(), /SLIMIMAGE_REGISTRY_HOST does not say/);
  assert.equal(await found({ ...env, SLIMIMAGE_REGISTRY_HOST: 'other.example' }), undefined);
  const hub = { registry: 'docker.io', repository: 'library/debian' };
  assert.equal(await found({ ...env, SLIMIMAGE_REGISTRY_HOST: 'https://index.docker.io/v1/' }, hub), 'mole:hunter2');
});

test('helpers are asked once each, before the file is believed', async (t) => {
  const folder = await home(t, {
    'bin/docker-credential-test': helper,
    '.docker/config.json': {
      credHelpers: { 'r.example:5000': 'test', 't.example': 'test' },
      credsStore: 'test',
      auths: { 'plain.example': auth('plain:1'), 'r.example:5000': auth('stale:1') },
    },
  });
  const env = { HOME: folder, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
  const logins = createLogins(env);
  const both = await Promise.all([logins.find(name, base), logins.find({ ...name, repository: 'b' }, base)]);
  assert.deepEqual(
    both.map((answer) => answer?.source),
    ['docker-credential-test', 'docker-credential-test'],
  );
  assert.equal((await readFile(join(folder, 'asked'), 'utf8')).trim(), 'get r.example:5000');
  assert.equal(await found(env), 'helped:pw');
  assert.equal(await found(env, { registry: 't.example', repository: 'a' }), 'identity it');
  assert.equal(await found(env, { registry: 'docker.io', repository: 'a' }), 'hub:pw');
  assert.equal(await found(env, { registry: 'plain.example', repository: 'a' }), 'plain:1');
});

test('a helper that fails is told of, without what it printed, and the next place is looked at', async (t) => {
  const folder = await home(t, {
    'bin/docker-credential-test': helper,
    '.docker/config.json': {
      credsStore: 'test',
      credHelpers: { 'gone.example': 'gone', 'bad.example': '../evil', 'worse.example': 'a b' },
    },
    '.netrc': 'machine r.example login netrc password 1',
  });
  const env = { HOME: folder, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
  const logins = createLogins(env);
  for (const host of ['broken', 'odd', 'loud', 'gone', 'bad', 'worse']) {
    const answer = await logins.find({ registry: `${host}.example`, repository: 'a' }, base);
    assert.equal(answer?.source, join(folder, '.netrc'), host);
  }
  assert.deepEqual(logins.problems, [
    'docker-credential-test failed (exit 3)',
    'docker-credential-test printed no login',
    'docker-credential-test printed too much',
    'docker-credential-gone is not installed',
    'a credential helper has a name that is no name of a program',
  ]);
  assert.doesNotMatch(inspect(logins, { depth: 9, showHidden: true }), /hunter2/);
});

test('a file that can’t be used is named, without a word of it', async (t) => {
  const folder = await home(t, { '.docker/config.json': '{"auths": hunter2' });
  const logins = createLogins({ HOME: folder, REGISTRY_AUTH_FILE: folder });
  assert.equal(await logins.find(name, base), undefined);
  assert.deepEqual(logins.problems, [
    `${join(folder, '.docker/config.json')} is no JSON object`,
    `${folder} can't be read (EISDIR)`,
  ]);
});
