import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import { compileExpression } from './expression.ts';

/** What of some words an expression finds. */
function found(expression: string, words: string): string {
  const matches = compileExpression(expression);
  return words.split(' ').filter(matches).join(' ');
}

test('globs fit the whole, without regard to case', () => {
  assert.equal(found('nginx', 'nginx NGINX nginx-full xnginx'), 'nginx NGINX');
  assert.equal(found('lib*-1', 'lib-1 libx-1 libx-1-1 lib1'), 'lib-1 libx-1 libx-1-1');
  assert.equal(found('a?c', 'abc ac a?c abbc'), 'abc a?c');
  assert.equal(found('a\\*c', 'a*c abc'), 'a*c');
  assert.equal(found('php[78].[!0-3]', 'php7.4 php8.1 php9.4 php8.5'), 'php7.4 php8.5');
  assert.equal(found('a[]-]c', 'a]c a-c abc'), 'a]c a-c');
  assert.equal(found('a[[:digit:]x]', 'a1 ax ay'), 'a1 ax');
  assert.equal(found('a[', 'a[ a'), 'a[');
  assert.equal(found('*', ' a'), ' a');
});

test('regular expressions are found anywhere', () => {
  assert.equal(found('/ngi/', 'nginx xNGIy nigx'), 'nginx xNGIy');
  assert.equal(
    found('/^lib(ssl|crypto)[0-9.]+(t64)?$/', 'libssl3 libssl3t64 libcrypto1.1 libssl-dev'),
    'libssl3 libssl3t64 libcrypto1.1',
  );
  assert.equal(found('/^a{2,3}$/', 'a aa aaa aaaa'), 'aa aaa');
  assert.equal(found('/^(ab){2}$/', 'ab abab ababab'), 'abab');
  assert.equal(found('/^a{2,}b*c?$/', 'a aa aabbc aac abc'), 'aa aabbc aac');
  assert.equal(found('/^g\\+\\+/', 'g++-12 gxx'), 'g++-12');
  assert.equal(found('/^(|a)*b$/', 'b aab ac'), 'b aab');
  assert.equal(found('/[^a-z]/', 'abc ab1'), 'ab1');
  assert.equal(found('//', 'a b'), 'a b');
});

test('what cannot be understood is refused', () => {
  for (const text of [
    '/(/',
    '/)/',
    '/a**{/',
    '/*a/',
    '/[a/',
    '/[z-a]/',
    '/[[:nope:]]/',
    '/a{3,2}/',
    '/\\d/',
    '/(a{200}){200}/',
  ]) {
    assert.throws(
      () => compileExpression(text),
      (error) => isSlimimageError(error, 'CONFIG_INVALID'),
      text,
    );
  }
});

test('no expression takes long', () => {
  const long = 'a'.repeat(255);
  for (const text of ['/^(a+)+$/', '/^(a|aa)*$/', '/(((a*)*)*)*b/', '*a*a*a*a*a*a*a*a*a*a*b', '/(a?){100}a{100}c/']) {
    const matches = compileExpression(text);
    assert.equal(matches(`${long}!`), false, text);
  }
});

test('any text is read, or refused for a reason', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^\/[ab()|*+?{},1[\]^$\\.:-]{0,20}\/$/));
  fc.assert(
    fc.property(text, fc.string(), (expression, value) => {
      try {
        assert.equal(typeof compileExpression(expression)(value), 'boolean');
      } catch (error) {
        assert.ok(isSlimimageError(error, 'CONFIG_INVALID'), String(error));
      }
    }),
  );
});
