import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { lzma, xz } from '@napi-rs/lzma';
import fc from 'fast-check';
import { decompress } from '../../src/codecs/decompress.ts';
import { checkedXz } from '../../src/codecs/xz-walk.ts';
import { isSlimimageError } from '../../src/errors.ts';
import { type CompressionFormat, detectCompression } from '../../src/formats/compression/detect.ts';

const text = new TextEncoder().encode('a short text, a short text, with some repeats of a short text 0123456789');
const maxOutput = 4000;

const streams: readonly (readonly [CompressionFormat, Uint8Array])[] = [
  ['gzip', gzipSync(text)],
  ['zstd', zstdCompressSync(text, { params: { 201: 1 } })],
  ['xz', xz.compressSync(text)],
  ['lzma', lzma.compressSync(text)],
  // What bzip2 -1 1.0.8 makes of the text.
  [
    'bzip2',
    Buffer.from(
      '425a683131415926535914d0abb300000d198040047fe02362dcc02000488d29ea34da9a6648d3d262bd4d00000348648771790e0cb99af54eeb6675b9b7bf43083c0ca4d30153712d888de128207e270f8bb9229c28480a6855d980',
      'hex',
    ),
  ],
];

/** lzma has no checksum: what comes out of damage may be anything. */
const unchecked: ReadonlySet<CompressionFormat> = new Set(['lzma', 'none']);

/** More of what is decoded or parsed by the project's own code, less of what starts a native thread for each case. */
const someStream = fc.oneof(
  ...streams.map((stream) => ({
    arbitrary: fc.constant(stream),
    weight: { zstd: 4, bzip2: 3 }[stream[0] as string] ?? 1,
  })),
);

async function unpack(bytes: Uint8Array, format: CompressionFormat, chunkSize: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) chunks.push(bytes.subarray(at, at + chunkSize));
  const parts: Uint8Array[] = [];
  for await (const part of decompress(chunks, { format, what: 'x', maxOutput })) parts.push(part);
  return Buffer.concat(parts);
}

async function unpackOrRefuse(
  bytes: Uint8Array,
  format: CompressionFormat,
  chunkSize: number,
): Promise<Uint8Array | undefined> {
  try {
    const unpacked = await unpack(bytes, format, chunkSize);
    assert(unpacked.length <= maxOutput);
    return unpacked;
  } catch (error) {
    assert(isSlimimageError(error, 'COMPRESSION_INVALID') || isSlimimageError(error, 'LIMIT_EXCEEDED'), String(error));
    return undefined;
  }
}

test('damaged and cut streams: the right bytes or a typed error', async () => {
  for (const [format, stream] of streams) assert.deepEqual(new Uint8Array(await unpack(stream, format, 10)), text);
  await fc.assert(
    fc.asyncProperty(
      someStream,
      fc.array(fc.tuple(fc.nat(120), fc.uint8Array({ minLength: 1, maxLength: 3 })), { maxLength: 3 }),
      fc.option(fc.nat(120)),
      fc.integer({ min: 5, max: 200 }),
      async ([format, stream], patches, cut, chunkSize) => {
        const damaged = Uint8Array.from(stream.subarray(0, cut ?? stream.length));
        for (const [at, patch] of patches) {
          const place = at % Math.max(damaged.length, 1);
          damaged.set(patch.subarray(0, damaged.length - place), place);
        }
        const unpacked = await unpackOrRefuse(damaged, format, chunkSize);
        if (unpacked !== undefined && !unchecked.has(format)) assert.deepEqual(new Uint8Array(unpacked), text);
      },
    ),
    { numRuns: 4000 },
  );
});

test('any bytes behind any head', async () => {
  await fc.assert(
    fc.asyncProperty(someStream, fc.nat(30), fc.uint8Array({ maxLength: 60 }), async ([format, stream], head, rest) => {
      const bytes = Buffer.concat([stream.subarray(0, head), rest]);
      detectCompression(bytes);
      await unpackOrRefuse(bytes, format, 1000);
    }),
    { numRuns: 1000 },
  );
});

test('the walk over damaged xz files passes their bytes on or throws a typed error', async () => {
  const stream = streams.find(([format]) => format === 'xz')?.[1] ?? text;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(150), fc.uint8Array({ minLength: 1, maxLength: 3 })), { maxLength: 3 }),
      fc.boolean(),
      async (patches, twice) => {
        const damaged = new Uint8Array(Buffer.concat(twice ? [stream, stream] : [stream]));
        for (const [at, patch] of patches)
          damaged.set(patch.subarray(0, Math.max(damaged.length - at, 0)), Math.min(at, damaged.length));
        let passed = 0;
        try {
          for await (const chunk of checkedXz(chunksOf(damaged, 33))) passed += chunk.length;
          assert.equal(passed, damaged.length);
        } catch (error) {
          assert(isSlimimageError(error, 'COMPRESSION_INVALID'), String(error));
        }
      },
    ),
    { numRuns: 4000 },
  );
});

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
