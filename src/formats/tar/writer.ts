import { SlimimageError } from '../../errors.ts';
import { encodeByteText } from '../../util/byte-text.ts';
import { encodeUtf8 } from '../../util/text.ts';
import { checksums, type FieldRange, field, magic, paddedSize, tarBlockSize } from './layout.ts';
import { fitsOctal, writeOctal } from './numbers.ts';
import { encodePaxRecords } from './pax.ts';
import type { TarHeader } from './types.ts';
import { xattrKeyword } from './xattrs.ts';

/** An entry to write. The root directory is '' or '.'. */
export interface TarEntryInput {
  /** Without a trailing slash; bytes that are not UTF-8 as util/byte-text.ts has them. */
  readonly path: string;
  readonly type: TarHeader['type'];
  /** 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content that the caller writes next, padded by `tarPadding`. Files only. */
  readonly size: number;
  /** Whole seconds since the epoch, negative allowed. */
  readonly mtime: number;
  readonly linkTarget?: string | undefined;
  readonly userName?: string | undefined;
  readonly groupName?: string | undefined;
  readonly deviceMajor?: number | undefined;
  readonly deviceMinor?: number | undefined;
  readonly xattrs?: ReadonlyMap<string, Uint8Array> | undefined;
}

/**
 * The header blocks of an entry, a function of the entry alone: plain ustar where everything fits, else a pax
 * extended header with just the fields that do not fit, keywords in code-unit order, before the ustar header.
 * @throws SlimimageError TAR_INVALID where the entry can't be written (NUL in a name, no link target, ...).
 */
export function encodeTarEntry(entry: TarEntryInput): Uint8Array {
  checkEntry(entry);
  const records = new Map<string, Uint8Array>();
  const block = new Uint8Array(tarBlockSize);
  const path = writtenPath(entry);
  writePath(block, path, records);
  writeNumber(block, 'mode', entry.mode, records);
  writeNumber(block, 'uid', entry.uid, records);
  writeNumber(block, 'gid', entry.gid, records);
  writeNumber(block, 'size', entry.type === 'file' ? entry.size : 0, records);
  writeNumber(block, 'mtime', entry.mtime, records);
  writeText(block, { key: 'linkpath', text: entry.linkTarget, range: field.linkname, room: 100 }, records);
  writeText(block, { key: 'uname', text: entry.userName, range: field.userName, room: 31 }, records);
  writeText(block, { key: 'gname', text: entry.groupName, range: field.groupName, room: 31 }, records);
  writeNumber(block, 'deviceMajor', entry.deviceMajor ?? 0, records);
  writeNumber(block, 'deviceMinor', entry.deviceMinor ?? 0, records);
  finishBlock(block, typeflags[entry.type]);
  for (const [name, value] of entry.xattrs ?? []) records.set(xattrKeyword(name), value);
  return records.size === 0 ? block : withPaxHeader(block, path, encodePaxRecords(records));
}

/** The zeros between `size` bytes of content and the next header: a view that must not be written to. */
export function tarPadding(size: number): Uint8Array {
  return zeros.subarray(0, paddedSize(size) - size);
}

/** The two blocks of zeros that end a tar: a view that must not be written to. */
export function endOfTar(): Uint8Array {
  return zeros;
}

const zeros = new Uint8Array(2 * tarBlockSize);

const typeflags = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
} as const satisfies Record<TarHeader['type'], string>;

function checkEntry(entry: TarEntryInput): void {
  const refuse = (what: string): never => {
    throw new SlimimageError({
      code: 'TAR_INVALID',
      message: `${JSON.stringify(entry.path.slice(0, 200))} can't be written to a tar: ${what}`,
    });
  };
  const isLink = entry.type === 'symlink' || entry.type === 'hardlink';
  if (entry.path.includes('\0') || entry.linkTarget?.includes('\0')) refuse('a NUL in its name or target');
  if (entry.type !== 'directory' && (entry.path === '' || entry.path.endsWith('/')))
    refuse("the name is a directory's");
  if (isLink === (entry.linkTarget === undefined || entry.linkTarget === '')) {
    refuse(isLink ? 'a link without a target' : `a ${entry.type} with a link target`);
  }
  if (!(entry.mode >= 0 && entry.mode <= 0o7777)) refuse(`the mode ${entry.mode}`);
  for (const key of ['uid', 'gid', 'size'] as const) {
    if (!(Number.isSafeInteger(entry[key]) && entry[key] >= 0)) refuse(`the ${key} ${entry[key]}`);
  }
  if (!Number.isSafeInteger(entry.mtime)) refuse(`the time ${entry.mtime}`);
  for (const number of [entry.deviceMajor ?? 0, entry.deviceMinor ?? 0]) {
    if (!(Number.isSafeInteger(number) && fitsOctal(number, 8))) refuse(`the device number ${number}`);
  }
}

