import { closeSync, openSync, readSync } from 'node:fs';
import { SlimimageError } from '../errors.ts';
import type { PackagesSource } from '../formats/deb822/packages-reader.ts';

/** Read at once: a stanza or two where the reader jumps about, and twice as much as before where it reads on. */
const smallestBlock = 4 * 1024;
const largestBlock = 128 * 1024;

/**
 * A file of the store, read by place. Opened for each read and not kept open, so that nothing has to be closed by
 * whoever holds the universe.
 */
export function fileSource(path: string, size: number): PackagesSource {
  let block = new Uint8Array();
  let blockStart = 0;
  let blockBytes = smallestBlock;
  return {
    size,
    read(offset, length) {
      if (offset < blockStart || offset + length > blockStart + block.length) {
        const readsOn = offset >= blockStart && offset < blockStart + 2 * block.length;
        blockBytes = readsOn ? Math.min(2 * blockBytes, largestBlock) : smallestBlock;
        block = readRange(path, offset, Math.min(Math.max(length, blockBytes), size - offset));
        blockStart = offset;
      }
      const start = offset - blockStart;
      return block.subarray(start, start + length);
    },
  };
}

/** @throws SlimimageError IO where the file is gone or shorter than it was. */
export function readRange(path: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let done = 0;
  try {
    const file = openSync(path, 'r');
    try {
      while (done < length) {
        const count = readSync(file, bytes, { offset: done, length: length - done, position: offset + done });
        if (count === 0) break;
        done += count;
      }
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new SlimimageError({ code: 'IO', message: `${path} cannot be read`, cause });
  }
  if (done === length) return bytes;
  throw new SlimimageError({ code: 'IO', message: `${path} is shorter than it was: ${offset + done} bytes` });
}
