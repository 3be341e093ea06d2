import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { Secret } from './secret.ts';
import { parseDestination, redactUrl } from './url.ts';

test('a URL is shown without user information, query and fragment', () => {
  assert.equal(
    redactUrl('https://mole:hunter2@example.org:8443/a/b%20c?sig=hunter2#x'),
    'https://example.org:8443/a/b%20c?...',
  );
  assert.equal(redactUrl(new URL('http://example.org')), 'http://example.org/');
  assert.equal(redactUrl('mole:hunter2@example.org/x?y'), 'example.org/x');
  assert.equal(redactUrl('https://mole:hunter2@exa mple.org/'), 'https://exa mple.org/');
  assert.equal(redactUrl('file:///etc/passwd'), 'file:///etc/passwd');
  assert.equal(redactUrl('socks5://mole:hunter2@p:1080'), 'socks5://p:1080');
});

test('user information is taken out of a URL and decoded', () => {
  const { url, login } = parseDestination('https://mo%6ce:100%@example.org/x#y');
  assert.equal(url.href, 'https://example.org/x');
  assert.equal(login?.user, 'mole');
  assert.equal(login?.password.reveal(), '100%');
  assert.equal(parseDestination('https://example.org/').login, undefined);
});

test('whatever stands before the @ of any text never shows', () => {
  const part = fc.string({ maxLength: 30, unit: 'grapheme' });
  fc.assert(
    fc.property(fc.constantFrom('http://', 'https://', 'ftp://', '//', ''), part, part, (scheme, before, after) => {
      assert.doesNotMatch(redactUrl(`${scheme}user:HUNTER2${before}@${after}`), /HUNTER2/);
    }),
    { numRuns: 10_000 },
  );
});

test('a secret shows itself to nobody but who asks for it', () => {
  const secret = new Secret('hunter2');
  assert.equal(secret.reveal(), 'hunter2');
  const shown = [`${secret}`, JSON.stringify({ secret }), inspect({ secret }, { showHidden: true }), String(secret)];
  for (const text of shown) assert.match(text, /\[secret\]/);
  assert.doesNotMatch(shown.join(), /hunter2/);
});
