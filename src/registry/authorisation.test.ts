import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  authorizations,
  behindTokens,
  gives,
  manifest,
  readAll,
  scene,
  showsNoSecret,
  tokenPath,
} from '../../test/support/access-scene.ts';
import { type Behaviour, basic, content, cutAfter, redirectTo, status } from '../../test/support/http-behaviours.ts';
import { failsWith } from '../../test/support/http-client.ts';
import { startHttpServer } from '../../test/support/http-server.ts';

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
