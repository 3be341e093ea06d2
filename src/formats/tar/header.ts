import { SlimimageError } from '../../errors.ts';
import { decodeByteText } from '../../util/byte-text.ts';
import { decodeUtf8 } from '../../util/text.ts';
import { checksums, type FieldRange, field, magic, tarBlockSize } from './layout.ts';
import { parseNumber } from './numbers.ts';
import type { PaxRecords } from './pax.ts';
import type { TarHeader } from './types.ts';
import { xattrsOf } from './xattrs.ts';

/** A header block with a right checksum. Its fields are read when the extended headers before it are known. */
export interface RawHeader {
  readonly block: Uint8Array;
  /** The type flag as a byte. */
  readonly typeflag: number;
  /** Bytes of content as the size field says. */
  readonly size: number;
}

/** What the extended headers before an entry say about it. */
export interface HeaderExtensions {
  readonly pax: PaxRecords;
  /** GNU `L` and `K` headers, which pax records override. */
  readonly longName?: Uint8Array | undefined;
  readonly longLink?: Uint8Array | undefined;
}

/** @throws SlimimageError TAR_INVALID; `where` begins the message. */
export function parseRawHeader(block: Uint8Array, where: string): RawHeader {
  const stated = parseNumber(block, field.checksum);
  const { unsigned, signed } = checksums(block);
  if (stated !== unsigned && stated !== signed) throw damaged(where, 'a header with a wrong checksum');
  return { block, typeflag: block[field.typeflag[0]] as number, size: numberAt(block, 'size', where) };
}

/**
 * The entry that a header and its extensions describe.
 * Sizes of entries without content (all but files) are ignored, as Go, dpkg and Python do.
 * @throws SlimimageError TAR_INVALID; `where` begins the message.
 */
export function resolveHeader(raw: RawHeader, extensions: HeaderExtensions, where: string): TarHeader {
  const { block } = raw;
  const { pax } = extensions;
  if (raw.typeflag === flag('S') || isSparse(pax)) {
    throw damaged(
      where,
      'a sparse file, which is not supported',
      'Write the tar without sparse files (tar without -S).',
    );
  }
  const text = (key: string, long?: Uint8Array): string | undefined => {
    const bytes = pax.get(key);
    if (bytes === undefined || bytes.length === 0) return long === undefined ? undefined : decodeByteText(long);
    if (bytes.includes(0)) throw damaged(where, `a NUL in the pax record "${key}"`);
    return decodeByteText(bytes);
  };
  const number = (key: 'size' | 'uid' | 'gid', value: () => number): number => {
    const bytes = pax.get(key);
    if (bytes === undefined || bytes.length === 0) return value();
    const parsed = parseDecimal(decodeUtf8(bytes));
    if (parsed === undefined) throw damaged(where, `a pax record "${key}" that is no number`);
    return parsed;
  };

  const written = text('path', extensions.longName) ?? nameOf(block);
  if (written === '') throw damaged(where, 'an entry without a name');
  const path = trimSlashes(written);
  const type = typeOf(raw.typeflag, path.length < written.length);
  if (type === undefined) {
    throw damaged(where, `an entry of the unknown type ${JSON.stringify(String.fromCharCode(raw.typeflag))}`);
  }
  const isLink = type === 'symlink' || type === 'hardlink';
  const linkTarget = isLink ? (text('linkpath', extensions.longLink) ?? textAt(block, field.linkname)) : undefined;
  if (linkTarget === '') throw damaged(where, 'a link without a target');
  const isDevice = type === 'character' || type === 'block';
  const named = hasMagic(block);
  const xattrs = xattrsOf(pax);
  if (xattrs === undefined) throw damaged(where, 'an extended attribute that is not base64');
  return {
    path,
    type,
    mode: numberAt(block, 'mode', where) & 0o7777,
    uid: number('uid', () => numberAt(block, 'uid', where)),
    gid: number('gid', () => numberAt(block, 'gid', where)),
    userName: text('uname') ?? (named ? textAt(block, field.userName) : ''),
    groupName: text('gname') ?? (named ? textAt(block, field.groupName) : ''),
    size: type === 'file' ? number('size', () => raw.size) : 0,
    mtime: timeOf(pax, where) ?? signedAt(block, 'mtime', where),
    linkTarget,
    deviceMajor: isDevice ? numberAt(block, 'deviceMajor', where) : 0,
    deviceMinor: isDevice ? numberAt(block, 'deviceMinor', where) : 0,
    xattrs: xattrs.size === 0 ? undefined : xattrs,
  };
}

