import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest, nearestNames } from './nearest.ts';

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

test('several names: nearest first, then by name, and no more than asked for', () => {
  const names = ['libfoo2', 'libfo', 'libfoo10', 'libfoo1'];
  assert.deepEqual(nearestNames('libfoo', names), ['libfo', 'libfoo1', 'libfoo2']);
  assert.deepEqual(nearestNames('libfoo', names, { max: 1 }), ['libfo']);
});

test('many equally near names do not hide a nearer one', () => {
  const many = Array.from({ length: 500 }, (_, index) => `python${(index + 10).toString(36)}x`);
  assert.equal(nearestNames('pythno3', [...many, 'python3'])[0], 'python3');
});
