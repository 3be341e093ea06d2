import { concatBytes } from '../util/bytes.ts';
import { cutOff, damagedStream } from './damaged-stream.ts';

/** Reads a source of chunks by byte counts, holding no more than what was asked for and the rest of a chunk. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Whether nothing is left. */
  async atEnd(): Promise<boolean> {
    while (this.#chunk.length === 0 && !this.#ended) await this.#next();
    return this.#chunk.length === 0;
  }

  /** The next `size` bytes without taking them, fewer where the source ends before. */
  async peek(size: number): Promise<Uint8Array> {
    if (this.#chunk.length < size && !this.#ended) {
      const parts = [this.#chunk];
      let held = this.#chunk.length;
      while (held < size && !this.#ended) {
        await this.#next();
        parts.push(this.#chunk);
        held += this.#chunk.length;
      }
      this.#chunk = concatBytes(parts);
    }
    return this.#chunk.subarray(0, size);
  }

  /** Exactly `size` bytes. @throws SlimimageError COMPRESSION_INVALID where the source ends before. */
  async take(size: number): Promise<Uint8Array> {
    const bytes = await this.peek(size);
    if (bytes.length < size) throw damagedStream(cutOff);
    this.skipPeeked(size);
    return bytes;
  }

  /** Takes bytes that a `peek` has shown. */
  skipPeeked(size: number): void {
    this.#chunk = this.#chunk.subarray(size);
  }

  /** Exactly `size` bytes in pieces as they come. @throws SlimimageError COMPRESSION_INVALID as `take`. */
  async *pass(size: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = size; left > 0; ) {
      if (await this.atEnd()) throw damagedStream(cutOff);
      const piece = this.#chunk.subarray(0, left);
      this.#chunk = this.#chunk.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  /** Lets the source go before its end. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.();
  }

  async #next(): Promise<void> {
    const { done, value } = await this.#source.next();
    this.#ended = done === true;
    this.#chunk = done === true ? new Uint8Array(0) : value;
  }
}
