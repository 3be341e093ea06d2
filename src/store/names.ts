import { sha256Hex } from '../util/digest.ts';
import { encodeUtf8 } from '../util/text.ts';

/**
 * A file name for any text: lower-case letters, digits, `-`, `_` and inner dots stay, every other byte becomes `%XX`
 * (capitals too, for file systems that do not tell them apart). Long names end in a hash. Different texts give
 * different names.
 */
export function escapeName(text: string): string {
  let name = '';
  for (const byte of encodeUtf8(text)) {
    const plain = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x5f;
    const dot = byte === 0x2e && name !== '';
    name += plain || dot ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`;
  }
  if (name === '') return '%';
  return name.length <= 180 ? name : `${name.slice(0, 100)}%%${sha256Hex(text)}`;
}
