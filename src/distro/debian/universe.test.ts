import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildPackagesIndex } from '../../formats/deb822/packages-index.ts';
import { bytesSource, openPackagesIndex } from '../../formats/deb822/packages-reader.ts';
import { parseStanza } from '../../formats/deb822/stanza.ts';
import { encodeUtf8 } from '../../util/text.ts';
import { packageRecord } from './record.ts';
import { openUniverse } from './universe.ts';

function archive(suite: string, text: string) {
  const bytes = encodeUtf8(text);
  const origin = { archive: 'debian', suite, component: 'main', priority: 500 };
  return { index: openPackagesIndex(buildPackagesIndex(bytes), bytesSource(bytes)), origin };
}

const release = archive(
  'trixie',
  `Package: a\nVersion: 1\nArchitecture: amd64\nProvides: virtual\n
Package: b\nVersion: 1\nArchitecture: arm64\nEssential: yes\nProvides: virtual\n
Package: c\nVersion: 1\nArchitecture: all\nEssential: yes\nProvides: c, virtual\n`,
);
const updates = archive('trixie-updates', 'Package: a\nVersion: 2\nArchitecture: amd64\n');
const local = packageRecord(
  parseStanza('Package: mine\nVersion: 1\nArchitecture: amd64\nProvides: virtual\n'),
  { archive: 'file', suite: '', component: '', path: 'mine.deb', priority: 1000 },
  { architecture: 'amd64' },
);
const universe = openUniverse({ architecture: 'amd64', indexes: [release, updates], extra: [local] });
const show = (records: readonly { name: string; version: string; origin: { suite: string } }[]) =>
  records.map(({ name, version, origin }) => `${name} ${version} ${origin.suite}`.trim());

test('candidates come from every suite and from single files, foreign architectures from none', () => {
  assert.deepEqual(show(universe.candidates('a')), ['a 1 trixie', 'a 2 trixie-updates']);
  assert.deepEqual(show(universe.candidates('mine')), ['mine 1']);
  assert.deepEqual(show(universe.candidates('b')), []);
});

test('providers, one that provides its own name too', () => {
  assert.deepEqual(show(universe.providers('virtual')), ['mine 1', 'a 1 trixie', 'c 1 trixie']);
  assert.deepEqual(show(universe.providers('c')), ['c 1 trixie']);
});

test('essential packages of every suite and of this architecture', () => {
  assert.deepEqual(universe.essentials(), ['c']);
});

test('a package is the same object however it is found', () => {
  assert.equal(universe.providers('virtual')[1], universe.candidates('a')[0]);
  assert.equal(universe.candidates('a'), universe.candidates('a'));
});

test('names, each once', () => {
  assert.deepEqual([...universe.names()].sort(), ['a', 'b', 'c', 'mine']);
});

test('a stanza that cannot be read is a record that says why', () => {
  const { index, origin } = archive(
    'trixie',
    `Package: a\nVersion: 1\nArchitecture: amd64\nDepends: b (>=\nProvides: v\n
Package: c\nArchitecture: amd64\n
Package: d\nVersion: 1\nArchitecture: arm64\nDepends: b (>=\n`,
  );
  const broken = openUniverse({ architecture: 'amd64', indexes: [{ index, origin }] });
  assert.deepEqual(
    ['a', 'c', 'd'].flatMap((name) => broken.candidates(name)).map((record) => `${record.version} ${record.broken}`),
    ['1 Depends of a: "b (>=" is no package relation', '? The stanza of c has no Version'],
  );
  assert.equal(broken.providers('v')[0], broken.candidates('a')[0]);
});

test('fuzz: whatever a stanza says, its package is a record', () => {
  const field = fc.constantFrom(
    'Version',
    'Architecture',
    'Depends',
    'Provides',
    'Filename',
    'Source',
    'Essential',
    '\t',
  );
  const value = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('1', 'amd64', 'a (>= 1)', 'a | b', '../x', 'yes'),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(field, value), { maxLength: 6 }), (fields) => {
      const lines = fields.map(([name, text]) => `${name}: ${text.replace(/[\n\r]/g, ' ')}\n`);
      const { index, origin } = archive('trixie', `Package: a\n${lines.join('')}`);
      const hostile = openUniverse({ architecture: 'amd64', indexes: [{ index, origin }] });
      const [record] = hostile.candidates('a');
      assert.ok(record === undefined || record.name === 'a');
      for (const name of hostile.providedNames?.() ?? []) hostile.providers(name);
      hostile.essentials();
    }),
    { numRuns: 1_000 },
  );
});
