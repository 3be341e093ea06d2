import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { topOf } from './top.ts';

test('the top is the beginning of the sorted list, equal ones in their order', () => {
  const value = fc.record({ weight: fc.integer({ min: 0, max: 9 }), name: fc.string() });
  const heavier = (a: { weight: number }, b: { weight: number }) => b.weight - a.weight;
  fc.assert(
    fc.property(fc.array(value), fc.integer({ min: 0, max: 12 }), (values, count) => {
      assert.deepEqual(topOf(values, count, heavier), values.toSorted(heavier).slice(0, count));
    }),
  );
});
