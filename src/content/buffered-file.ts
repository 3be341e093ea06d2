import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { SlimimageError } from '../errors.ts';

const bufferSize = 1024 * 1024;

/** Buffers that closed files of this thread gave back. */
const freeBuffers: Uint8Array[] = [];

/** A new file that collects small writes into blocks of a megabyte; large ones go straight through. Synchronous. */
export class BufferedFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #buffer = freeBuffers.pop() ?? new Uint8Array(bufferSize);
  #used = 0;
  #open = true;
  /** Bytes written so far, buffered ones included. */
  size = 0;

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'wx+', 0o644);
  }

  write(bytes: Uint8Array): void {
    this.size += bytes.length;
    if (this.#used + bytes.length > bufferSize) this.flush();
    if (bytes.length >= bufferSize) {
      this.#writeAll(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** Bytes before the last `flush`, by position. */
  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const count = readSync(this.#descriptor, bytes, at, length - at, offset + at);
      if (count === 0) throw new SlimimageError({ code: 'STORE', message: `${this.#path} ended early` });
      at += count;
    }
    return bytes;
  }

  flush(): void {
    this.#writeAll(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.flush();
    } finally {
      closeSync(this.#descriptor);
      freeBuffers.push(this.#buffer);
    }
  }

  #writeAll(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
  }
}
