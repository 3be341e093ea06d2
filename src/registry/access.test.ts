import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { authorizations, manifest, pull, readAll, scene, showsNoSecret } from '../../test/support/access-scene.ts';
import {
  type Behaviour,
  basic,
  content,
  redirectTo,
  requireLogin,
  status,
} from '../../test/support/http-behaviours.ts';
import { failsWith } from '../../test/support/http-client.ts';
import { startHttpServer } from '../../test/support/http-server.ts';
import { encodeUtf8 } from '../util/text.ts';
import { createRegistryAccess } from './access.ts';

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
  assert.match(
    missing.hint ?? '',
    new RegExp(`^Log in with "docker login ${it.registry.host}"\\. Looked in .*none\\.json`),
  );
  const wrong = await failsWith('HTTP_AUTH', it.get(it.access({ login: 'wrong' })));
  assert.match(wrong.message, /refused the login from .*wrong\.json$/);
  assert.match(
    wrong.hint ?? '',
    /^Log in with "docker login \S+"; or, for what everybody may have, "podman logout 127\.0\.0\.1:/,
  );
  const identity = await failsWith('HTTP_AUTH', it.get(it.access({ login: 'identity' })));
  assert.match(identity.message, /wants a password/);
  it.registry.on(manifest, status(401, { 'www-authenticate': 'Negotiate' }));
  const odd = await failsWith('HTTP_AUTH', it.get(it.access()));
  assert.match(odd.message, /of a kind that slimimage does not know/);
  for (const error of [missing, wrong, identity, odd]) showsNoSecret(error);
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
