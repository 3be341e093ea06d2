import type { FieldRange } from './layout.ts';

/**
 * Number of a header field: octal digits among spaces and NULs, or GNU's base-256 (first byte 0x80 or 0xff).
 * Undefined where the field holds anything else or a number that is no safe integer.
 */
export function parseNumber(block: Uint8Array, [offset, length]: FieldRange): number | undefined {
  const first = block[offset] as number;
  if (first === 0x80 || first === 0xff) return parseBase256(block, offset, length);
  let at = offset;
  const end = offset + length;
  while (at < end && isBlank(block[at] as number)) at++;
  let value = 0;
  for (; at < end; at++) {
    const byte = block[at] as number;
    if (byte < 0x30 || byte > 0x37) break;
    value = value * 8 + byte - 0x30;
  }
  for (; at < end; at++) {
    if (!isBlank(block[at] as number)) return undefined;
  }
  return value;
}

/** Whether `value` fits as `length - 1` octal digits and a NUL. */
export function fitsOctal(value: number, length: number): boolean {
  return value >= 0 && value < 8 ** (length - 1);
}

/** Writes `length - 1` octal digits; the NUL is there already. */
export function writeOctal(block: Uint8Array, [offset, length]: FieldRange, value: number): void {
  let rest = value;
  for (let at = offset + length - 2; at >= offset; at--) {
    block[at] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
}

function parseBase256(block: Uint8Array, offset: number, length: number): number | undefined {
  const negative = block[offset] === 0xff;
  let value = negative ? -1 : 0;
  for (let at = offset + 1; at < offset + length; at++) {
    value = value * 256 + (block[at] as number);
    if (!Number.isSafeInteger(value)) return undefined;
  }
  return value;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0;
}
