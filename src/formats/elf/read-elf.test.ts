import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../../errors.ts';
import { makeElf } from './elf-maker.ts';
import { elfSource, readElf } from './read-elf.ts';

const full = {
  soname: 'libdemo.so.1',
  needed: ['libc.so.6', 'libz.so.1'],
  runpath: '$ORIGIN/../lib',
  versionsNeeded: { 'libc.so.6': ['GLIBC_2.2.5', 'GLIBC_2.34'], 'libz.so.1': ['ZLIB_1.2'] },
  versionsDefined: ['DEMO_1', 'DEMO_2'],
  symbols: ['__stack_chk_fail'],
  bindNow: true,
  relro: true,
  stack: 'data',
} as const;

for (const bits of [32, 64] as const) {
  for (const little of [true, false]) {
    test(`reads ${bits} bits, ${little ? 'little' : 'big'} endian`, () => {
      const facts = readElf(elfSource(makeElf({ ...full, bits, little, machine: little ? 62 : 22 })));
      assert.deepEqual(facts, {
        machine: little ? 'x86_64' : bits === 64 ? 's390x' : 's390',
        bits,
        type: 'shared',
        soname: 'libdemo.so.1',
        needed: ['libc.so.6', 'libz.so.1'],
        runpath: '$ORIGIN/../lib',
        versionsNeeded: { 'libc.so.6': ['GLIBC_2.2.5', 'GLIBC_2.34'], 'libz.so.1': ['ZLIB_1.2'] },
        versionsDefined: ['DEMO_1', 'DEMO_2'],
        hardening: { pie: false, relro: 'full', nx: true, canary: true },
      });
    });
  }
}

test('a bare executable has no hardening', () => {
  const facts = readElf(elfSource(makeElf({ type: 2, interpreter: '/lib/ld.so', stack: 'executable' })));
  assert.equal(facts?.type, 'executable');
  assert.equal(facts?.interpreter, '/lib/ld.so');
  assert.deepEqual(facts?.hardening, { pie: false, relro: 'none', nx: false, canary: false });
});

test('only DF_1_NODEFLIB keeps the loader from the default folders; NODELETE, which libcrypto has, does not', () => {
  const of = (flags1: number) => readElf(elfSource(makeElf({ flags1 })))?.noDefaultFolders;
  assert.deepEqual([of(0x9), of(0x800)], [undefined, true]);
});

test('a library called __proto__ stays data', () => {
  const facts = readElf(elfSource(makeElf({ versionsNeeded: { ['__proto__']: ['V1'] } })));
  assert.deepEqual(Object.entries(facts?.versionsNeeded ?? {}), [['__proto__', ['V1']]]);
});

test('what is no ELF file is undefined, what is a damaged one is refused', () => {
  assert.equal(readElf(elfSource(new Uint8Array(0))), undefined);
  assert.equal(readElf(elfSource(new TextEncoder().encode('#!/bin/sh\n'))), undefined);
  const good = makeElf(full);
  for (const length of [4, 5, 20, 63, 0x500, 0x900, 0x1010, 0x2000]) {
    assert.throws(
      () => readElf(elfSource(good.subarray(0, length))),
      (error) => isSlimimageError(error, 'ELF_INVALID'),
      `cut to ${length} bytes`,
    );
  }
  const endless = makeElf(full);
  new DataView(endless.buffer).setUint32(0x2000 + 12, 0, true);
  assert.throws(() => readElf(elfSource(endless)), /ends too early/);
});

test('random bytes behind the magic number give facts or ELF_INVALID', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2),
      fc.constantFrom(1, 2),
      fc.uint8Array({ maxLength: 400 }),
      (wordClass, order, tail) => {
        onlyTyped(Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, wordClass, order, 1, ...tail]));
      },
    ),
    { numRuns: 10_000 },
  );
});

test('damaged ELF files give facts or ELF_INVALID', () => {
  const good = makeElf({ ...full, interpreter: '/lib64/ld-linux-x86-64.so.2' });
  // Only the places that mean something: headers, program headers, dynamic section, version tables.
  const place = fc.oneof(
    fc.integer({ min: 4, max: 400 }),
    fc.integer({ min: 0x800, max: 0x8c0 }),
    fc.integer({ min: 0x2000, max: 0x2060 }),
    fc.integer({ min: 0x3000, max: 0x3040 }),
  );
  const change = fc.tuple(place, fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), fc.option(fc.nat(good.length)), (changes, cut) => {
      const bytes = good.slice(0, cut ?? good.length);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      onlyTyped(bytes);
    }),
    { numRuns: 10_000 },
  );
});

function onlyTyped(bytes: Uint8Array): void {
  try {
    readElf(elfSource(bytes));
  } catch (error) {
    assert.ok(isSlimimageError(error, 'ELF_INVALID'), String(error));
  }
}
