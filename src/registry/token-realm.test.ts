import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failsWith } from '../../test/support/http-client.ts';
import type { HttpRequester } from '../net/types.ts';
import { encodeUtf8 } from '../util/text.ts';
import { fetchToken } from './fetch-token.ts';
import { realmOf } from './token-realm.ts';

function accepts(registry: string, realm: string, insecure: readonly string[] = []): boolean {
  const base = new URL(registry);
  const mayGoInTheClear = ({ hostname }: URL) => insecure.includes(hostname);
  try {
    realmOf({ registry: base.host, base, realm, mayGoInTheClear }, { withLogin: false });
    return true;
  } catch {
    return false;
  }
}

test('a registry names token servers like itself: none of this machine, and none in the clear', () => {
  const far = 'https://registry.example/';
  assert.ok(accepts(far, 'https://tokens.example/token'));
  assert.ok(accepts(far, 'https://10.0.0.7/token'));
  const inner = ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '0.0.0.0', '169.254.169.254', '[::1]', '[::]'];
  for (const host of [...inner, '[::ffff:7f00:1]', '[fe80::1]', '2130706433', 'tokens.example']) {
    assert.ok(!accepts(far, `http://${host}/token`), host);
    if (host !== 'tokens.example') assert.ok(!accepts(far, `https://${host}/token`), host);
  }
  assert.ok(accepts('http://localhost:5000/', 'http://127.0.0.1:5001/token'));
  assert.ok(accepts(far, 'http://localhost:5001/token', ['registry.example']));
  assert.ok(accepts(far, 'http://tokens.example/token', ['tokens.example']));
});

test('what a redirect from there leads to counts like it', async () => {
  const leading = (url: string): HttpRequester => ({
    request: async () => ({ status: 200, headers: {}, bytes: encodeUtf8('{"token":"t"}'), url: new URL(url) }),
    stream: () => assert.fail('a token is no stream'),
  });
  const request = {
    registry: 'registry.example',
    base: new URL('https://registry.example/'),
    realm: 'https://tokens.example/token',
    service: undefined,
    scopes: new Map(),
    login: undefined,
    mayGoInTheClear: () => false,
    signal: undefined,
  };
  const found = await fetchToken(leading('https://elsewhere.example/token'), request);
  assert.equal(found.type === 'token' && found.token.reveal(), 't');
  await failsWith('REGISTRY_INVALID', fetchToken(leading('https://127.0.0.1/token'), request));
});
