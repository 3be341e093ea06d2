import { decodeUtf8 } from '../../util/text.ts';
import { damaged } from './bytes.ts';

/** Bytes of one library name, version or search path that are believed, and of all those of a file. */
const maxString = 64 * 1024;
const maxStrings = 4 * 1024 * 1024;

/** NUL-terminated strings by offset (System V ABI, "String Table"). */
export class StringTable {
  readonly #bytes: Uint8Array;
  #budget = maxStrings;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @throws SlimimageError ELF_INVALID where no string starts at `offset` or it does not end. */
  at(offset: number): string {
    if (!(offset >= 0 && offset < this.#bytes.length)) throw damaged('a name lies outside its string table');
    const end = this.#bytes.indexOf(0, offset);
    if (end < 0 || end - offset > maxString) throw damaged('a name in its string table does not end');
    this.#budget -= end - offset;
    if (this.#budget < 0) throw damaged("its names are longer than any real file's");
    return decodeUtf8(this.#bytes.subarray(offset, end));
  }

  /**
   * Whether exactly this ASCII name is in the table. The table is searched as text, one native pass: walking the
   * symbols instead costs ten times as much, and the dynamic string table holds no names but those that are used.
   */
  has(name: string): boolean {
    return searchable.decode(this.#bytes).includes(`\0${name}\0`);
  }
}

/** Every byte becomes one character, whatever the bytes are. */
const searchable = new TextDecoder('latin1');
