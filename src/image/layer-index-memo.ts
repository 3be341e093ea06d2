import { endianness } from 'node:os';
import type { EntryType, LayerEntry } from '../rootfs/entry.ts';
import { decodeByteText, encodeByteText } from '../util/byte-text.ts';
import { concatBytes } from '../util/bytes.ts';
import { isDigest } from '../util/digest.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import type { LayerIndex } from './types.ts';

const letters = {
  file: 'f',
  directory: 'd',
  symlink: 'l',
  hardlink: 'h',
  character: 'c',
  block: 'b',
  fifo: 'p',
} as const;
const types = new Map<unknown, EntryType>(Object.entries(letters).map(([type, letter]) => [letter, type as EntryType]));

/** Type, mode and owner of an entry: a layer has a few dozens of these. */
type Shape = readonly [letter: string, mode: number, uid: number, gid: number];

/**
 * A line of JSON, then columns, one value an entry: shapes, times, sizes and offsets of files as doubles in this machine's order, sha256 of
 * files as they are, paths as one text. A hundred thousand entries as rows or objects of JSON take several times as long to read.
 */
interface Head {
  readonly order: string;
  readonly diffId: string;
  readonly size: number;
  /** Of entries. */
  readonly count: number;
  /** Of regular files among them. */
  readonly files: number;
  readonly shapes: readonly Shape[];
  /** One a symlink or hard link. */
  readonly links: readonly string[];
  /** One a device. */
  readonly devices: readonly (readonly [major: number, minor: number])[];
  /** Of the few entries that have some. */
  readonly xattrs: readonly (readonly [index: number, names: readonly (readonly [name: string, hex: string])[]])[];
}

/** Stands between two paths; no path has two slashes in a row. */
const separator = '//';

export function encodeIndex({ entries, diffId, size }: LayerIndex): Uint8Array {
  const shapes = new Map<string, number>();
  const files = entries.filter(({ type }) => type === 'file');
  const shape = entries.map(({ type, mode, uid, gid }) => {
    const key = JSON.stringify([letters[type], mode, uid, gid] satisfies Shape);
    const place = shapes.get(key) ?? shapes.size;
    shapes.set(key, place);
    return place;
  });
  const head: Head = {
    order: endianness(),
    diffId,
    size,
    count: entries.length,
    files: files.length,
    shapes: [...shapes.keys()].map((key): Shape => JSON.parse(key)),
    links: entries.flatMap(({ linkTarget }) => (linkTarget === undefined ? [] : [linkTarget])),
    devices: entries.flatMap(({ deviceMajor, deviceMinor = 0 }) =>
      deviceMajor === undefined ? [] : [[deviceMajor, deviceMinor] as const],
    ),
    xattrs: entries.flatMap(({ xattrs }, index) =>
      xattrs === undefined
        ? []
        : [[index, [...xattrs].map(([name, bytes]) => [name, hexText(bytes)] as const)] as const],
    ),
  };
  return concatBytes([
    encodeUtf8(`${JSON.stringify(head)}\n`),
    doubles(shape),
    doubles(entries.map(({ mtime }) => mtime)),
    doubles(files.map((file) => file.size)),
    doubles(files.map(({ offset = 0 }) => offset)),
    Buffer.from(files.map(({ sha256 = '' }) => sha256).join(''), 'hex'),
    encodeByteText(entries.map(({ path }) => path).join(separator)),
  ]);
}

/** Undefined for anything but what `encodeIndex` made on a machine like this. */
export function decodeIndex(remembered: unknown): LayerIndex | undefined {
  try {
    return remembered instanceof Uint8Array ? fromColumns(remembered) : undefined;
  } catch (error) {
    // Of another form: no JSON, not what was expected in it, columns that are not there.
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function fromColumns(bytes: Uint8Array): LayerIndex | undefined {
  const end = bytes.indexOf(0x0a) + 1;
  const head = JSON.parse(decodeUtf8(bytes.subarray(0, end))) as Head;
  const { diffId, size, count, files, links, devices } = head;
  if (head.order !== endianness() || !isDigest(diffId) || typeof size !== 'number') return undefined;
  let at = end;
  const column = (length: number) => {
    const values = new Float64Array(bytes.slice(at, at + length * 8).buffer);
    at += length * 8;
    return values;
  };
  const shape = column(count);
  const mtime = column(count);
  const sizes = column(files);
  const offsets = column(files);
  const lengths = [shape.length === count, mtime.length === count, sizes.length === files, offsets.length === files];
  if (lengths.includes(false)) return undefined;
  const sha256 = hexText(bytes.subarray(at, at + files * 32));
  const paths = count === 0 ? [] : decodeByteText(bytes.subarray(at + files * 32)).split(separator);
  if (paths.length !== count || sha256.length !== files * 64) return undefined;
  const shapes = head.shapes.map(shapeOf);
  const xattrs = new Map(head.xattrs);
  const entries = new Array<LayerEntry>(count);
  let file = 0;
  let link = 0;
  let device = 0;
  for (let index = 0; index < count; index++) {
    const of = shapes[shape[index] as number];
    const path = paths[index] as string;
    const time = small(mtime[index] as number);
    if (of === undefined) return undefined;
    const { type, mode, uid, gid } = of;
    let entry: LayerEntry;
    // Spelled out, in the form in which they were read: see IndexPass.
    if (type === 'file') {
      if (file === files) return undefined;
      const length = small(sizes[file] as number);
      const offset = small(offsets[file] as number);
      const hex = sha256.slice(file * 64, file * 64 + 64);
      entry = { path, type, mode, uid, gid, mtime: time, size: length, offset, sha256: hex };
      file++;
    } else if (type === 'symlink' || type === 'hardlink') {
      const linkTarget = links[link++];
      if (typeof linkTarget !== 'string') return undefined;
      entry = { path, type, mode, uid, gid, mtime: time, size: 0, linkTarget };
    } else if (type === 'character' || type === 'block') {
      const [deviceMajor, deviceMinor] = devices[device++] ?? [];
      entry = { path, type, mode, uid, gid, mtime: time, size: 0, deviceMajor, deviceMinor };
    } else entry = { path, type, mode, uid, gid, mtime: time, size: 0 };
    const attributes = xattrs.get(index);
    entries[index] = attributes === undefined ? entry : { ...entry, xattrs: attributesOf(attributes) };
  }
  return file === files ? { entries, diffId, size } : undefined;
}

function shapeOf([letter, mode, uid, gid]: Shape) {
  const type = types.get(letter);
  return type === undefined || ![mode, uid, gid].every(Number.isInteger) ? undefined : { type, mode, uid, gid };
}

function attributesOf(attributes: readonly (readonly [name: string, hex: string])[]): ReadonlyMap<string, Uint8Array> {
  return new Map(attributes.map(([name, hex]) => [name, new Uint8Array(Buffer.from(hex, 'hex'))]));
}

/** The same number in the form that takes no memory of its own, where it has one. */
function small(value: number): number {
  const integer = value | 0;
  return integer === value ? integer : value;
}

function doubles(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer);
}

function hexText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
