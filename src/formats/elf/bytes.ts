import { SlimimageError } from '../../errors.ts';

/** Where the bytes of an ELF file come from: a buffer, or a file read piece by piece. */
export interface ElfSource {
  /** Bytes of the whole file. */
  readonly size: number;
  /** The `length` bytes from `offset`; the reader asks only for ranges inside `size`. */
  read(offset: number, length: number): Uint8Array;
}

/** A part of an ELF file with bounds-checked reads in the file's own byte order and word size. */
export class ElfBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #little: boolean;
  readonly #what: string;

  constructor(bytes: Uint8Array, options: { readonly little: boolean; readonly what: string }) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = options.little;
    this.#what = options.what;
  }

  get length(): number {
    return this.#bytes.length;
  }

  u16(offset: number): number {
    this.#check(offset, 2);
    return this.#view.getUint16(offset, this.#little);
  }

  u32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getUint32(offset, this.#little);
  }

  /** A 64-bit number; one that no file offset can have (2^53 and more) becomes Infinity, which no bounds check passes. */
  u64(offset: number): number {
    this.#check(offset, 8);
    const first = this.#view.getUint32(offset, this.#little);
    const second = this.#view.getUint32(offset + 4, this.#little);
    const high = this.#little ? second : first;
    const low = this.#little ? first : second;
    return high >= 0x200000 ? Number.POSITIVE_INFINITY : high * 0x100000000 + low;
  }

  word(offset: number, bits: 32 | 64): number {
    return bits === 64 ? this.u64(offset) : this.u32(offset);
  }

  #check(offset: number, length: number): void {
    if (!(offset >= 0 && offset + length <= this.#bytes.length)) throw damaged(`the ${this.#what} ends too early`);
  }
}

/** Reads a range of the source. @throws SlimimageError ELF_INVALID where it does not lie in the file. */
export function readRange(source: ElfSource, offset: number, options: { length: number; what: string }): Uint8Array {
  const { length, what } = options;
  if (!(offset >= 0 && length >= 0 && offset + length <= source.size)) {
    throw damaged(`the ${what} lies outside the file`);
  }
  const bytes = source.read(offset, length);
  if (bytes.length !== length) throw damaged(`the ${what} could not be read in full`);
  return bytes;
}

export function damaged(reason: string): SlimimageError {
  return new SlimimageError({ code: 'ELF_INVALID', message: `Damaged ELF file: ${reason}` });
}
