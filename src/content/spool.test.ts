import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { Spool, type SpooledFile } from './spool.ts';

const folder = mkdtempSync(join(tmpdir(), 'slimimage-spool-'));
after(() => rmSync(folder, { recursive: true }));

const megabyte = 1024 * 1024;
let count = 0;

function openSpool(memoryLimit: number) {
  count += 1;
  const path = join(folder, `spool-${count}`);
  return { path, spool: new Spool(path, memoryLimit) };
}

/** Bytes that differ from file to file and from place to place. */
function bytesOf(seed: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8) * 7 + seed * 101) & 0xff);
}

function read(file: SpooledFile, offset = 0, length = file.size): Buffer {
  const slices: Buffer[] = [];
  // A slice is valid until the next one: it has to be copied.
  file.read(offset, length, (slice) => slices.push(Buffer.from(slice)));
  return Buffer.concat(slices);
}

test('files come back as they went in, in any order, whatever the chunks', () => {
  const { spool, path } = openSpool(megabyte);
  const sizes = [0, 1, 511, 70_000, 0, 300_000];
  const files = sizes.map((size, seed) => {
    const bytes = bytesOf(seed, size);
    for (let at = 0; at < size; at += 10_007) spool.append(bytes.subarray(at, at + 10_007));
    return spool.finishFile();
  });
  for (const seed of [5, 0, 3, 2, 4, 1]) {
    assert.ok(read(files[seed] as SpooledFile).equals(bytesOf(seed, sizes[seed] ?? 0)), `file ${seed}`);
  }
  assert.equal(existsSync(path), false, 'what fits into memory makes no file');
  spool.close();
});

test('appended bytes are copied: the buffer may be used again', () => {
  const { spool } = openSpool(megabyte);
  const buffer = Buffer.from('one');
  spool.append(buffer);
  buffer.write('two');
  spool.append(buffer);
  assert.equal(read(spool.finishFile()).toString(), 'onetwo');
  spool.close();
});

test('what memory does not hold goes to a file, and one content may lie in both', () => {
  const { spool, path } = openSpool(megabyte);
  const sizes = [megabyte - 10, 100, 2 * megabyte + 5];
  const files = sizes.map((size, seed) => {
    spool.append(bytesOf(seed, size));
    return spool.finishFile();
  });
  assert.equal(existsSync(path), true);
  for (const [seed, file] of files.entries()) {
    const bytes = bytesOf(seed, sizes[seed] ?? 0);
    assert.equal(file.size, bytes.length);
    assert.ok(read(file).equals(bytes), `file ${seed}`);
    // Across the border between memory and file, and across slabs.
    for (const [offset, length] of [
      [5, 10],
      [bytes.length - 20, 1000],
      [megabyte - 3, 7],
      [bytes.length, 1],
    ] as const) {
      assert.ok(read(file, offset, length).equals(bytes.subarray(offset, offset + length)), `${seed}: ${offset}`);
    }
  }
  spool.close();
  assert.equal(existsSync(path), false, 'the file is removed');
});

test('after its end nothing can be read from a spool, and another may use its memory', () => {
  const { spool } = openSpool(megabyte);
  spool.append(bytesOf(1, 1000));
  const file = spool.finishFile();
  spool.close();
  assert.throws(
    () => read(file),
    (error) => isSlimimageError(error, 'STORE'),
  );
  const next = openSpool(megabyte);
  next.spool.append(bytesOf(2, 10));
  assert.ok(read(next.spool.finishFile()).equals(bytesOf(2, 10)));
  next.spool.close();
});
