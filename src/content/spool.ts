import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { SlimimageError } from '../errors.ts';

/** A file's content as it lies in the spool. */
export interface SpooledFile {
  readonly size: number;
  /** Calls `sink` with the content's bytes from `offset` on, `length` at most, in order. A slice is valid until the next one. */
  read(offset: number, length: number, sink: (slice: Uint8Array) => void): void;
}

const slabSize = 1024 * 1024;

/** Slabs that earlier spools of this thread gave back: a megabyte that is used again is none that waits for the collector. */
const freeSlabs: Uint8Array[] = [];

/**
 * Holds the file contents of one package between reading (the .deb's order) and writing (sorted by path), one behind
 * the other: the first `memoryLimit` bytes in memory, the rest in a file, so that a .deb of a gigabyte does not need a
 * gigabyte.
 */
export class Spool {
  readonly #path: string;
  readonly #memoryLimit: number;
  readonly #slabs: Uint8Array[] = [];
  #descriptor: number | undefined;
  #end = 0;
  #fileStart = 0;

  /** @param memoryLimit bytes, a multiple of a megabyte */
  constructor(path: string, memoryLimit: number) {
    this.#path = path;
    this.#memoryLimit = memoryLimit;
  }

  /** Adds bytes to the file being received; they are copied. */
  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += this.#store(bytes.subarray(at));
  }

  /** Ends the file being received. */
  finishFile(): SpooledFile {
    const start = this.#fileStart;
    const size = this.#end - start;
    this.#fileStart = this.#end;
    return {
      size,
      read: (offset, length, sink) => {
        const end = start + Math.min(offset + length, size);
        for (let at = start + offset; at < end; ) {
          const slice = this.#load(at, end - at);
          sink(slice);
          at += slice.length;
        }
      },
    };
  }

  /** Gives memory and file back: what was spooled can't be read any more. */
  close(): void {
    freeSlabs.push(...this.#slabs.splice(0));
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
    rmSync(this.#path, { force: true });
  }

  /** Takes bytes from the start of `bytes` and says how many. */
  #store(bytes: Uint8Array): number {
    if (this.#end < this.#memoryLimit) {
      const within = this.#end % slabSize;
      if (within === 0) this.#slabs.push(freeSlabs.pop() ?? new Uint8Array(slabSize));
      const taken = bytes.subarray(0, slabSize - within);
      (this.#slabs.at(-1) as Uint8Array).set(taken, within);
      this.#end += taken.length;
      return taken.length;
    }
    this.#descriptor ??= openSync(this.#path, 'wx+', 0o600);
    const written = writeSync(this.#descriptor, bytes, 0, bytes.length, this.#end - this.#memoryLimit);
    this.#end += written;
    return written;
  }

  /** Up to `length` bytes from position `at`. */
  #load(at: number, length: number): Uint8Array {
    if (at < this.#memoryLimit) {
      const slab = this.#slabs[Math.floor(at / slabSize)];
      if (slab === undefined) throw this.#ended();
      return slab.subarray(at % slabSize, (at % slabSize) + length);
    }
    const buffer = new Uint8Array(Math.min(slabSize, length));
    const count =
      this.#descriptor === undefined ? 0 : readSync(this.#descriptor, buffer, 0, buffer.length, at - this.#memoryLimit);
    if (count === 0) throw this.#ended();
    return buffer.subarray(0, count);
  }

  #ended(): SlimimageError {
    return new SlimimageError({ code: 'STORE', message: `the spool ${this.#path} ended early` });
  }
}
