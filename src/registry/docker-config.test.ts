import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { entryFor, parseDockerConfig } from './docker-config.ts';

function loginFor(auths: unknown, registry: string, repository = 'team/app'): string | undefined {
  const config = parseDockerConfig(JSON.stringify({ auths }));
  assert.ok(config);
  const login = entryFor(config.auths, { registry, repository });
  if (login === undefined) return undefined;
  return login.type === 'basic' ? `${login.user}:${login.password.reveal()}` : `identity ${login.token.reveal()}`;
}

const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });

test('logins in each of the forms that docker and podman write', () => {
  assert.equal(loginFor({ 'r.example': auth('mole:a:b') }, 'r.example'), 'mole:a:b');
  assert.equal(loginFor({ 'r.example': auth('mole:pw\0\0') }, 'r.example'), 'mole:pw');
  assert.equal(loginFor({ 'r.example': { username: 'mole', password: 'pw' } }, 'r.example'), 'mole:pw');
  assert.equal(loginFor({ 'r.example': { ...auth('x:'), identitytoken: 'it' } }, 'r.example'), 'identity it');
  for (const entry of [{}, { auth: '' }, { auth: 'no base64!' }, auth('mole'), auth(':pw'), { auth: 7 }, null, 'x']) {
    assert.equal(loginFor({ 'r.example': entry }, 'r.example'), undefined, JSON.stringify(entry));
  }
});

test('keys are hosts, old addresses, or namespaces, the closest of which counts', () => {
  for (const key of ['r.example:5000', 'https://r.example:5000', 'https://r.example:5000/v1/', 'R.EXAMPLE:5000/v2']) {
    assert.equal(loginFor({ [key]: auth('a:b') }, 'r.example:5000'), 'a:b', key);
    assert.equal(loginFor({ [key]: auth('a:b') }, 'r.example'), undefined, key);
  }
  const hub = { 'https://index.docker.io/v1/': auth('hub:pw') };
  assert.equal(loginFor(hub, 'docker.io', 'library/debian'), 'hub:pw');
  const nested = { 'r.example': auth('all:1'), 'r.example/team': auth('team:2'), 'r.example/team/app/x': auth('no:3') };
  assert.equal(loginFor(nested, 'r.example', 'team/app'), 'team:2');
  assert.equal(loginFor(nested, 'r.example', 'teams/app'), 'all:1');
  assert.equal(loginFor(nested, 'evil.example', 'r.example/team'), undefined);
});

test('helpers and stores; what is no object is no configuration', () => {
  const config = parseDockerConfig('{"credHelpers":{"r.example":"pass","x":7},"credsStore":"secretservice"}');
  assert.equal(entryFor(config?.credHelpers ?? new Map(), { registry: 'r.example', repository: 'a' }), 'pass');
  assert.equal(config?.credHelpers.size, 1);
  assert.equal(config?.credsStore, 'secretservice');
  for (const text of ['', '[]', '7', 'null', '{"auths"', '"x"']) assert.equal(parseDockerConfig(text), undefined);
});

test('any file is read or is none, and no secret of it shows', () => {
  const secret = auth('mole:hunter2');
  const entry = fc.oneof(fc.jsonValue(), fc.constant(secret), fc.constant({ identitytoken: 'hunter2' }));
  const file = fc.record(
    { auths: fc.oneof(fc.dictionary(fc.string(), entry), fc.jsonValue()), credHelpers: fc.jsonValue() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), file.map(JSON.stringify)), (text) => {
      const config = parseDockerConfig(text);
      assert.doesNotMatch(inspect(config, { depth: 9, showHidden: true }), /hunter2|bW9sZTpodW50ZXIy/);
      if (config !== undefined) entryFor(config.auths, { registry: 'r.example', repository: 'a/b' });
    }),
    { numRuns: 2000 },
  );
});
