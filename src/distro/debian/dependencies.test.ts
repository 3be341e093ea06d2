import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../../errors.ts';
import type { Relation } from '../types.ts';
import { parseDependencies, parseRelations } from './dependencies.ts';

/** `a | b (>= 1), c` on amd64, as a person reads it. */
function read(text: string, architecture = 'amd64'): string {
  return parseDependencies(text, { architecture })
    .map((alternatives) => alternatives.map(formatRelation).join(' | '))
    .join(', ');
}

test('alternatives, versions, qualifiers', () => {
  assert.deepEqual(
    parseDependencies('libc6 (>= 2.36), debconf (>= 0.5) | debconf-2.0, python3:any', { architecture: 'amd64' }),
    [
      [{ name: 'libc6', operator: '>=', version: '2.36' }],
      [{ name: 'debconf', operator: '>=', version: '0.5' }, { name: 'debconf-2.0' }],
      [{ name: 'python3', qualifier: 'any' }],
    ],
  );
  assert.equal(read(' a(<<1) ,\n b\t( = 2:1.0-1 )|c '), 'a (<< 1), b (= 2:1.0-1) | c');
});

test('old operators mean what dpkg takes them for', () => {
  assert.equal(read('a (< 1), b (> 1), c (1)'), 'a (<= 1), b (>= 1), c (= 1)');
});

test('architecture lists', () => {
  assert.equal(
    read('a [amd64], b [arm64], c [!arm64], d [!amd64 !arm64], e [linux-any], f [any-amd64], g [hurd-any]'),
    'a, c, e, f',
  );
  assert.equal(read('a [any-arm], b [armhf], c [musl-linux-any], d [any-i386]', 'armhf'), 'a, b');
  assert.equal(read('a (>= 1) [arm64] | b', 'amd64'), 'b');
});

test('build profiles: none is active', () => {
  assert.equal(
    read('a <!nocheck>, b <cross>, c <cross> <!stage1>, d <!nocheck stage1>, e [amd64] <!nodoc>'),
    'a, c, e',
  );
});

test('empty places between commas are nothing', () => {
  assert.equal(read(''), '');
  assert.equal(read('a, , b,'), 'a, b');
});

test('what is no relation is refused with the field it stands in', () => {
  for (const text of ['a | | b', 'a b', 'a (>= )', 'a (~ 1)', 'a (>= 1', 'a$b', 'a [amd64 !arm64]', 'a []', '|']) {
    assert.throws(
      () => parseDependencies(text, { architecture: 'amd64', what: 'Depends of x' }),
      (error) => isSlimimageError(error, 'DEPENDENCY_INVALID') && error.message.startsWith('Depends of x'),
      text,
    );
  }
  assert.throws(
    () => parseRelations('a | b', { architecture: 'amd64' }),
    (error) => isSlimimageError(error, 'DEPENDENCY_INVALID'),
  );
});

test('hostile text is read or refused, at once', () => {
  const pieces = fc.constantFrom(
    'a',
    'lib1',
    ' ',
    '(',
    ')',
    '>= 1',
    '<',
    '>',
    '|',
    ',',
    '[',
    ']',
    '!',
    ':any',
    '\n',
    '<!x>',
    '\t\t',
    '=',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
      try {
        const once = read(parts.join(''));
        assert.equal(read(once), once);
      } catch (error) {
        assert.ok(isSlimimageError(error, 'DEPENDENCY_INVALID'), String(error));
      }
    }),
    { numRuns: 10_000 },
  );
  assert.throws(
    () => read(`a${' '.repeat(200_000)}(`),
    (error) => isSlimimageError(error),
  );
  assert.throws(
    () => read(`a ${'<!x> '.repeat(50_000)}(`),
    (error) => isSlimimageError(error),
  );
});

/** `libc6:any (>= 2.36)`: what `parseDependencies` read, as a person writes it. */
function formatRelation(relation: Relation): string {
  const qualifier = relation.qualifier === undefined ? '' : `:${relation.qualifier}`;
  const version = relation.operator === undefined ? '' : ` (${relation.operator} ${relation.version})`;
  return `${relation.name}${qualifier}${version}`;
}
