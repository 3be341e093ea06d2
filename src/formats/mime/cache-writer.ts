import { concatBytes } from '../../util/bytes.ts';
import { encodeUtf8 } from '../../util/text.ts';
import type { StringTable } from '../glib/string-table.ts';

/** Where a string stands; nothing is written that was not collected. */
export type Place = (text: string) => number;

export class CacheWriter {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  skip(count: number): void {
    this.data(new Uint8Array(count));
  }

  numbers(values: readonly number[]): void {
    this.data(bigEndian(values));
  }

  /** Padded to whole words. */
  data(bytes: Uint8Array): void {
    const padding = (4 - (bytes.length % 4)) % 4;
    this.#chunks.push(bytes, new Uint8Array(padding));
    this.#size += bytes.length + padding;
  }

  strings(table: StringTable<number>): Place {
    for (const [text] of table.entries()) {
      table.set(text, this.#size);
      this.data(encodeUtf8(`${text}\0`));
    }
    return (text) => table.get(text) ?? 0;
  }

  finish(header: readonly number[]): Uint8Array {
    const bytes = concatBytes(this.#chunks);
    bytes.set(bigEndian(header));
    return bytes;
  }
}

function bigEndian(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => {
    view.setUint32(4 * at, value, false);
  });
  return bytes;
}
