import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../../errors.ts';
import { compareVersions, parseVersion, satisfiesVersion } from './version.ts';

const fixtures = new URL('../../../../shared/fixtures/', import.meta.url);
const oracle = new URL('apt-oracle-bookworm/deb-version-compare.tsv', fixtures);
const published = ['debian-versions.txt', 'debian-versions-generated.txt'].map(
  (name) => new URL(`version-compare/${name}`, fixtures),
);

function lines(file: URL): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

test('every pair that dpkg judged comes out the same', { skip: !existsSync(oracle) && 'no fixtures' }, () => {
  const pairs = lines(oracle).map((line) => line.split('\t'));
  assert.equal(pairs.length, 1659);
  const wrong = pairs.filter(([a = '', order, b = '']) => Math.sign(compareVersions(a, b)) !== Number(order));
  assert.deepEqual(wrong, []);
});

test('the published order of Debian versions holds', {
  skip: !existsSync(published[0] as URL) && 'no fixtures',
}, () => {
  const signs = new Map([
    ['<', -1],
    ['=', 0],
    ['>', 1],
  ]);
  const rows = published.flatMap(lines);
  assert.ok(rows.length > 10_000);
  const wrong = rows.filter((row) => {
    const [a = '', sign = '', b = ''] = row.split(' ');
    return Math.sign(compareVersions(a, b)) !== signs.get(sign);
  });
  assert.deepEqual(wrong, []);
});

test('the order is total over any string', () => {
  const hostile = fc.string({ unit: fc.constantFrom(...'019a~Z:-+.\u0000é '), maxLength: 8 });
  fc.assert(
    fc.property(hostile, hostile, hostile, (a, b, c) => {
      assert.equal(compareVersions(a, a), 0);
      assert.equal(Math.sign(compareVersions(a, b)), 0 - Math.sign(compareVersions(b, a)));
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0);
    }),
    { numRuns: 10_000 },
  );
});

test('a version comes apart at the first colon and the last hyphen', () => {
  assert.deepEqual(parseVersion('1:2.30-1-3+b1'), { epoch: 1, upstream: '2.30-1', revision: '3+b1' });
  assert.deepEqual(parseVersion('20250419~deb12u2'), { epoch: 0, upstream: '20250419~deb12u2', revision: '' });
  assert.deepEqual(parseVersion('2:1:0-1'), { epoch: 2, upstream: '1:0', revision: '1' });
});

test('what is no version is refused', () => {
  for (const text of ['', '1.0-', 'x:1.0', '1 0', '1.0\n', '-1', ':1', '1/2']) {
    assert.throws(
      () => parseVersion(text),
      (error) => isSlimimageError(error, 'VERSION_INVALID'),
      text,
    );
  }
});

test('operators', () => {
  const holds = (version: string, operator: '<<' | '<=' | '=' | '>=' | '>>') =>
    satisfiesVersion(version, { operator, version: '1.0' });
  assert.deepEqual([holds('0.9', '<<'), holds('1.0', '<<')], [true, false]);
  assert.deepEqual([holds('1.0', '<='), holds('1.0-1', '<=')], [true, false]);
  assert.deepEqual([holds('1.0-0', '='), holds('1.0-1', '=')], [true, false]);
  assert.deepEqual([holds('1.0', '>='), holds('1.0~', '>=')], [true, false]);
  assert.deepEqual([holds('1.0.1', '>>'), holds('1.0', '>>')], [true, false]);
});
