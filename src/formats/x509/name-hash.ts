import { concatBytes } from '../../util/bytes.ts';
import { sha1Hex } from '../../util/digest.ts';
import { decodeUtf8Strict, encodeUtf8 } from '../../util/text.ts';
import { type DerElement, derChildren, derElement, derEncode } from './der.ts';

/**
 * The number by which OpenSSL finds a certificate in a folder, from the DER of its subject: eight hexadecimal digits
 * (X509_NAME_hash: the first four bytes of the SHA-1 of the canonical name, the last one first). Undefined where the
 * name is damaged: OpenSSL has no hash of it either.
 */
export function nameHash(name: Uint8Array): string | undefined {
  const canonical = canonicalName(name);
  if (canonical === undefined) return undefined;
  const digits = sha1Hex(canonical);
  return [6, 4, 2, 0].map((at) => digits.slice(at, at + 2)).join('');
}

/** OpenSSL's x509_name_canon: the sets of the name, without the sequence around them, their texts made alike. */
function canonicalName(name: Uint8Array): Uint8Array | undefined {
  const outer = derElement(name, 0, name.length);
  const sets = outer?.tag === 0x30 && outer.end === name.length ? derChildren(name, outer) : undefined;
  const parts = sets?.map((set) => canonicalSet(name, set));
  return parts === undefined ? undefined : joinDefined(parts);
}

function canonicalSet(name: Uint8Array, set: DerElement): Uint8Array | undefined {
  const attributes = set.tag === 0x31 ? derChildren(name, set) : undefined;
  const parts = attributes?.map((attribute) => canonicalAttribute(name, attribute));
  if (parts === undefined || parts.some((part) => part === undefined)) return undefined;
  const content = joinDefined((parts as Uint8Array[]).sort(compareBytes));
  return content === undefined ? undefined : derEncode(0x31, content);
}

function canonicalAttribute(name: Uint8Array, attribute: DerElement): Uint8Array | undefined {
  const [type, value, ...rest] = (attribute.tag === 0x30 ? derChildren(name, attribute) : undefined) ?? [];
  if (type?.tag !== 0x06 || value === undefined || rest.length > 0) return undefined;
  const text = canonicalValue(name, value);
  return text === undefined ? undefined : derEncode(0x30, concatBytes([name.subarray(type.at, type.end), text]));
}

/** asn1_string_canon: UTF-8, letters of ASCII small, no space at the ends, one between words. Other types stay. */
function canonicalValue(name: Uint8Array, value: DerElement): Uint8Array | undefined {
  const content = name.subarray(value.start, value.end);
  const decode = textTypes.get(value.tag);
  if (decode === undefined) return name.subarray(value.at, value.end);
  const text = decode(content);
  if (text === undefined) return undefined;
  const alike = text
    .replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '')
    .replace(/[ \t\n\v\f\r]+/g, ' ')
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  return derEncode(0x0c, encodeUtf8(alike));
}

const textTypes: ReadonlyMap<number, (bytes: Uint8Array) => string | undefined> = new Map([
  [0x0c, decodeUtf8Strict],
  ...[0x13, 0x14, 0x16, 0x1a].map((tag) => [tag, decodeLatin1] as const),
  [0x1e, (bytes: Uint8Array) => decodeWide(bytes, 2)],
  [0x1c, (bytes: Uint8Array) => decodeWide(bytes, 4)],
]);

/** OpenSSL takes every byte of a PrintableString, T61String, IA5String or VisibleString for a character. */
function decodeLatin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

/** BMPString and UniversalString: big-endian numbers of characters. */
function decodeWide(bytes: Uint8Array, width: 2 | 4): string | undefined {
  if (bytes.length % width !== 0) return undefined;
  let text = '';
  for (let at = 0; at < bytes.length; at += width) {
    let code = 0;
    for (let index = 0; index < width; index++) code = code * 256 + (bytes[at + index] ?? 0);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
    text += String.fromCodePoint(code);
  }
  return text;
}

function joinDefined(parts: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
  return parts.every((part) => part !== undefined) ? concatBytes(parts) : undefined;
}

/** The order of a SET OF in DER. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
