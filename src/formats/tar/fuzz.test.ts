import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../../errors.ts';
import { concatBytes } from '../../util/bytes.ts';
import { checksums, field, tarBlockSize } from './layout.ts';
import { writeOctal } from './numbers.ts';
import { TarReader } from './reader.ts';
import type { TarHeader } from './types.ts';
import { encodeTarEntry, endOfTar, type TarEntryInput, tarPadding } from './writer.ts';

const name = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
  fc
    .array(fc.constantFrom('a', 'bb', 'é', '\udcff', 'dir'.repeat(20)), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join('/')),
);
const safeName = name.filter(
  (text) => !text.includes('\0') && !text.endsWith('/') && !/[\ud800-\udc7f\udd00-\udfff]/u.test(text),
);

const entries: fc.Arbitrary<TarEntryInput> = fc
  .record({
    path: safeName,
    type: fc.constantFrom('file', 'directory', 'symlink', 'hardlink', 'character', 'fifo') as fc.Arbitrary<
      TarHeader['type']
    >,
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.oneof(fc.nat(70000), fc.maxSafeNat()),
    gid: fc.oneof(fc.nat(70000), fc.nat()),
    size: fc.nat(1500),
    mtime: fc.oneof(fc.nat(), fc.maxSafeInteger()),
    linkTarget: safeName,
    userName: fc.constantFrom('', 'root', 'ünix'),
    groupName: fc.constantFrom('', 'adm'),
    deviceMajor: fc.nat(0o7777777),
    deviceMinor: fc.nat(255),
    xattrs: fc.option(
      fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.uint8Array({ maxLength: 20 }), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
      {
        nil: undefined,
        freq: 4,
      },
    ),
  })
  .map(({ linkTarget, xattrs, deviceMajor, deviceMinor, ...entry }) => ({
    ...entry,
    size: entry.type === 'file' ? entry.size : 0,
    linkTarget: entry.type === 'symlink' || entry.type === 'hardlink' ? linkTarget : undefined,
    deviceMajor: entry.type === 'character' ? deviceMajor : 0,
    deviceMinor: entry.type === 'character' ? deviceMinor : 0,
    xattrs: xattrs === undefined || Object.keys(xattrs).length === 0 ? undefined : new Map(Object.entries(xattrs)),
  }));

test('any entries are read back as they were written', () => {
  fc.assert(
    fc.property(fc.array(entries, { maxLength: 3 }), fc.integer({ min: 1, max: 3000 }), (written, chunkSize) => {
      const bytes = pack(written);
      const read: TarHeader[] = [];
      let content = 0;
      feed(bytes, chunkSize, { entry: (header) => read.push(header), data: (slice) => (content += slice.length) });
      assert.deepEqual(read, written);
      assert.equal(
        content,
        written.reduce((sum, { size }) => sum + size, 0),
      );
    }),
    { numRuns: 10_000 },
  );
});

test('any damage: entries or a typed error', () => {
  const damage = fc.record({
    at: fc.nat(4000),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 12 }),
      fc.constantFrom(...['77777777777', 'x', 'g', 'L', 'K', 'S', '\0'].map((text) => Buffer.from(text))),
    ),
    mend: fc.boolean(),
    inField: fc.constantFrom(undefined, ...(Object.keys(field) as (keyof typeof field)[])),
  });
  fc.assert(
    fc.property(
      fc.array(entries, { minLength: 1, maxLength: 3 }),
      fc.array(damage, { minLength: 1, maxLength: 4 }),
      fc.option(fc.nat(4000)),
      (written, damages, cut) => {
        const bytes = pack(written);
        for (const { at, bytes: patch, mend, inField } of damages) {
          const block = Math.floor((at % bytes.length) / tarBlockSize) * tarBlockSize;
          const place = inField === undefined ? at % bytes.length : block + field[inField][0];
          bytes.set(patch.subarray(0, bytes.length - place), place);
          if (mend) mendChecksum(bytes.subarray(block, block + tarBlockSize));
        }
        const hostile = bytes.subarray(0, cut ?? bytes.length);
        let content = 0;
        try {
          feed(hostile, 700, {
            entry: ({ size, path }) => assert(Number.isSafeInteger(size) && size >= 0 && path !== ''),
            data: (slice) => (content += slice.length),
          });
        } catch (error) {
          assert(isSlimimageError(error, 'TAR_INVALID') || isSlimimageError(error, 'LIMIT_EXCEEDED'), String(error));
        }
        assert(content <= hostile.length);
      },
    ),
    { numRuns: 10_000 },
  );
});

function pack(written: readonly TarEntryInput[]): Uint8Array {
  return concatBytes([
    ...written.flatMap((entry) => [
      encodeTarEntry(entry),
      new Uint8Array(entry.size).fill(0x61),
      tarPadding(entry.size),
    ]),
    endOfTar(),
  ]);
}

function feed(
  bytes: Uint8Array,
  chunkSize: number,
  handler: { entry(header: TarHeader): void; data(slice: Uint8Array): void },
): void {
  const reader = new TarReader({ ...handler, entryEnd: () => {} }, { metadataBytes: 4096, entries: 100 });
  for (let at = 0; at < bytes.length; at += chunkSize) reader.push(bytes.subarray(at, at + chunkSize));
  reader.end();
}

function mendChecksum(block: Uint8Array): void {
  if (block.length === tarBlockSize) writeOctal(block, [field.checksum[0], 7], checksums(block).unsigned);
}