export function damaged(where: string, what: string, hint?: string): SlimimageError {
  return new SlimimageError({ code: 'TAR_INVALID', message: `${where}: ${what}`, hint });
}

export function isZeroBlock(block: Uint8Array): boolean {
  for (let i = 0; i < tarBlockSize; i++) {
    if (block[i] !== 0) return false;
  }
  return true;
}

/** The bytes of a field up to its first NUL. */
export function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

export function flag(letter: string): number {
  return letter.charCodeAt(0);
}

/** A regular file whose name ends with a slash is a directory: how tar wrote them before ustar. */
function typeOf(typeflag: number, trailingSlash: boolean): TarHeader['type'] | undefined {
  const type = types[typeflag];
  return type === 'file' && trailingSlash ? 'directory' : type;
}

const types: readonly (TarHeader['type'] | undefined)[] = typeTable();

function typeTable(): (TarHeader['type'] | undefined)[] {
  const table: (TarHeader['type'] | undefined)[] = new Array(256).fill(undefined);
  const letters = {
    '\0': 'file',
    '0': 'file',
    '1': 'hardlink',
    '2': 'symlink',
    '3': 'character',
    '4': 'block',
    '5': 'directory',
    '6': 'fifo',
    '7': 'file',
  } as const;
  for (const [letter, type] of Object.entries(letters)) table[flag(letter)] = type;
  return table;
}

function isSparse(pax: PaxRecords): boolean {
  for (const key of pax.keys()) {
    if (key.startsWith('GNU.sparse.')) return true;
  }
  return false;
}

function nameOf(block: Uint8Array): string {
  const name = textAt(block, field.name);
  if (textAt(block, [field.magic[0], 5]) !== 'ustar' || hasText(block, field.magic, magic.gnu)) return name;
  const prefix = textAt(block, hasText(block, field.starMagic, magic.star) ? field.starPrefix : field.prefix);
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Old tars have neither owner names nor a prefix. */
function hasMagic(block: Uint8Array): boolean {
  return hasText(block, [field.magic[0], 5], 'ustar');
}

function hasText(block: Uint8Array, [offset, length]: FieldRange, text: string): boolean {
  for (let i = 0; i < length; i++) {
    if (block[offset + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

function textAt(block: Uint8Array, [offset, length]: FieldRange): string {
  let end = offset;
  while (end < offset + length && block[end] !== 0) end++;
  return end === offset ? '' : decodeByteText(block.subarray(offset, end));
}

type NumberField = 'mode' | 'uid' | 'gid' | 'size' | 'mtime' | 'deviceMajor' | 'deviceMinor';

function signedAt(block: Uint8Array, name: NumberField, where: string): number {
  const value = parseNumber(block, field[name]);
  if (value === undefined) throw damaged(where, `a header whose ${name} is no number`);
  return value;
}

function numberAt(block: Uint8Array, name: NumberField, where: string): number {
  const value = signedAt(block, name, where);
  if (value < 0) throw damaged(where, `a header with a negative ${name}`);
  return value;
}

function parseDecimal(text: string): number | undefined {
  const value = Number(text);
  return /^[0-9]+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}

function timeOf(pax: PaxRecords, where: string): number | undefined {
  const bytes = pax.get('mtime');
  if (bytes === undefined || bytes.length === 0) return undefined;
  const text = decodeUtf8(bytes);
  const value = Math.floor(Number(text));
  if (!/^-?[0-9]+(\.[0-9]*)?$/.test(text) || !Number.isSafeInteger(value)) {
    throw damaged(where, 'a pax record "mtime" that is no time');
  }
  return value;
}

function trimSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === '/') end--;
  return end === path.length ? path : path.slice(0, end);
}
