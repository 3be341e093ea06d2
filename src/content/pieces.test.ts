import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { crc32, gunzipSync } from 'node:zlib';
import { decompressAll } from '../codecs/decompress.ts';
import { isSlimimageError } from '../errors.ts';
import type { Compression } from '../oci/compression.ts';
import { digestOf } from '../util/digest.ts';
import { compressRanges } from './fragment-writer.ts';
import type { Piece } from './jobs.ts';
import { digestPieces, joinPieces } from './pieces.ts';
import type { FileRange } from './types.ts';

const folder = mkdtempSync(join(tmpdir(), 'slimimage-pieces-'));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
function newFile(): string {
  count += 1;
  return join(folder, `file-${count}`);
}

/** A fragment whose parts lie in its file in another order than in the tar. */
async function fragmentOf(parts: readonly string[], compression: Compression): Promise<Piece> {
  const file = newFile();
  writeFileSync(file, ['unused', ...parts.toReversed()].join(''));
  const ranges = parts.map((part, at): FileRange => {
    const behind = parts.slice(at + 1).join('').length;
    return ['unused'.length + behind, part.length];
  });
  const target = newFile();
  const compressed =
    compression.algorithm === 'none'
      ? undefined
      : { file: target, ranges: await compressRanges({ file, ranges }, target, compression) };
  const whole = Buffer.from(parts.join(''));
  return { type: 'fragment', file, ranges, size: whole.length, crc32: crc32(whole), compressed };
}

const bytes = (text: string): Piece => ({ type: 'bytes', bytes: Buffer.from(text) });

/** Node's own function stops after the first frame. */
async function unzstd(blob: Uint8Array): Promise<Buffer> {
  return Buffer.from(await decompressAll(blob, { format: 'zstd', maxOutput: 10_000_000, what: 'the layer' }));
}

type Unpack = (blob: Buffer) => Buffer | Promise<Buffer>;

const forms: readonly (readonly [compression: Compression, unpack: Unpack])[] = [
  [{ algorithm: 'gzip', level: 6 }, gunzipSync],
  [{ algorithm: 'zstd', level: 3 }, unzstd],
  [{ algorithm: 'none', level: 0 }, (blob) => blob],
];

for (const [compression, unpack] of forms) {
  describe(`pieces joined with ${compression.algorithm}`, () => {
    test('are one stream of their bytes in order, with both digests', async () => {
      const parts = [['a'.repeat(100_000), 'b', 'c'.repeat(70_000)], ['d'], []];
      const texts = ['first', parts[0]?.join(''), '', parts[1]?.join(''), '', 'last'].join('');
      const pieces = [
        bytes('first'),
        await fragmentOf(parts[0] ?? [], compression),
        bytes(''),
        await fragmentOf(parts[1] ?? [], compression),
        await fragmentOf([], compression),
        bytes('last'),
      ];
      const file = newFile();
      const reported: number[] = [];
      const joined = await joinPieces({ pieces, file, compression }, (done) => reported.push(done));
      const blob = readFileSync(file);
      assert.deepEqual(joined, { digest: digestOf(blob), size: blob.length });
      assert.ok((await unpack(blob)).equals(Buffer.from(texts)));
      assert.equal(reported.at(-1), blob.length);
      assert.deepEqual(
        reported,
        reported.toSorted((a, b) => a - b),
      );
      assert.deepEqual(
        digestPieces({ pieces }, () => undefined),
        { digest: digestOf(Buffer.from(texts)), size: texts.length },
      );
    });
  });
}

test('a fragment that was not compressed can’t be part of a compressed layer', async () => {
  const piece = await fragmentOf(['x'], { algorithm: 'none', level: 0 });
  await assert.rejects(
    joinPieces({ pieces: [piece], file: newFile(), compression: { algorithm: 'gzip', level: 6 } }, () => undefined),
    (error) => isSlimimageError(error, 'STORE'),
  );
});

test('a fragment file that is too short is noticed', async () => {
  const piece = await fragmentOf(['x'.repeat(1000)], { algorithm: 'none', level: 0 });
  assert.equal(piece.type, 'fragment');
  if (piece.type === 'fragment') writeFileSync(piece.file, 'short');
  assert.throws(
    () => digestPieces({ pieces: [piece] }, () => undefined),
    (error) => isSlimimageError(error, 'STORE') && error.message.includes('early'),
  );
});
