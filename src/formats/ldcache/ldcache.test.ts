import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixture, lacking } from '../../../test/support/need.ts';
import { isSlimimageError } from '../../errors.ts';
import { compareLibraryNames } from './compare.ts';
import { encodeLibraryCache } from './encode.ts';
import { parseLibraryCache } from './parse.ts';
import { buildStringTable } from './string-table.ts';
import type { LibraryCache } from './types.ts';

const generator = 'ldconfig (Debian GLIBC 2.41-12) stable release version 2.41';
const cache: LibraryCache = {
  generator,
  byteOrder: 'little',
  entries: [
    { name: 'libc.so.6', path: '/lib/libc.so.6', flags: 0x0303 },
    {
      name: 'libz.so.1',
      path: '/lib/glibc-hwcaps/v3/libz.so.1.3',
      flags: 0x0303,
      hwcaps: { name: 'v3', isaLevel: 2 },
    },
    { name: 'libz.so.1', path: '/lib/libz.so.1', flags: 0x0303 },
  ],
};

test('what is written is read again, in the order of the loader', () => {
  const read = parseLibraryCache(encodeLibraryCache(cache));
  const paths = ['/lib/glibc-hwcaps/v3/libz.so.1.3', '/lib/libz.so.1', '/lib/libc.so.6'];
  assert.deepEqual(
    read.entries.map(({ path }) => path),
    paths,
  );
  assert.deepEqual(read.entries[0]?.hwcaps, { name: 'v3', isaLevel: 2 });
  assert.equal(read.generator, generator);
  assert.deepEqual(parseLibraryCache(encodeLibraryCache({ ...cache, byteOrder: 'big' })), {
    ...read,
    byteOrder: 'big',
  });
});

test('names go down, runs of digits by their value', () => {
  const names = ['libb.so.2', 'libb.so.10', 'liba.so', 'liba.so.1', 'liba-1.so', 'libab.so', 'lib0.so'];
  assert.deepEqual(
    names.toSorted((a, b) => compareLibraryNames(b, a)),
    ['lib0.so', 'libb.so.10', 'libb.so.2', 'libab.so', 'liba.so.1', 'liba.so', 'liba-1.so'],
  );
});

test('a string that another one ends in is inside it', () => {
  const table = buildStringTable(['libc.so.6', '/lib/libc.so.6', 'libm.so.6', '/lib/libm.so.6', 'so.6']);
  assert.equal(Buffer.from(table.bytes).toString(), '/lib/libm.so.6\0/lib/libc.so.6\0');
  assert.equal(table.offsetOf('libc.so.6'), 20);
});

test('the table of glibc 2.31 and before is behind that of libc5', () => {
  const old = Buffer.alloc(16 + 12);
  old.write('ld.so-1.7.0');
  old.writeUInt32LE(1, 12);
  const file = Buffer.concat([old, Buffer.alloc(4), encodeLibraryCache(cache)]);
  assert.deepEqual(parseLibraryCache(file), parseLibraryCache(encodeLibraryCache(cache)));
});

const measured = ['measured-postinst-effects/ld.so.cache'];
test('a real cache of 378 libraries comes out as it went in', { skip: lacking({ fixtures: measured }) }, () => {
  const bytes = readFileSync(fixture(...measured));
  const read = parseLibraryCache(bytes);
  assert.equal(read.entries.length, 378);
  assert.equal(read.generator, 'ldconfig (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36');
  assert.deepEqual(Buffer.from(encodeLibraryCache(read)), bytes);
});

test('any damage gives a cache or LIBRARY_CACHE_INVALID', () => {
  const whole = encodeLibraryCache(cache);
  const damage = fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), { maxLength: 6 });
  fc.assert(
    fc.property(damage, fc.nat({ max: whole.length }), fc.boolean(), (changes, length, cut) => {
      const bytes = whole.slice(0, cut ? length : whole.length);
      for (const [at, value] of changes) if (at < bytes.length && at >= 20) bytes[at] = value;
      try {
        parseLibraryCache(bytes);
      } catch (error) {
        assert.ok(isSlimimageError(error, 'LIBRARY_CACHE_INVALID'), String(error));
      }
    }),
    { numRuns: 5000 },
  );
});
