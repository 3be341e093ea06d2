import { decodeByteText, encodeByteText } from '../../util/byte-text.ts';
import { compareStrings } from '../../util/text.ts';

/** Keyword to value bytes. A value of no bytes takes an earlier value of the keyword back. */
export type PaxRecords = ReadonlyMap<string, Uint8Array>;

/**
 * Records of a pax extended header: `LENGTH KEYWORD=VALUE\n`, LENGTH in decimal bytes of the whole record
 * (POSIX.1-2017 pax, "pax Header Block"). Undefined where a record is malformed. The values are views of `bytes`.
 */
export function parsePaxRecords(bytes: Uint8Array): PaxRecords | undefined {
  const records = new Map<string, Uint8Array>();
  let at = 0;
  while (at < bytes.length) {
    const record = recordAt(bytes, at);
    if (record === undefined) return undefined;
    records.set(record.key, record.value);
    at = record.end;
  }
  return records;
}

/** The bytes of an extended header, keywords in code-unit order. */
export function encodePaxRecords(records: PaxRecords): Uint8Array {
  const encoded = [...records]
    .sort(([a], [b]) => compareStrings(a, b))
    .map(([key, value]) => ({ head: recordHead(key, value.length), value }));
  const whole = new Uint8Array(encoded.reduce((sum, { head, value }) => sum + head.length + value.length + 1, 0));
  let at = 0;
  for (const { head, value } of encoded) {
    whole.set(head, at);
    whole.set(value, at + head.length);
    at += head.length + value.length + 1;
    whole[at - 1] = newline;
  }
  return whole;
}

const newline = 0x0a;
const space = 0x20;
const equals = 0x3d;
const maxLengthDigits = 15;

function recordAt(bytes: Uint8Array, start: number) {
  let at = start;
  let length = 0;
  for (; bytes[at] !== space; at++) {
    const byte = bytes[at];
    if (byte === undefined || byte < 0x30 || byte > 0x39 || at - start >= maxLengthDigits) return undefined;
    length = length * 10 + byte - 0x30;
  }
  const end = start + length;
  if (end > bytes.length || end <= at + 1 || bytes[end - 1] !== newline) return undefined;
  const separator = bytes.subarray(at + 1, end - 1).indexOf(equals);
  if (separator <= 0) return undefined;
  return {
    key: decodeByteText(bytes.subarray(at + 1, at + 1 + separator)),
    value: bytes.subarray(at + 2 + separator, end - 1),
    end,
  };
}

/** `LENGTH KEYWORD=`, where LENGTH counts its own digits. */
function recordHead(key: string, valueLength: number): Uint8Array {
  const text = ` ${key}=`;
  const rest = encodeByteText(text).length + valueLength + 1;
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length++;
  return encodeByteText(`${length}${text}`);
}
