import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fold } from './fold.ts';

test('lines break between words, what follows is indented', () => {
  assert.deepEqual(fold('one two three four', { columns: 9, indent: 2 }), ['one two', '  three', '  four']);
  assert.deepEqual(fold('one two', { columns: 7, indent: 2 }), ['one two']);
});

test('a word that is too long stays whole, spaces at the start stay', () => {
  const path = '/usr/lib/python3.13';
  assert.deepEqual(fold(`  at ${path} now`, { columns: 10, indent: 4 }), ['  at', `    ${path}`, '    now']);
  assert.deepEqual(fold('', { columns: 10, indent: 4 }), ['']);
});
