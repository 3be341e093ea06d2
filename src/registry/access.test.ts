import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import {
  type Behaviour,
  basic,
  content,
  cutAfter,
  redirectTo,
  requireLogin,
  status,
} from '../../test/support/http-behaviours.ts';
import { failsWith } from '../../test/support/http-client.ts';
import { startHttpServer, type TestServer } from '../../test/support/http-server.ts';
import type { SlimimageError } from '../errors.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import { createRegistryAccess } from './access.ts';
import type { AuthorisedRequest, OpenRegistryAccess } from './types.ts';

const pull = { method: 'GET', actions: ['pull'], accept: [200], maxSize: 1000 } satisfies AuthorisedRequest;

interface Scene {
  readonly registry: TestServer;
  /** The token server. */
  readonly tokens: TestServer;
  /** Adds milliseconds to the clock. */
  later(milliseconds: number): void;
  /** With a login for the registry, `mole` and `hunter2`, unless `login` says otherwise. */
  access(options?: { readonly login?: Login }): OpenRegistryAccess;
  get(access: OpenRegistryAccess, path?: string, more?: Partial<AuthorisedRequest>): Promise<string>;
}

type Login = 'none' | 'identity' | 'wrong' | 'right';

async function scene(t: TestContext): Promise<Scene> {
  const registry = await startHttpServer();
  const tokens = await startHttpServer();
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-access-'));
  const accesses: OpenRegistryAccess[] = [];
  let now = 1_000_000;
  t.after(async () => {
    for (const access of accesses) await access.close();
    await registry.close();
    await tokens.close();
    await rm(folder, { recursive: true });
  });
  const logins: Record<Login, unknown> = {
    none: {},
    identity: { identitytoken: 'hunter2-identity' },
    wrong: { auth: Buffer.from('mole:hunter2-wrong').toString('base64') },
    right: { auth: Buffer.from('mole:hunter2').toString('base64') },
  };
  for (const [login, entry] of Object.entries(logins)) {
    await writeFile(join(folder, `${login}.json`), JSON.stringify({ auths: { [registry.host]: entry } }));
  }
  return {
    registry,
    tokens,
    later: (milliseconds) => {
      now += milliseconds;
    },
    access({ login = 'right' } = {}) {
      const env = { REGISTRY_AUTH_FILE: join(folder, `${login}.json`) };
      const access = createRegistryAccess({ env, now: () => now, sleep: async () => {} });
      accesses.push(access);
      return access;
    },
    async get(access, path = 'manifests/1', more = {}) {
      const answer = await access.request({ registry: registry.host, repository: 'team/app' }, path, {
        ...pull,
        ...more,
      });
      return decodeUtf8(answer.bytes);
    },
  };
}

/** A registry that takes the tokens of `valid`, and names the token server in its challenge. */
function behindTokens({ tokens }: Scene, valid: readonly string[], inner: Behaviour = content('in')): Behaviour {
  return (asked) => {
    const token = /^Bearer (.*)$/.exec(asked.request.headers.authorization ?? '')?.[1];
    if (token !== undefined && valid.includes(token)) return inner(asked);
    asked.response.setHeader('www-authenticate', `Bearer realm="${tokens.url('/token')}",service="s"`);
    asked.response.writeHead(401).end();
  };
}

/** Gives the tokens of `script` one after the other, the last for ever. */
function gives(...script: readonly string[]): Behaviour {
  return ({ response, nth }) => {
    const token = script[Math.min(nth, script.length - 1)];
    response.end(JSON.stringify({ token, expires_in: 300 }));
  };
}

const tokenPath = '/token?service=s&scope=repository%3Ateam%2Fapp%3Apull';
const manifest = '/v2/team/app/manifests/1';

function authorizations(server: TestServer): readonly (string | undefined)[] {
  return server.requests.filter(({ path }) => path !== '/v2/').map(({ headers }) => headers['authorization']);
}

