import type { EntryType, LayerEntry } from '../rootfs/entry.ts';
import { isDigest } from '../util/digest.ts';
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
 * An index as columns, one value an entry. A hundred thousand entries as rows or objects take five times as long to read.
 */
interface Columns {
  readonly diffId: string;
  readonly size: number;
  /** Of entries. */
  readonly count: number;
  /** Between two slashes each, which no path has: one long text is read faster than many short ones. */
  readonly paths: string;
  readonly shapes: readonly Shape[];
  /** Places in `shapes`. */
  readonly shape: readonly number[];
  readonly mtime: readonly number[];
  /** One a file, in their order; so are the two below. */
  readonly sizes: readonly number[];
  readonly offsets: readonly number[];
  /** 64 digits each. */
  readonly sha256: string;
  /** One a symlink or hard link. */
  readonly links: readonly string[];
  /** One a device. */
  readonly devices: readonly (readonly [major: number, minor: number])[];
  /** Of the few entries that have some. */
  readonly xattrs: readonly (readonly [index: number, names: readonly (readonly [name: string, hex: string])[]])[];
}

const separator = '//';

export function encodeIndex({ entries, diffId, size }: LayerIndex): unknown {
  const shapes = new Map<string, number>();
  const files = entries.filter(({ type }) => type === 'file');
  const columns: Columns = {
    diffId,
    size,
    count: entries.length,
    paths: entries.map(({ path }) => path).join(separator),
    shape: entries.map(({ type, mode, uid, gid }) => {
      const key = JSON.stringify([letters[type], mode, uid, gid] satisfies Shape);
      const place = shapes.get(key) ?? shapes.size;
      shapes.set(key, place);
      return place;
    }),
    shapes: [...shapes.keys()].map((key): Shape => JSON.parse(key)),
    mtime: entries.map(({ mtime }) => mtime),
    sizes: files.map((file) => file.size),
    offsets: files.map(({ offset = 0 }) => offset),
    sha256: files.map(({ sha256 = '' }) => sha256).join(''),
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
  return columns;
}

/** Undefined for anything but what `encodeIndex` made. */
export function decodeIndex(remembered: unknown): LayerIndex | undefined {
  try {
    return fromColumns(remembered as Columns);
  } catch (error) {
    // A value of another form: TypeErrors of what is not there.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function fromColumns(columns: Columns): LayerIndex | undefined {
  const { diffId, size, count, shape, mtime, sizes, offsets, sha256, links, devices } = columns;
  const paths = count === 0 ? [] : columns.paths.split(separator);
  if (!isDigest(diffId) || typeof size !== 'number' || typeof sha256 !== 'string') return undefined;
  if ([paths, shape, mtime].some(({ length }) => length !== count)) return undefined;
  if (offsets.length !== sizes.length || sha256.length !== sizes.length * 64) return undefined;
  const shapes = columns.shapes.map(shapeOf);
  const xattrs = new Map(columns.xattrs);
  const entries = new Array<LayerEntry>(paths.length);
  let file = 0;
  let link = 0;
  let device = 0;
  for (let index = 0; index < paths.length; index++) {
    const of = shapes[shape[index] as number];
    const path = paths[index];
    const time = mtime[index];
    if (of === undefined || typeof path !== 'string' || typeof time !== 'number') return undefined;
    const { type, mode, uid, gid } = of;
    let entry: LayerEntry;
    // Spelled out, in the form in which they were read: see IndexPass.
    if (type === 'file') {
      const bytes = sizes[file];
      const offset = offsets[file];
      if (typeof bytes !== 'number' || typeof offset !== 'number') return undefined;
      const hex = sha256.slice(file * 64, file * 64 + 64);
      entry = { path, type, mode, uid, gid, mtime: time, size: bytes, offset, sha256: hex };
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
  return file === sizes.length ? { entries, diffId, size } : undefined;
}

function shapeOf([letter, mode, uid, gid]: Shape) {
  const type = types.get(letter);
  return type === undefined || ![mode, uid, gid].every(Number.isInteger) ? undefined : { type, mode, uid, gid };
}

function attributesOf(attributes: readonly (readonly [name: string, hex: string])[]): ReadonlyMap<string, Uint8Array> {
  return new Map(attributes.map(([name, hex]) => [name, new Uint8Array(Buffer.from(hex, 'hex'))]));
}

function hexText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