function writtenPath(entry: TarEntryInput): Uint8Array {
  if (entry.type !== 'directory') return encodeByteText(entry.path);
  const path = entry.path === '' ? '.' : entry.path;
  return encodeByteText(path.endsWith('/') ? path : `${path}/`);
}

type PaxValues = Map<string, Uint8Array>;

function writePath(block: Uint8Array, path: Uint8Array, records: PaxValues): void {
  const split = isPrintable(path) ? splitPath(path) : undefined;
  if (split === undefined) {
    records.set('path', path);
    block.set(asciiName(path, field.name[1]), 0);
    return;
  }
  block.set(path.subarray(split === 0 ? 0 : split + 1), field.name[0]);
  block.set(path.subarray(0, split), field.prefix[0]);
}

/** Index of the slash between prefix and name, 0 for no prefix; undefined where ustar has no room. */
function splitPath(path: Uint8Array): number | undefined {
  const [, nameRoom] = field.name;
  const [, prefixRoom] = field.prefix;
  if (path.length <= nameRoom) return 0;
  // The last slash that leaves a name: as far right as the prefix allows.
  const slash = path.lastIndexOf(0x2f, Math.min(prefixRoom, path.length - 2));
  return slash > 0 && path.length - slash - 1 <= nameRoom ? slash : undefined;
}

interface TextField {
  readonly key: string;
  readonly text: string | undefined;
  readonly range: FieldRange;
  /** Bytes that the field may use: owner names keep one for a NUL. */
  readonly room: number;
}

function writeText(block: Uint8Array, { key, text, range, room }: TextField, records: PaxValues): void {
  if (text === undefined || text === '') return;
  const bytes = encodeByteText(text);
  if (bytes.length <= room && isPrintable(bytes)) block.set(bytes, range[0]);
  else {
    records.set(key, bytes);
    block.set(asciiName(bytes, room), range[0]);
  }
}

type NumberField = 'mode' | 'uid' | 'gid' | 'size' | 'mtime' | 'deviceMajor' | 'deviceMinor';

/** What does not fit is zero in the header and a record in the pax header. */
function writeNumber(block: Uint8Array, name: NumberField, value: number, records: PaxValues): void {
  const fits = fitsOctal(value, field[name][1]);
  if (!fits) records.set(name, encodeUtf8(String(value)));
  writeOctal(block, field[name], fits ? value : 0);
}

const ustarMagic = encodeUtf8(magic.ustar);

function finishBlock(block: Uint8Array, typeflag: string): void {
  block[field.typeflag[0]] = typeflag.charCodeAt(0);
  block.set(ustarMagic, field.magic[0]);
  const [offset, length] = field.checksum;
  writeOctal(block, [offset, length - 1], checksums(block).unsigned);
  block[offset + length - 1] = 0x20;
}

/** Nothing of the extended header's own fields depends on more than the path and the records. */
function withPaxHeader(block: Uint8Array, path: Uint8Array, content: Uint8Array): Uint8Array {
  const contentEnd = tarBlockSize + paddedSize(content.length);
  const whole = new Uint8Array(contentEnd + tarBlockSize);
  const header = whole.subarray(0, tarBlockSize);
  const prefix = encodeUtf8('PaxHeaders/');
  header.set(prefix, 0);
  header.set(asciiName(basename(path), field.name[1] - prefix.length), prefix.length);
  writeOctal(header, field.mode, 0o644);
  for (const name of ['uid', 'gid', 'mtime', 'deviceMajor', 'deviceMinor'] as const) writeOctal(header, field[name], 0);
  writeOctal(header, field.size, content.length);
  finishBlock(header, 'x');
  whole.set(content, tarBlockSize);
  whole.set(block, contentEnd);
  return whole;
}

function basename(path: Uint8Array): Uint8Array {
  const end = path[path.length - 1] === 0x2f ? path.length - 1 : path.length;
  return path.subarray(end === 0 ? 0 : path.lastIndexOf(0x2f, end - 1) + 1, end);
}

/** What readers without pax see: cut to `room`, `_` for each byte that is not printable ASCII. */
function asciiName(bytes: Uint8Array, room: number): Uint8Array {
  return bytes.slice(0, room).map((byte) => (byte < 0x20 || byte > 0x7e ? 0x5f : byte));
}

/** pax wants everything but ASCII in a record, where it is UTF-8 by definition. */
function isPrintable(bytes: Uint8Array): boolean {
  for (const byte of bytes) {
    if (byte === 0 || byte > 0x7e) return false;
  }
  return true;
}
