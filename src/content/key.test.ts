import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultFilters } from './filters.ts';
import { type ContentKeyInput, contentKey } from './key.ts';

const deb = '0'.repeat(64);
const base: ContentKeyInput = { deb, layout: 'merged', filters: { exclude: ['a/**', 'b/**'], include: ['a/x'] } };

test('a key is 64 hexadecimal digits', () => {
  assert.match(contentKey(base), /^[0-9a-f]{64}$/);
});

test('what does not change a content does not change its key', () => {
  const same: readonly ContentKeyInput['filters'][] = [
    { exclude: ['b/**', 'a/**'], include: ['a/x'] },
    { exclude: ['a/**', 'b/**', 'a/**'], include: ['a/x', 'a/x'] },
  ];
  for (const filters of same) assert.equal(contentKey({ ...base, filters }), contentKey(base));
});

test('everything that may change a content changes its key', () => {
  const others: readonly ContentKeyInput[] = [
    base,
    { ...base, deb: '1'.repeat(64) },
    { ...base, layout: 'split' },
    { ...base, filters: { exclude: ['a/**'], include: ['a/x'] } },
    { ...base, filters: { exclude: ['a/**', 'b/**'], include: [] } },
    // A glob has to be on its own side.
    { ...base, filters: { exclude: ['a/**', 'b/**', 'a/x'], include: [] } },
    { ...base, filters: { exclude: ['a/**,b/**'], include: ['a/x'] } },
    { ...base, filters: defaultFilters },
  ];
  assert.equal(new Set(others.map(contentKey)).size, others.length);
});