function showsNoSecret(error: SlimimageError): void {
  const shown = [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), String(error.stack)].join(
    '\n',
  );
  assert.doesNotMatch(shown, /hunter2|bW9sZTpodW50ZXIy|token-[0-9]/);
}

test('a registry that wants no login is sent none', async (t) => {
  const it = await scene(t);
  it.registry.on(manifest, content('in'));
  assert.equal(await it.get(it.access()), 'in');
  assert.deepEqual(authorizations(it.registry), [undefined]);
});

test('basic: the login goes out after the first 401, and at once from then on', async (t) => {
  const it = await scene(t);
  it.registry.on(manifest, requireLogin('mole', 'hunter2', content('in')));
  const access = it.access();
  assert.equal(await it.get(access), 'in');
  assert.equal(await it.get(access), 'in');
  const login = basic('mole', 'hunter2');
  assert.deepEqual(authorizations(it.registry), [undefined, login, login]);
});

test('a missing or refused login is HTTP_AUTH: what to type, where was looked, no secret', async (t) => {
  const it = await scene(t);
  it.registry.on(manifest, requireLogin('mole', 'hunter2', content('in')));
  const missing = await failsWith('HTTP_AUTH', it.get(it.access({ login: 'none' })));
  assert.equal(
    missing.message,
    `${it.registry.host}/team/app: the registry wants a login, or there is no such repository`,
  );
  assert.match(missing.hint ?? '', new RegExp(`^docker login ${it.registry.host}; looked in .*none\\.json`));
  const wrong = await failsWith('HTTP_AUTH', it.get(it.access({ login: 'wrong' })));
  assert.match(wrong.message, /refused the login from .*wrong\.json$/);
  assert.match(wrong.hint ?? '', /^docker login \S+; or, for what everybody may have: podman logout 127\.0\.0\.1:/);
  const identity = await failsWith('HTTP_AUTH', it.get(it.access({ login: 'identity' })));
  assert.match(identity.message, /wants a password/);
  it.registry.on(manifest, status(401, { 'www-authenticate': 'Negotiate' }));
  const odd = await failsWith('HTTP_AUTH', it.get(it.access()));
  assert.match(odd.message, /of a kind that slimimage does not know/);
  for (const error of [missing, wrong, identity, odd]) showsNoSecret(error);
});

test('bearer: one token for all that it covers, asked for once however many want it', async (t) => {
  const it = await scene(t);
  it.registry.otherwise(behindTokens(it, ['token-1']));
  it.tokens.otherwise(gives('token-1'));
  const access = it.access();
  await Promise.all(Array.from({ length: 10 }, (_, n) => it.get(access, `blobs/${n}`, { actions: ['push'] })));
  assert.equal(await it.get(access), 'in');
  assert.deepEqual(
    it.tokens.requests.map(({ path, headers }) => [path, headers['authorization']]),
    [[`${tokenPath}%2Cpush`, basic('mole', 'hunter2')]],
  );
});

test('scopes: of a mount, of a deletion, and what the registry asks for besides', async (t) => {
  const it = await scene(t);
  const realm = `Bearer realm="${it.tokens.url('/token?a=b')}",scope="repository:hub/app:pull"`;
  it.registry.otherwise(behindTokens(it, ['token-1']));
  it.registry.on('/v2/team/app/x', status(401, { 'www-authenticate': realm }), content('in'));
  it.tokens.otherwise(gives('token-1'));
  const access = it.access({ login: 'none' });
  await it.get(access, 'x');
  await it.get(access, 'y', { actions: ['push'], mountFrom: 'team/base' });
  await it.get(access, 'z', { actions: ['delete'] });
  assert.deepEqual(
    it.tokens.requests.map(({ path }) => [...new URL(path, it.tokens.origin).searchParams].map(String)),
    [
      ['a,b', 'scope,repository:team/app:pull', 'scope,repository:hub/app:pull'],
      ['a,b', 'scope,repository:team/app:pull,push', 'scope,repository:team/base:pull'],
      ['a,b', 'scope,repository:team/app:delete'],
    ],
  );
});

