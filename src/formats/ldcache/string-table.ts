import { encodeByteText } from '../../util/byte-text.ts';

export interface StringTable {
  readonly bytes: Uint8Array;
  /** Where a string that was given starts. */
  offsetOf(text: string): number;
}

/** NUL-terminated strings, each once, one that ends another inside it (glibc's stringtable.c: the order is part of it). */
export function buildStringTable(texts: Iterable<string>): StringTable {
  const strings = [...new Set(texts)].map((text) => ({ text, bytes: encodeByteText(text) }));
  strings.sort((a, b) => compareEnds(a.bytes, b.bytes));
  const offsets = new Map<string, number>();
  const placed: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  let previous: { readonly offset: number; readonly bytes: Uint8Array } | undefined;
  for (const { text, bytes } of strings) {
    const shared = previous !== undefined && endsWith(previous.bytes, bytes);
    const end = previous === undefined ? 0 : previous.offset + previous.bytes.length;
    const offset = previous === undefined ? 0 : shared ? end - bytes.length : end + 1;
    previous = { offset, bytes };
    offsets.set(text, offset);
    if (!shared) placed.push(previous);
  }
  const table = new Uint8Array(previous === undefined ? 0 : previous.offset + previous.bytes.length + 1);
  for (const { offset, bytes } of placed) table.set(bytes, offset);
  return { bytes: table, offsetOf: (text) => offsets.get(text) ?? 0 };
}

/** By the last byte, then the one before it, ...; higher bytes first, a string before what it ends in. */
function compareEnds(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let back = 1; back <= shorter; back++) {
    const difference = (b[b.length - back] ?? 0) - (a[a.length - back] ?? 0);
    if (difference !== 0) return difference;
  }
  return b.length - a.length;
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  if (end.length > bytes.length) return false;
  for (let back = 1; back <= end.length; back++) {
    if (bytes[bytes.length - back] !== end[end.length - back]) return false;
  }
  return true;
}
