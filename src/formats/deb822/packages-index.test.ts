import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { isSlimimageError } from '../../errors.ts';
import { sha256Hex } from '../../util/digest.ts';
import { encodeUtf8 } from '../../util/text.ts';
import { buildPackagesIndex } from './packages-index.ts';
import { bytesSource, openPackagesIndex, type PackagesIndex } from './packages-reader.ts';
import { formatStanza, parseStanzas } from './stanza.ts';

const fixture = new URL('../../../../shared/fixtures/apt-oracle-bookworm/Packages.gz', import.meta.url);

function open(text: string | Uint8Array): PackagesIndex {
  const bytes = typeof text === 'string' ? encodeUtf8(text) : text;
  return openPackagesIndex(buildPackagesIndex(bytes), bytesSource(bytes));
}

function versions(index: PackagesIndex, stanzas: readonly number[]): string {
  return stanzas
    .map((number) => `${index.stanza(number).get('Package')} ${index.stanza(number).get('Version')}`)
    .join(', ');
}

const small = `Package: zlib1g
Version: 1
Provides: libz1, zlib (= 1), libz1 (= 2)

Package: awk
Version: 1
Essential: Yes
Provides: awk,
 old-awk

Package: zlib1g
Version: 2
Description: x
 Package: not a field
provides: zlib
`;

test('names lead to stanzas, several versions in file order; provided names to their providers', () => {
  const index = open(small);
  assert.deepEqual(index.names(), ['awk', 'zlib1g']);
  assert.deepEqual(index.providedNames(), ['awk', 'libz1', 'old-awk', 'zlib']);
  assert.equal(index.stanzas, 3);
  assert.equal(versions(index, index.stanzasOf('zlib1g')), 'zlib1g 1, zlib1g 2');
  assert.equal(versions(index, index.providersOf('zlib')), 'zlib1g 1, zlib1g 2');
  assert.equal(versions(index, index.providersOf('libz1')), 'zlib1g 1');
  assert.equal(versions(index, index.providersOf('old-awk')), 'awk 1');
  assert.deepEqual(
    [index.stanzasOf('libz1'), index.stanzasOf(''), index.stanzasOf('zzz'), index.providersOf('zlib1g')],
    [[], [], [], []],
  );
});

test('essential packages are known without parsing', () => {
  const index = open(
    `${small}\nPackage: a\nEssential: no\n\nPackage: tar\nVersion: 1\nessential:yes\n\nPackage: z\n yes\n`,
  );
  assert.equal(versions(index, index.essentials()), 'awk 1, tar 1');
});

test('empty files, missing last newlines, CRLF', () => {
  assert.deepEqual([open('').names(), open('\n\n').stanzas], [[], 0]);
  assert.equal(open('Package: a').stanzasOf('a').length, 1);
  assert.deepEqual(open('Package: b\r\nVersion: 1\r\n\r\nPackage: a\r\n').names(), ['a', 'b']);
});

test('a stanza without a name, with two, or above the limit is refused', () => {
  for (const text of [
    'Version: 1\n',
    'Package:\n',
    'Package: a\nPackage: b\n',
    'Package: a b\n',
    'Package: \u00e9\n',
  ]) {
    assert.throws(
      () => open(text),
      (error) => isSlimimageError(error, 'DEB822_INVALID'),
      text,
    );
  }
  const limits = { stanzaBytes: 30, packagesBytes: 100 };
  const build = (text: string) => buildPackagesIndex(encodeUtf8(text), { limits });
  assert.throws(
    () => build(`Package: a\nX: ${'x'.repeat(40)}\n`),
    (error) => isSlimimageError(error, 'LIMIT_EXCEEDED'),
  );
  assert.throws(
    () => build('Package: a\n\n'.repeat(10)),
    (error) => isSlimimageError(error, 'LIMIT_EXCEEDED'),
  );
});

test('every stanza of a real archive is found as a full parse finds it', {
  skip: !existsSync(fixture) && 'no fixtures',
}, () => {
  const bytes = gunzipSync(readFileSync(fixture));
  const index = open(bytes);
  const stanzas = parseStanzas(bytes);
  assert.equal(index.stanzas, stanzas.length);
  for (const stanza of stanzas) {
    const name = stanza.get('Package') ?? '';
    const found = index.stanzasOf(name).map((number) => formatStanza(index.stanza(number).fields));
    assert.ok(found.includes(formatStanza(stanza.fields)), name);
    for (const provided of (stanza.get('Provides') ?? '').split(',')) {
      const virtual = provided.trim().split(' ')[0] ?? '';
      const providers = index.providersOf(virtual).map((number) => index.stanza(number).get('Package'));
      if (virtual !== '') assert.ok(providers.includes(name), `${virtual} of ${name}`);
    }
  }
});

test('an index that lies unaligned in memory opens all the same', () => {
  const bytes = encodeUtf8(small);
  const index = buildPackagesIndex(bytes);
  const shifted = new Uint8Array(index.length + 1);
  shifted.set(index, 1);
  assert.deepEqual(openPackagesIndex(shifted.subarray(1), bytesSource(bytes)).names(), ['awk', 'zlib1g']);
});

test('a damaged index, or one of another file, is refused', () => {
  const bytes = encodeUtf8(small);
  const good = buildPackagesIndex(bytes);
  const refuses = (index: Uint8Array, packages = bytes) =>
    assert.throws(
      () => openPackagesIndex(index, bytesSource(packages)),
      (error) => isSlimimageError(error, 'STORE_CORRUPT'),
    );
  refuses(new Uint8Array(0));
  refuses(good.subarray(0, good.length - 4));
  refuses(good, encodeUtf8(`${small}\n`));
  for (let at = 0; at < good.length; at++) {
    const bad = good.slice();
    bad[at] = (bad[at] as number) ^ 1;
    refuses(bad);
  }
});

test('an index made to deceive, with a fitting checksum, is refused or harmless', () => {
  const bytes = encodeUtf8(small);
  const good = buildPackagesIndex(bytes);
  const change = fc.tuple(
    fc.nat({ max: good.length / 4 - 1 }),
    fc.oneof(fc.nat({ max: 8 }), fc.nat({ max: 0xffffffff })),
  );
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bad = good.slice();
      for (const [word, value] of changes) new Uint32Array(bad.buffer)[word] = value;
      bad.set(encodeUtf8(sha256Hex(bad.subarray(100))), 36);
      try {
        const index = openPackagesIndex(bad, bytesSource(bytes));
        for (const name of index.names()) for (const number of index.stanzasOf(name)) index.stanza(number);
        for (const number of [...index.providersOf('zlib'), ...index.essentials()]) index.stanza(number);
      } catch (error) {
        assert.ok(isSlimimageError(error), String(error));
      }
    }),
    { numRuns: 10_000 },
  );
});

test('any bytes are indexed or refused', () => {
  const piece = fc.constantFrom(
    'Package: a',
    'Package:',
    'Provides: x, y',
    'PROVIDES:',
    '\n',
    '\n\n',
    ' z,',
    '\r',
    'P',
    '\u00e9',
    ':',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 15 }), (parts) => {
      try {
        const index = open(parts.join(''));
        assert.ok(index.names().length <= index.stanzas);
      } catch (error) {
        assert.ok(isSlimimageError(error, 'DEB822_INVALID'), String(error));
      }
    }),
    { numRuns: 10_000 },
  );
});
