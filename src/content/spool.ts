import { closeSync, openSync, readSync, rmSync, writevSync } from 'node:fs';
import { SlimimageError } from '../errors.ts';

/** A file's content as it lies in the spool. */
export interface SpooledFile {
  readonly size: number;
  /** Calls `sink` with the content's bytes from `offset` on, `length` at most, in order. Slices are valid until the next call. */
  read(offset: number, length: number, sink: (slice: Uint8Array) => void): void;
}

const readBlock = 1024 * 1024;

/**
 * Holds the file contents of one package between reading (the .deb's order) and writing (sorted by path): in memory
 * as the decompressor's own buffers up to `memoryLimit` bytes, beyond that in one file, so that a .deb of a gigabyte
 * does not need a gigabyte.
 */
export class Spool {
  readonly #path: string;
  readonly #memoryLimit: number;
  #inMemory = 0;
  #descriptor: number | undefined;
  #fileSize = 0;
  #current: Uint8Array[] = [];
  #currentSize = 0;
  #currentStart = -1;

  constructor(path: string, memoryLimit: number) {
    this.#path = path;
    this.#memoryLimit = memoryLimit;
  }

  /** Adds bytes to the file being received. Keeps a reference: the caller must not reuse the buffer. */
  append(slice: Uint8Array): void {
    this.#currentSize += slice.length;
    if (this.#currentStart < 0 && this.#inMemory + slice.length <= this.#memoryLimit) {
      this.#inMemory += slice.length;
      this.#current.push(slice);
      return;
    }
    if (this.#currentStart < 0) this.#currentStart = this.#fileSize;
    // What this file already has in memory moves first, so that it lies in one piece.
    for (const earlier of this.#current) this.#inMemory -= earlier.length;
    this.#write([...this.#current, slice]);
    this.#current = [];
  }

  /** Ends the file being received. */
  finishFile(): SpooledFile {
    const size = this.#currentSize;
    const file = this.#currentStart < 0 ? inMemory(this.#current, size) : this.#onDisk(this.#currentStart, size);
    this.#current = [];
    this.#currentSize = 0;
    this.#currentStart = -1;
    return file;
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
    rmSync(this.#path, { force: true });
  }

  #write(slices: readonly Uint8Array[]): void {
    this.#descriptor ??= openSync(this.#path, 'wx+', 0o600);
    const total = slices.reduce((sum, slice) => sum + slice.length, 0);
    let written = 0;
    let rest = slices;
    while (written < total) {
      const count = writevSync(this.#descriptor, rest as Uint8Array[], this.#fileSize + written);
      written += count;
      rest = dropBytes(rest, count);
    }
    this.#fileSize += total;
  }

  #onDisk(start: number, size: number): SpooledFile {
    return {
      size,
      read: (offset, length, sink) => {
        const descriptor = this.#descriptor;
        if (descriptor === undefined)
          throw new SlimimageError({ code: 'STORE', message: 'a spool was read after its end' });
        const end = Math.min(offset + length, size);
        const buffer = new Uint8Array(Math.min(readBlock, Math.max(end - offset, 0)));
        for (let at = offset; at < end; ) {
          const count = readSync(descriptor, buffer, 0, Math.min(buffer.length, end - at), start + at);
          if (count === 0) throw new SlimimageError({ code: 'STORE', message: `the spool ${this.#path} ended early` });
          sink(buffer.subarray(0, count));
          at += count;
        }
      },
    };
  }
}

function inMemory(slices: readonly Uint8Array[], size: number): SpooledFile {
  return {
    size,
    read: (offset, length, sink) => {
      let start = 0;
      const end = Math.min(offset + length, size);
      for (const slice of slices) {
        const from = Math.max(offset - start, 0);
        const to = Math.min(end - start, slice.length);
        if (from < to) sink(slice.subarray(from, to));
        start += slice.length;
        if (start >= end) return;
      }
    },
  };
}

function dropBytes(slices: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let rest = count;
  let index = 0;
  while (index < slices.length) {
    const slice = slices[index] as Uint8Array;
    if (rest < slice.length) break;
    rest -= slice.length;
    index += 1;
  }
  const first = slices[index];
  return first === undefined ? [] : [first.subarray(rest), ...slices.slice(index + 1)];
}
