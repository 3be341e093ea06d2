import assert from 'node:assert/strict';
import { test } from 'node:test';
import { djbHash, StringTable } from './string-table.ts';

test('41 keys stand in the order in which GLib 2.74 has them, after growing three times', () => {
  const table = new StringTable<number>();
  const names = [...Array.from({ length: 40 }, (_, at) => `n${String(at).padStart(2, '0')}`), 'ä'];
  for (const [at, name] of names.entries()) table.set(`text/${name}`, at);
  // The file "icons" that update-mime-database wrote of these types.
  const written =
    'n13 ä n29 n03 n19 n34 n24 n09 n14 n04 n35 n25 n30 n15 n05 n20 n36 n10 n26 n00 n16 n31 n21 n06 n37 n11 n27 n01 n17 n32 n07 n22 n38 n12 n28 n02 n18 n33 n23 n08 n39';
  assert.equal([...table.entries()].map(([key]) => key.slice('text/'.length)).join(' '), written);
});

test('a key that is there keeps its place and gets the new value', () => {
  const table = new StringTable<number>();
  table.set('a', 1);
  table.set('b', 2);
  const before = [...table.entries()].map(([key]) => key);
  table.set('a', 3);
  assert.deepEqual(
    [...table.entries()].map(([key]) => key),
    before,
  );
  assert.deepEqual([table.get('a'), table.get('c'), table.has('b'), table.size], [3, undefined, true, 2]);
});

test('hashes are over signed bytes', () => {
  assert.equal(djbHash(''), 5381);
  assert.equal(djbHash('a'), 5381 * 33 + 97);
  assert.equal(djbHash('ä'), ((5381 * 33 + 0xc3 - 256) * 33 + 0xa4 - 256) >>> 0);
});
