import { closeSync, openSync, readSync } from 'node:fs';
import { SlimimageError } from '../errors.ts';
import type { FileRange } from './types.ts';

/** Reads of about this size keep SHA-256 and the copy at full speed. */
export const readBlockSize = 256 * 1024;

/**
 * Calls `sink` with `length` bytes of a file from `offset` on (to its end without `length`). The slice is reused.
 * Synchronous: for worker threads.
 * @throws SlimimageError STORE where the file is shorter than `length` says.
 */
export function readRange(
  file: string | number,
  range: { offset: number; length?: number | undefined },
  sink: (slice: Uint8Array) => void,
): number {
  const descriptor = typeof file === 'number' ? file : openSync(file, 'r');
  try {
    const buffer = new Uint8Array(readBlockSize);
    let at = 0;
    while (range.length === undefined || at < range.length) {
      const wanted = range.length === undefined ? buffer.length : Math.min(buffer.length, range.length - at);
      const count = readSync(descriptor, buffer, 0, wanted, range.offset + at);
      if (count === 0) break;
      sink(buffer.subarray(0, count));
      at += count;
    }
    if (range.length !== undefined && at < range.length) {
      throw new SlimimageError({
        code: 'STORE',
        message: `${typeof file === 'number' ? 'a store file' : file} ended ${range.length - at} bytes early`,
        hint: 'Run `slimimage cache verify`.',
      });
    }
    return at;
  } finally {
    if (typeof file !== 'number') closeSync(descriptor);
  }
}

/** A range of a file in fresh buffers of a megabyte. */
export function* readBlocks(file: string, [offset, length]: FileRange): Generator<Uint8Array, void, undefined> {
  const descriptor = openSync(file, 'r');
  try {
    for (let at = 0; at < length; ) {
      const block = new Uint8Array(Math.min(1024 * 1024, length - at));
      let filled = 0;
      readRange(descriptor, { offset: offset + at, length: block.length }, (slice) => {
        block.set(slice, filled);
        filled += slice.length;
      });
      yield block;
      at += block.length;
    }
  } finally {
    closeSync(descriptor);
  }
}