test('a token server that refuses an action is asked for what the registry names, and not again for the next request', async (t) => {
  const it = await scene(t);
  const realm = `Bearer realm="${it.tokens.url('/token')}",scope="repository:team/app:push,pull"`;
  const wantsPush: Behaviour = ({ request, response }) => {
    if (request.headers.authorization === 'Bearer token-2') response.end('in');
    else response.writeHead(401, { 'www-authenticate': realm }).end();
  };
  it.registry.otherwise(wantsPush);
  it.registry.on(manifest, behindTokens(it, ['token-1']));
  it.tokens.otherwise(({ request, response }) => {
    const scope = new URL(request.url ?? '', it.tokens.origin).searchParams.get('scope') ?? '';
    if (scope.includes('delete')) response.writeHead(400).end();
    else response.end(JSON.stringify({ token: scope.includes('push') ? 'token-2' : 'token-1' }));
  });
  const access = it.access();
  await it.get(access);
  for (const path of ['x', 'y']) assert.equal(await it.get(access, path, { actions: ['pull', 'delete'] }), 'in');
  assert.deepEqual(
    it.tokens.requests.map(({ path }) => new URL(path, it.tokens.origin).searchParams.get('scope')),
    ['pull', 'pull,delete', 'pull,delete,push', 'push,pull'].map((actions) => `repository:team/app:${actions}`),
  );
  it.tokens.otherwise(status(400));
  const error = await failsWith('HTTP_AUTH', it.get(it.access()));
  assert.match(error.message, /has a token server that refuses what it is asked for \(400\)$/);
});

test('a token that runs out is asked for anew, by the clock or by the registry’s word, and only once', async (t) => {
  const it = await scene(t);
  const valid = ['token-1'];
  it.registry.on(manifest, behindTokens(it, valid));
  it.tokens.on(tokenPath, gives('token-1', 'token-2', 'token-3', 'token-4'));
  const access = it.access();
  await it.get(access);
  it.later(295_000);
  valid[0] = 'token-2';
  await it.get(access);
  assert.deepEqual(authorizations(it.registry), [undefined, 'Bearer token-1', 'Bearer token-2']);
  it.registry.forget();
  valid[0] = 'token-3';
  await it.get(access);
  assert.deepEqual(authorizations(it.registry), ['Bearer token-2', 'Bearer token-3']);
  valid[0] = 'none';
  it.registry.forget();
  showsNoSecret(await failsWith('HTTP_AUTH', it.get(access)));
  assert.deepEqual(authorizations(it.registry), ['Bearer token-3', 'Bearer token-4']);
});

test('an identity token is exchanged, and does not follow a redirect', async (t) => {
  const it = await scene(t);
  it.registry.on(manifest, behindTokens(it, ['token-1']));
  const forms: string[] = [];
  it.tokens.on('/token', async ({ request, response }) => {
    let form = '';
    for await (const chunk of request) form += chunk;
    forms.push(`${request.method} ${form}`);
    response.end('{"access_token":"token-1"}');
  });
  assert.equal(await it.get(it.access({ login: 'identity' })), 'in');
  const scope = 'repository%3Ateam%2Fapp%3Apull';
  assert.deepEqual(forms, [
    `POST grant_type=refresh_token&service=s&client_id=slimimage&scope=${scope}&refresh_token=hunter2-identity`,
  ]);
  it.tokens.on('/token', redirectTo(it.registry.url('/elsewhere'), 307));
  showsNoSecret(await failsWith('REGISTRY_INVALID', it.get(it.access({ login: 'identity' }))));
  it.tokens.on('/token', status(400));
  const wrong = await failsWith('HTTP_AUTH', it.get(it.access({ login: 'identity' })));
  assert.match(wrong.message, /refused the login from/);
  showsNoSecret(wrong);
  assert.deepEqual(it.registry.requestsTo('/elsewhere'), []);
});

