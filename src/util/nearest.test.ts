import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

test('a slip of one or two letters finds the word', () => {
  const keys = ['packages', 'platforms', 'paths', 'files', 'from'];
  assert.equal(nearest('packges', keys), 'packages');
  assert.equal(nearest('Packages', keys), 'packages');
  assert.equal(nearest('pahts', keys), 'paths');
  assert.equal(nearest('form', keys), 'from');
});

test('a different word finds nothing', () => {
  assert.equal(nearest('zebra', ['packages', 'paths']), undefined);
  assert.equal(nearest('', ['a']), 'a');
});

test('of two equally near words, the first in order', () => {
  assert.equal(nearest('cat', ['hat', 'bat']), 'bat');
});
