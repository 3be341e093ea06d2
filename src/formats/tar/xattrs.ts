import { encodeUtf8 } from '../../util/text.ts';
import type { PaxRecords } from './pax.ts';

/**
 * Extended attributes of pax records: `SCHILY.xattr.NAME` with the value's bytes (star, GNU tar, Go), and
 * `LIBARCHIVE.xattr.NAME` with base64 (libarchive writes both; the plain one counts). The values are copies.
 * Undefined where a base64 value is malformed, an empty map where there are none.
 */
export function xattrsOf(records: PaxRecords): ReadonlyMap<string, Uint8Array> | undefined {
  const xattrs = new Map<string, Uint8Array>();
  for (const [key, value] of records) {
    if (!key.startsWith(libarchivePrefix)) continue;
    const decoded = fromBase64(value);
    if (decoded === undefined) return undefined;
    xattrs.set(unescapeName(key.slice(libarchivePrefix.length)), decoded);
  }
  for (const [key, value] of records) {
    if (key.startsWith(schilyPrefix)) xattrs.set(unescapeName(key.slice(schilyPrefix.length)), value.slice());
  }
  return xattrs;
}

/** The pax keyword of an attribute, `%` and `=` escaped as GNU tar does. */
export function xattrKeyword(name: string): string {
  return schilyPrefix + name.replaceAll('%', '%25').replaceAll('=', '%3D');
}

const schilyPrefix = 'SCHILY.xattr.';
const libarchivePrefix = 'LIBARCHIVE.xattr.';

function unescapeName(name: string): string {
  return name.includes('%') ? name.replaceAll(/%3D/gi, '=').replaceAll('%25', '%') : name;
}

function fromBase64(value: Uint8Array): Uint8Array | undefined {
  let end = value.length;
  while (end > 0 && value[end - 1] === padding) end--;
  if (value.length - end > 2 || end % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((end * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let i = 0; i < end; i++) {
    const digit = digits[value[i] as number] ?? -1;
    if (digit < 0) return undefined;
    bits = ((bits << 6) | digit) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = (bits >> count) & 0xff;
  }
  return bytes;
}

const padding = 0x3d;
const digits = base64Digits();

function base64Digits(): Int8Array {
  const table = new Int8Array(256).fill(-1);
  encodeUtf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').forEach((byte, digit) => {
    table[byte] = digit;
  });
  return table;
}