test('the login goes to the token server and not where that redirects to', async (t) => {
  const it = await scene(t);
  await using other = await startHttpServer();
  it.registry.on(manifest, behindTokens(it, ['token-1']));
  it.tokens.on(tokenPath, redirectTo(other.url('/token')));
  other.on('/token', gives('token-1'));
  assert.equal(await it.get(it.access()), 'in');
  assert.deepEqual(authorizations(it.tokens), [basic('mole', 'hunter2')]);
  assert.deepEqual(authorizations(other), [undefined]);
});

test('no login goes over plain HTTP to another machine, and none where the realm is no URL', async (t) => {
  const it = await scene(t);
  const realms = ['http://tokens.invalid/token', 'file:///etc/passwd', 'javascript:alert(1)', '', 'x'.repeat(3000)];
  for (const realm of realms) {
    it.registry.on(manifest, status(401, { 'www-authenticate': `Bearer realm="${realm}",service="s"` }));
    showsNoSecret(await failsWith('REGISTRY_INVALID', it.get(it.access())));
  }
});

test('a token server that talks nonsense is REGISTRY_INVALID, one that fails says how', async (t) => {
  const it = await scene(t);
  it.registry.on(manifest, behindTokens(it, ['token-1']));
  const answers = ['', 'hunter2', '[]', 'null', '{}', '{"token":7}', '{"token":"hunter2\\r\\nX: y"}', '{"token":"é"}'];
  for (const answer of answers) {
    it.tokens.on(tokenPath, content(answer));
    showsNoSecret(await failsWith('REGISTRY_INVALID', it.get(it.access())));
  }
  it.tokens.on(tokenPath, content(`{"token":"${'a'.repeat(2e6)}"}`));
  await failsWith('DOWNLOAD_TOO_LARGE', it.get(it.access()));
  it.tokens.on(tokenPath, status(500));
  await failsWith('HTTP_STATUS', it.get(it.access()));
  for (const code of [401, 403]) {
    it.tokens.on(tokenPath, status(code));
    const error = await failsWith('HTTP_AUTH', it.get(it.access()));
    assert.match(error.message, code === 401 ? /refused the login from/ : /gives the login from .* no access to it/);
  }
  it.tokens.on(tokenPath, gives('token-2'));
  const hidden = await failsWith('HTTP_AUTH', it.get(it.access()));
  assert.match(hidden.message, /gives the login from .* no access to it, or there is no such repository$/);
});

test('the challenge of a host that the registry redirects to counts for nothing', async (t) => {
  const it = await scene(t);
  await using other = await startHttpServer();
  it.registry.on(manifest, redirectTo(other.url('/blob'), 307));
  other.on('/blob', status(401, { 'www-authenticate': `Bearer realm="${other.url('/steal')}"` }));
  const name = { registry: it.registry.host, repository: 'team/app' };
  const access = it.access();
  await failsWith('HTTP_AUTH', it.get(access));
  await failsWith('HTTP_AUTH', readAll(access.stream(name, 'manifests/1', { maxSize: 10 })));
  assert.deepEqual(other.requestsTo('/steal'), []);
  assert.deepEqual(authorizations(other), [undefined, undefined]);
});

test('an address of another host gets no login, though the registry named it', async (t) => {
  const it = await scene(t);
  await using other = await startHttpServer();
  it.registry.on(manifest, requireLogin('mole', 'hunter2', content('in')));
  other.otherwise(content('in'));
  const access = it.access();
  await it.get(access);
  const name = { registry: it.registry.host, repository: 'team/app' };
  await access.request(name, new URL(other.url('/upload')), pull);
  assert.equal(await readAll(access.stream(name, new URL(other.url('/blob')), { maxSize: 10 })), 'in');
  assert.deepEqual(authorizations(other), [undefined, undefined]);
  await access.request(name, new URL(it.registry.url(manifest)), pull);
  assert.equal(authorizations(it.registry).at(-1), basic('mole', 'hunter2'));
});

