import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

const keys = ['packages', 'paths', 'platforms', 'ports', 'entrypoint', 'env'];

test('a typing mistake finds the name that was meant', () => {
  assert.deepEqual(nearest('package', keys), ['packages']);
  assert.deepEqual(nearest('entyrpoint', keys), ['entrypoint']);
  assert.deepEqual(nearest('Platform', keys), ['platforms']);
  assert.deepEqual(nearest('emv', keys), ['env']);
});

test('nearest first, then by name, and no more than asked for', () => {
  assert.deepEqual(nearest('libfoo', ['libfoo2', 'libfo', 'libfoo10', 'libfoo1']), ['libfo', 'libfoo1', 'libfoo2']);
  assert.deepEqual(nearest('libfoo', ['libfoo2', 'libfo', 'libfoo1'], { max: 1 }), ['libfo']);
});

test('the word itself and far names are no answer', () => {
  assert.deepEqual(nearest('env', ['env', 'volumes']), []);
  assert.deepEqual(nearest('', keys), []);
});

test('many equally near names do not hide a nearer one', () => {
  const many = Array.from({ length: 500 }, (_, index) => `python${(index + 10).toString(36)}x`);
  assert.equal(nearest('pythno3', [...many, 'python3'])[0], 'python3');
});
