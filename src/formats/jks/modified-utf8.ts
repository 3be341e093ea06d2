import { SlimimageError } from '../../errors.ts';

/** Java's DataOutput.writeUTF without its length: each UTF-16 unit by itself, NUL as two bytes. */
export function encodeModifiedUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0 && unit < 0x80) bytes.push(unit);
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f));
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  }
  return Uint8Array.from(bytes);
}

/** @throws SlimimageError KEYSTORE_INVALID */
export function decodeModifiedUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : first >> 5 === 6 ? 2 : first >> 4 === 14 ? 3 : 0;
    if (length === 0 || at + length > bytes.length) {
      throw new SlimimageError({ code: 'KEYSTORE_INVALID', message: 'A name in the Java key store is not text' });
    }
    const [second = 0, third = 0] = [bytes[at + 1], bytes[at + 2]];
    if (length === 1) text += String.fromCharCode(first);
    else if (length === 2) text += String.fromCharCode(((first & 0x1f) << 6) | (second & 0x3f));
    else text += String.fromCharCode(((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f));
    at += length;
  }
  return text;
}
