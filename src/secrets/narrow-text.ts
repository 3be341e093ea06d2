/** What makes bytes of UTF-16: known by the mark that a text of it begins with. */
export type ByteOrder = 'little' | 'big';

/** U+FEFF in UTF-16, as the first two bytes of a file; undefined: the text is of bytes. */
export function byteOrderOf(first: number | undefined, second: number | undefined): ByteOrder | undefined {
  if (first === 0xff && second === 0xfe) return 'little';
  return first === 0xfe && second === 0xff ? 'big' : undefined;
}

/** Makes a byte of each character of UTF-16, `?` where it is none, whatever pieces the text comes in. */
export class NarrowText {
  readonly #order: ByteOrder;
  #first: number | undefined;

  constructor(order: ByteOrder) {
    this.#order = order;
  }

  narrow(piece: Uint8Array): Uint8Array {
    const narrowed = new Uint8Array((piece.length + 1) >> 1);
    let length = 0;
    for (const byte of piece) {
      if (this.#first === undefined) this.#first = byte;
      else {
        const [low, high] = this.#order === 'little' ? [this.#first, byte] : [byte, this.#first];
        narrowed[length++] = high === 0 ? low : 0x3f;
        this.#first = undefined;
      }
    }
    return narrowed.subarray(0, length);
  }
}
