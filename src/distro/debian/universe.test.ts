import assert from 'node:assert/strict';
import { test } from 'node:test';
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
