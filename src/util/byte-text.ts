import { concatBytes } from './bytes.ts';

/**
 * File names are bytes, not text. `decodeByteText` gives the text of UTF-8 names and keeps every byte that is not part
 * of valid UTF-8 as one lone surrogate U+DC80..U+DCFF (the scheme of Python's PEP 383, "surrogateescape"), so that
 * `encodeByteText(decodeByteText(bytes))` is `bytes` for any bytes. JSON carries such strings unharmed.
 */
export function decodeByteText(bytes: Uint8Array): string {
  const length = bytes.length;
  if (length <= shortNameBytes) {
    let ascii = 0;
    for (let i = 0; i < length; i++) ascii |= bytes[i] as number;
    if (ascii < 0x80) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  }
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeWithEscapes(bytes);
  }
}

/** The bytes that `decodeByteText` made the text from; a surrogate that is no escaped byte becomes U+FFFD. */
export function encodeByteText(text: string): Uint8Array {
  if (text.length <= shortNameBytes) {
    const ascii = encodeAscii(text);
    if (ascii !== undefined) return ascii;
  }
  if (!escaped.test(text)) return encoder.encode(text);
  const parts = text.split(escaped);
  const escapes = text.match(new RegExp(escaped, 'gu')) ?? [];
  const chunks: Uint8Array[] = [];
  parts.forEach((part, index) => {
    const lone = escapes[index];
    chunks.push(encoder.encode(part));
    if (lone !== undefined) chunks.push(Uint8Array.of(lone.charCodeAt(0) - 0xdc00));
  });
  return concatBytes(chunks);
}

/** Below this a loop beats the decoder's call. */
const shortNameBytes = 128;
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
/** With the `u` flag this matches lone surrogates only, never the half of a pair. */
const escaped = /[\udc80-\udcff]/u;

function encodeAscii(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return undefined;
    bytes[i] = code;
  }
  return bytes;
}

function decodeWithEscapes(bytes: Uint8Array): string {
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    text +=
      length === 0
        ? String.fromCharCode(0xdc00 + (bytes[at] as number))
        : strictDecoder.decode(bytes.subarray(at, at + length));
    at += Math.max(length, 1);
  }
  return text;
}

/** Bytes of the valid UTF-8 sequence at `at` (Unicode, table 3-7), 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const second = bytes[at + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) {
    if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}
