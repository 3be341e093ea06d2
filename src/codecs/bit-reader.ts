import { cutOff, damagedStream } from './damaged-stream.ts';

/** Reads bits, the highest of each byte first. */
export class BitReader {
  readonly #bytes: Uint8Array;
  /** Index of the next byte that is not in `#held`. */
  #next = 0;
  #held = 0;
  #heldBits = 0;

  constructor(bytes: Uint8Array, skippedBits: number) {
    this.#bytes = bytes;
    this.read(skippedBits);
  }

  /** Bits used so far, the skipped ones included. */
  get position(): number {
    return this.#next * 8 - this.#heldBits;
  }

  /** Bytes used so far, the last one perhaps in part. */
  get bytesUsed(): number {
    return Math.ceil(this.position / 8);
  }

  /** The next `count` bits, 24 at most. @throws SlimimageError COMPRESSION_INVALID at the end of the bytes. */
  read(count: number): number {
    while (this.#heldBits < count) {
      const byte = this.#bytes[this.#next];
      if (byte === undefined) throw damagedStream(cutOff);
      this.#next++;
      this.#held = ((this.#held & 0xffffff) << 8) | byte;
      this.#heldBits += 8;
    }
    this.#heldBits -= count;
    return (this.#held >>> this.#heldBits) & ((1 << count) - 1);
  }

  /** The next `count` bits without using them, zeros beyond the end. */
  peek(count: number): number {
    while (this.#heldBits < count) {
      this.#held = ((this.#held & 0xffffff) << 8) | (this.#bytes[this.#next] ?? 0);
      this.#next++;
      this.#heldBits += 8;
    }
    return (this.#held >>> (this.#heldBits - count)) & ((1 << count) - 1);
  }

  /** Uses bits that a `peek` has shown. */
  skip(count: number): void {
    this.#heldBits -= count;
    if (this.position > this.#bytes.length * 8) throw damagedStream(cutOff);
  }
}
