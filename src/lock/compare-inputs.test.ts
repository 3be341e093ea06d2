import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareInputs } from './compare-inputs.ts';
import type { LockInputs } from './types.ts';

const locked: LockInputs = {
  from: 'debian/trixie',
  packages: ['nginx', 'curl'],
  recommends: false,
  on: null,
  archives: [{ name: 'own', suites: ['./'] }],
  mirrors: { own: 'a' },
};

const cases: Readonly<Record<string, readonly [change: LockInputs, differences: readonly string[]]>> = {
  nothing: [{}, []],
  'a scalar': [{ from: 'debian/bookworm' }, ['from: was debian/trixie, is debian/bookworm']],
  'more than one key': [
    { recommends: true, on: 'store:base' },
    ['on: was null, is store:base', 'recommends: was false, is true'],
  ],
  'a member added and one removed': [
    { packages: ['nginx', 'bash'] },
    ['packages: curl was removed', 'packages: bash was added'],
  ],
  'the same member again': [{ packages: ['nginx', 'curl', 'curl'] }, ['packages: curl was added']],
  'an order': [{ packages: ['curl', 'nginx'] }, ['packages: the order has changed']],
  'a map by its name': [
    { archives: [{ name: 'own', suites: ['stable'] }] },
    ['archives.own.suites: ./ was removed', 'archives.own.suites: stable was added'],
  ],
  'a map that is new': [{ archives: [{ name: 'own', suites: ['./'] }, { name: 'two' }] }, ['archives: two was added']],
  'a member of a map': [{ mirrors: { own: 'b' } }, ['mirrors.own: was a, is b']],
  'a key that is new': [{ pins: [] }, ['pins: was not there, is []']],
  'another kind of value': [{ packages: 'curl' }, ['packages: was ["nginx","curl"], is curl']],
};

for (const [name, [change, differences]] of Object.entries(cases)) {
  test(`inputs differ in ${name}`, () => {
    assert.deepEqual(compareInputs(locked, { ...locked, ...change }), differences);
  });
}

test('a key that is gone', () => {
  const { mirrors: _, ...current } = locked;
  assert.deepEqual(compareInputs(locked, current), ['mirrors: was {"own":"a"}, is not there']);
});

test('texts of a hostile lock are short and obey no terminal', () => {
  const [text = ''] = compareInputs({ from: `\u001b[2J${'x'.repeat(1000)}` }, { from: 'debian/trixie' });
  assert.equal(text, `from: was \u{fffd}[2J${'x'.repeat(76)}..., is debian/trixie`);
});
