import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { crc32, gunzipSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import type { Compression } from '../oci/compression.ts';
import { concatBytes } from '../util/bytes.ts';
import { type CompressedBlock, combineCrc32, createFragmentCompressor, gzipHeader, gzipTrailer } from './fragment.ts';

const MiB = 1024 * 1024;

/** Bytes that compress as programs do, the same on every run. */
function sample(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = (state >>> 24) & (i % 4096 < 2048 ? 0x0f : 0xff);
  }
  return bytes;
}

async function compress(bytes: Uint8Array, compression: Compression, pushSize = bytes.length): Promise<Uint8Array> {
  const compressor = createFragmentCompressor(compression);
  const blocks: CompressedBlock[] = [];
  for (let at = 0; at < bytes.length; at += pushSize)
    blocks.push(...compressor.push(bytes.subarray(at, at + pushSize)));
  blocks.push(...compressor.finish());
  return concatBytes(await Promise.all(blocks));
}

async function gzipMember(fragments: readonly Uint8Array[], compression: Compression): Promise<Uint8Array> {
  const total = fragments.reduce(
    (sum, bytes) => ({ crc: combineCrc32(sum.crc, crc32(bytes), bytes.length), size: sum.size + bytes.length }),
    { crc: 0, size: 0 },
  );
  return concatBytes([
    gzipHeader(),
    ...(await Promise.all(fragments.map((bytes) => compress(bytes, compression)))),
    gzipTrailer(total.crc, total.size),
  ]);
}

const fragments = [sample(100), new Uint8Array(0), sample(2.5 * MiB, 2), sample(MiB, 3), sample(5 * MiB + 1, 4)];
const whole = concatBytes(fragments);

for (const level of [1, 6, 9]) {
  test(`gzip-${level}: fragments are one member`, async () => {
    const member = await gzipMember(fragments, { algorithm: 'gzip', level });
    assert.deepEqual(new Uint8Array(gunzipSync(member)), whole);
    const tool = spawnSync('gzip', ['-dc'], { input: member, maxBuffer: 1e9 });
    if (tool.error === undefined) {
      assert.equal(tool.status, 0, String(tool.stderr));
      assert(tool.stdout.equals(whole));
    }
  });
}

for (const level of [1, 3]) {
  test(`zstd-${level}: fragments are frames behind each other`, async () => {
    const frames = concatBytes(
      await Promise.all(fragments.map((bytes) => compress(bytes, { algorithm: 'zstd', level }))),
    );
    const tool = spawnSync('zstd', ['-dcq'], { input: frames, maxBuffer: 1e9 });
    if (tool.error === undefined) {
      assert.equal(tool.status, 0, String(tool.stderr));
      assert(tool.stdout.equals(whole));
    }
    const first = await compress(fragments[0] as Uint8Array, { algorithm: 'zstd', level });
    assert.deepEqual(new Uint8Array(zstdDecompressSync(first)), fragments[0]);
  });
}

test('none: the bytes', async () => {
  assert.deepEqual(
    await compress(whole.subarray(0, 1000), { algorithm: 'none', level: 0 }, 7),
    whole.subarray(0, 1000),
  );
});

describe('the bytes do not change', () => {
  const bytes = sample(4.5 * MiB, 9);
  const cases: readonly (readonly [Compression, string])[] = [
    [{ algorithm: 'gzip', level: 1 }, '1c9f906506d6a314ff1235c348dfeec9c2dc1e36283342e7c8e6295dc76b1e50'],
    [{ algorithm: 'gzip', level: 6 }, '3d6fe161186d1ad3633bea1d29c52b9cde6b4319a279bd800f52eb01d8c06226'],
    [{ algorithm: 'zstd', level: 3 }, '4331d3747805865b25003e9a9da622c0aad2288da6103fb4f5664b0a28a9190e'],
  ];
  for (const [compression, expected] of cases) {
    test(`${compression.algorithm}-${compression.level}, however the pushes are cut`, async () => {
      for (const pushSize of [bytes.length, 64 * 1024 - 1, MiB]) {
        const digest = createHash('sha256')
          .update(await compress(bytes, compression, pushSize))
          .digest('hex');
        assert.equal(digest, expected);
      }
    });
  }
});

test('a pushed buffer may be used again', async () => {
  const buffer = new Uint8Array(1000);
  const compressor = createFragmentCompressor({ algorithm: 'gzip', level: 6 });
  const blocks: CompressedBlock[] = [];
  for (let i = 0; i < 3000; i++) blocks.push(...compressor.push(buffer.fill(i % 251)));
  blocks.push(...compressor.finish());
  const parts = [gzipHeader(), ...(await Promise.all(blocks))];
  const expected = concatBytes(Array.from({ length: 3000 }, (_, i) => new Uint8Array(1000).fill(i % 251)));
  parts.push(gzipTrailer(crc32(expected), expected.length));
  assert.deepEqual(new Uint8Array(gunzipSync(concatBytes(parts))), expected);
});

test('levels that do not exist', async () => {
  for (const compression of [
    { algorithm: 'gzip', level: 0 },
    { algorithm: 'gzip', level: 10 },
    { algorithm: 'zstd', level: 20 },
    { algorithm: 'zstd', level: 2.5 },
    { algorithm: 'none', level: 1 },
  ] as const) {
    assert.throws(
      () => createFragmentCompressor(compression),
      (error) => isSlimimageError(error, 'CONFIG_INVALID'),
    );
  }
});

test('sizes of 4 GiB and more wrap in the trailer', async () => {
  assert.deepEqual(gzipTrailer(0x01020304, 0x1_0000_0005), Uint8Array.of(3, 0, 4, 3, 2, 1, 5, 0, 0, 0));
});

test('CRC-32 of two parts is that of the whole', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b) => {
      assert.equal(combineCrc32(crc32(a), crc32(b), b.length), crc32(concatBytes([a, b])));
    }),
    { numRuns: 2000 },
  );
  // 8 GiB of zeros, by doubling.
  let [crc, size] = [crc32(new Uint8Array(MiB)), MiB];
  while (size < 8192 * MiB) [crc, size] = [combineCrc32(crc, crc, size), size * 2];
  assert.equal(combineCrc32(0, crc, size), crc);
  assert.equal(
    combineCrc32(crc32(new Uint8Array(2 * MiB)), crc, size),
    combineCrc32(crc, crc32(new Uint8Array(2 * MiB)), 2 * MiB),
  );
});
