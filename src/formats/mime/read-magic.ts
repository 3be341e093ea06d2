import { SlimimageError } from '../../errors.ts';
import { encodeUtf8 } from '../../util/text.ts';
import { attributeOf, elementsOf, type XmlElement } from '../xml/read-xml.ts';
import { type Magic, type Match, mimeNamespace, type TreeMagic, type TreeMatch } from './types.ts';

/** @throws SlimimageError MIME_INVALID */
export function readMagic(element: XmlElement, type: string): Magic {
  const matches = readMatches(element);
  if (matches.length === 0) throw wrong('magic has no match');
  return { priority: numberOf(element, 'priority'), type, matches, deletes: false };
}

/** @throws SlimimageError MIME_INVALID */
export function readTreeMagic(element: XmlElement, type: string): TreeMagic {
  return { priority: numberOf(element, 'priority'), type, matches: readTreeMatches(element) };
}

/** A priority or weight, from 0 to 100; 50 where there is none. */
export function numberOf(element: XmlElement, name: string): number {
  const text = attributeOf(element, name) ?? '50';
  const number = /^\s*\+?[0-9]{1,9}$/.test(text) ? Number(text) : -1;
  if (number < 0 || number > 100) throw wrong(`${name} of ${element.name} is ${text}`);
  return number;
}

const wordSizes: Readonly<Record<string, number>> = {
  string: 1,
  byte: 1,
  big16: 1,
  big32: 1,
  little16: 1,
  little32: 1,
  host16: 2,
  host32: 4,
};

function readMatches(parent: XmlElement): readonly Match[] {
  return childrenNamed(parent, 'match').map((element) => {
    const type = attributeOf(element, 'type') ?? '';
    const wordSize = Object.hasOwn(wordSizes, type) ? wordSizes[type] : undefined;
    const value = attributeOf(element, 'value');
    if (wordSize === undefined) throw wrong(`a match is of the unknown type ${type}`);
    if (value === undefined || value === '') throw wrong('a match has no value');
    const range = readOffset(attributeOf(element, 'offset') ?? '');
    const mask = attributeOf(element, 'mask');
    const bytes = type === 'string' ? stringMatch(value, mask) : numberMatch(type, { value, mask });
    return { ...range, wordSize, ...bytes, matches: readMatches(element) };
  });
}

/** `8` or `0:256` */
function readOffset(text: string): Pick<Match, 'start' | 'length'> {
  const found = /^\s*([0-9]{1,9})(?::([0-9]{1,9}))?$/.exec(text);
  const start = Number(found?.[1]);
  const last = Number(found?.[2] ?? start);
  if (found === null || last < start) throw wrong(`a match is at "${text}"`);
  return { start, length: last - start + 1 };
}

function stringMatch(value: string, mask: string | undefined): Pick<Match, 'data' | 'mask'> {
  const data = unescapeString(value);
  if (mask === undefined) return { data, mask: undefined };
  if (!/^0x[0-9a-fA-F]*$/.test(mask) || mask.length - 2 > data.length * 2) throw wrong(`a match has the mask ${mask}`);
  const digits = mask.slice(2).padEnd(data.length * 2, '0');
  return { data, mask: Uint8Array.from(data, (_, at) => Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16)) };
}

/** Escapes as in C, and as magic(5) has them. */
function unescapeString(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [part, octal, hex, letter] of text.matchAll(/\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]?))|[^\\]+/g)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (letter === undefined) bytes.push(...encodeUtf8(part));
    else bytes.push(...encodeUtf8(escapes[letter] ?? letter));
  }
  return Uint8Array.from(bytes);
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', b: '\b', t: '\t', f: '\f', v: '\v' };

function numberMatch(
  type: string,
  { value, mask }: { readonly value: string; readonly mask: string | undefined },
): Pick<Match, 'data' | 'mask'> {
  const size = type.endsWith('16') ? 2 : type.endsWith('32') ? 4 : 1;
  // The host's byte order is written big-endian: readers turn the words that are so marked.
  const isLittle = type.startsWith('l');
  const number = toNumber(value);
  if (size < 4 && number >= 2 ** (8 * size)) throw wrong(`${value} does not fit into ${size} bytes`);
  const data = bytesOf(number, { size, isLittle });
  return { data, mask: mask === undefined ? undefined : bytesOf(toNumber(mask), { size, isLittle }) };
}

/** As strtoul(3) with base 0. */
function toNumber(text: string): number {
  const digits = text.trim();
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  if (!/^(?:0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})$/.test(digits)) throw wrong(`${text} is no number`);
  return Number(digits);
}

function bytesOf(value: number, { size, isLittle }: { readonly size: number; readonly isLittle: boolean }): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, at) => Math.floor(value / 256 ** at) % 256);
  return isLittle ? bytes : bytes.reverse();
}

const kinds = ['file', 'directory', 'link'] as const;

function readTreeMatches(parent: XmlElement): readonly TreeMatch[] {
  return childrenNamed(parent, 'treematch').map((element) => {
    const path = attributeOf(element, 'path');
    if (path === undefined) throw wrong('a treematch has no path');
    const type = attributeOf(element, 'type');
    const kind = type === undefined ? 'any' : kinds.find((one) => one === type);
    if (kind === undefined) throw wrong(`a treematch is of the unknown type ${type}`);
    const marks = ['match-case', 'executable', 'non-empty'].filter((name) => attributeOf(element, name) === 'true');
    const mimeType = attributeOf(element, 'mimetype');
    const options = mimeType === undefined ? marks : [...marks, mimeType];
    return { path, kind, options, matches: readTreeMatches(element) };
  });
}

function childrenNamed(parent: XmlElement, name: string): readonly XmlElement[] {
  return elementsOf(parent).map((element) => {
    if (element.name !== name || element.namespace !== mimeNamespace)
      throw wrong(`${parent.name} has ${element.name} in it`);
    return element;
  });
}

function wrong(message: string): SlimimageError {
  return new SlimimageError({ code: 'MIME_INVALID', message });
}