test('a body that was refused is sent again with the login', async (t) => {
  const it = await scene(t);
  const received: Behaviour = async ({ request, response }) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.writeHead(201).end(body);
  };
  it.registry.on(manifest, requireLogin('mole', 'hunter2', received));
  const body = {
    size: 5,
    async *open() {
      yield encodeUtf8('bytes');
    },
  };
  const put = { method: 'PUT', body, actions: ['push'], accept: [201], retry: false } as const;
  assert.equal(await it.get(it.access(), 'manifests/1', put), 'bytes');
});

test('a stream gets a token, and a new one where the first runs out on the way', async (t) => {
  const it = await scene(t);
  const text = 'blob '.repeat(2000);
  const valid = ['token-1'];
  const cut: Behaviour = (asked) => {
    valid[0] = 'token-2';
    return cutAfter(text, 4000)(asked);
  };
  let nth = 0;
  it.registry.on('/v2/team/app/blobs/1', (asked) =>
    behindTokens(it, valid, (inner) => (nth++ === 0 ? cut(inner) : content(text)(inner)))(asked),
  );
  it.tokens.on(tokenPath, gives('token-1', 'token-2'));
  const access = it.access();
  it.registry.on(manifest, content('in'));
  await it.get(access);
  const name = { registry: it.registry.host, repository: 'team/app' };
  const stream = access.stream(name, 'blobs/1', { maxSize: 1e6, expectedSize: text.length });
  assert.equal(await readAll(stream), text);
  assert.deepEqual(
    it.registry.requestsTo('/v2/team/app/blobs/1').map(({ headers }) => [headers['authorization'], headers['range']]),
    [
      [undefined, undefined],
      ['Bearer token-1', undefined],
      ['Bearer token-1', 'bytes=4000-'],
      ['Bearer token-2', 'bytes=4000-'],
    ],
  );
  valid[0] = 'none';
  await failsWith('HTTP_AUTH', readAll(access.stream(name, 'blobs/1', { maxSize: 1e6 })));
});

test('who asked for a token first may give up; the others get it', async (t) => {
  const it = await scene(t);
  it.registry.otherwise(behindTokens(it, ['token-1']));
  const controller = new AbortController();
  it.tokens.on(tokenPath, () => controller.abort(), gives('token-1'));
  const access = it.access();
  const first = it.get(access, 'a', { signal: controller.signal });
  const second = it.get(access, 'b');
  await failsWith('ABORTED', first);
  assert.equal(await second, 'in');
});

test('nobody waits for a credential helper after the stop', async (t) => {
  const it = await scene(t);
  it.registry.on(manifest, requireLogin('mole', 'hunter2', content('in')));
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-helper-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'docker-credential-slow'), '#!/bin/sh\nexec sleep 2\n', { mode: 0o755 });
  await writeFile(join(folder, 'config.json'), '{"credsStore":"slow"}');
  const env = { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH']}` };
  const access = createRegistryAccess({ env });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  const started = performance.now();
  await failsWith('ABORTED', it.get(access, 'manifests/1', { signal: controller.signal }));
  assert.ok(performance.now() - started < 1000);
  await access.close();
});

test('a name that would lead out of /v2/NAME/ is refused', async (t) => {
  const it = await scene(t);
  for (const repository of ['../x', 'a/../b', 'a//b', '.', 'a?b', 'a#b', '']) {
    const asked = it.access().request({ registry: it.registry.host, repository }, 'x', pull);
    await failsWith('REFERENCE_INVALID', asked);
  }
  for (const registry of ['a b', 'user@host', 'host/path', '']) {
    await failsWith('REFERENCE_INVALID', it.access().request({ registry, repository: 'a' }, 'x', pull));
  }
  assert.deepEqual(it.registry.requests, []);
});

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += decodeUtf8(chunk);
  return text;
}
