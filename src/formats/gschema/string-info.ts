import { concatBytes } from '../../util/bytes.ts';
import { encodeUtf8 } from '../../util/text.ts';

/**
 * The words of an enumeration, of flags or of choices, with their numbers, as GSettings searches them (strinfo.c of
 * GLib): a little-endian number, 0xff (0xfe for an alias), the word, NULs up to 0xff, together whole words of 32 bits.
 */
export interface StringInfo {
  readonly bytes: Uint8Array;
  /** Words that are values, and not aliases. */
  readonly words: ReadonlySet<string>;
}

export const noStringInfo: StringInfo = { bytes: new Uint8Array(0), words: new Set() };

export function addWord(info: StringInfo, word: string, value: number): StringInfo {
  return { bytes: concatBytes([info.bytes, item(word, { value, mark: 0xff })]), words: new Set([...info.words, word]) };
}

/** The number of an alias is where its target stands, in words of 32 bits. Undefined where there is no such target. */
export function addAlias(info: StringInfo, alias: string, target: string): StringInfo | undefined {
  const wanted = item(target, { value: 0, mark: 0xff }).subarray(4);
  for (let at = 4; at + wanted.length <= info.bytes.length; at += 4) {
    if (!wanted.every((byte, index) => info.bytes[at + index] === byte)) continue;
    return { ...info, bytes: concatBytes([info.bytes, item(alias, { value: at / 4 - 1, mark: 0xfe })]) };
  }
  return undefined;
}

function item(word: string, { value, mark }: { readonly value: number; readonly mark: number }): Uint8Array {
  const text = encodeUtf8(word);
  const length = 4 * Math.max(2, (text.length + 6) >> 2);
  const bytes = new Uint8Array(4 + length);
  new DataView(bytes.buffer).setUint32(0, value >>> 0, true);
  bytes[4] = mark;
  bytes.set(text, 5);
  bytes[bytes.length - 1] = 0xff;
  return bytes;
}
