import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configureOrder } from './configure-order.ts';
import { effectInput } from './testing.ts';

function order(packages: Readonly<Record<string, string>>): string {
  const literals = Object.entries(packages).map(([name, fields]) => ({
    name,
    control: `Package: ${name}\n${fields}\n`,
  }));
  return configureOrder(effectInput({ packages: literals }).packages)
    .map(({ name }) => name)
    .join(' ');
}

test('each after what it depends on, Essential ones first, by name where nothing else decides', () => {
  assert.equal(order({ c: '', b: '', a: '' }), 'a b c');
  assert.equal(order({ a: 'Depends: c (>= 1), gone | b:any', b: 'Pre-Depends: d', c: '', d: '' }), 'c d b a');
  assert.equal(order({ a: 'Depends: x,\n z', m: 'Provides: x (= 1), y', z: '' }), 'm z a');
  assert.equal(order({ a: '', z: 'Essential: yes\nDepends: y', y: '' }), 'y z a');
});

test('circles end, and a long chain is no matter', () => {
  assert.equal(order({ a: 'Depends: b', b: 'Depends: c', c: 'Depends: a' }), 'c b a');
  const chain = Array.from({ length: 20_000 }, (_, at) => [`p${at}`, `Depends: p${at + 1}`]);
  assert.match(order(Object.fromEntries(chain)), /p1 p0$/);
});
