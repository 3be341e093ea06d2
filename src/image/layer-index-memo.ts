import type { EntryType, LayerEntry } from '../rootfs/entry.ts';
import type { Memo } from '../store/memo.ts';
import { type Digest, isDigest } from '../util/digest.ts';
import type { LayerIndex } from './types.ts';

/** The form below; another number forgets what was remembered. */
const format = 1;
const namespace = 'layer-index';

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

/** One entry as a row: a layer has a hundred thousand of them, and names of members would be most of the text. */
type Row = [
  path: string,
  letter: string,
  mode: number,
  uid: number,
  gid: number,
  mtime: number,
  size: number,
  offset: number | null,
  sha256: string | null,
  link: string | null,
  device: [major: number, minor: number] | null,
  xattrs: [name: string, hex: string][] | null,
];

/** The index of that layer, with hashes where they are wanted; undefined where it is not known. */
export async function recallLayerIndex(memo: Memo, diffId: Digest, hashes: boolean): Promise<LayerIndex | undefined> {
  const plain = hashes ? undefined : decode(await memo.get(namespace, keyOf(diffId, false)), diffId);
  return plain ?? decode(await memo.get(namespace, keyOf(diffId, true)), diffId);
}

export async function rememberLayerIndex(memo: Memo, index: LayerIndex, hashes: boolean): Promise<void> {
  const value = { diffId: index.diffId, size: index.size, rows: index.entries.map(toRow) };
  await memo.set(namespace, keyOf(index.diffId, hashes), value);
}

function keyOf(diffId: Digest, hashes: boolean): string {
  return `${format} ${diffId}${hashes ? ' hashes' : ''}`;
}

function decode(value: unknown, wanted: Digest): LayerIndex | undefined {
  if (typeof value !== 'object' || value === null || !('diffId' in value) || !('size' in value) || !('rows' in value))
    return undefined;
  const { diffId, size, rows } = value;
  if (typeof diffId !== 'string' || !isDigest(diffId) || diffId !== wanted || typeof size !== 'number')
    return undefined;
  if (!Array.isArray(rows)) return undefined;
  const entries: LayerEntry[] = [];
  for (const row of rows as readonly unknown[]) {
    const entry = Array.isArray(row) ? fromRow(row as Row) : undefined;
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  return { entries, diffId, size };
}

function toRow(entry: LayerEntry): Row {
  const { path, type, mode, uid, gid, mtime, size, offset, sha256, linkTarget, deviceMajor, deviceMinor, xattrs } =
    entry;
  const device: Row[10] = deviceMajor === undefined ? null : [deviceMajor, deviceMinor ?? 0];
  const attributes =
    xattrs === undefined
      ? null
      : [...xattrs].map(([name, bytes]): [string, string] => [name, Buffer.from(bytes).toString('hex')]);
  return [
    path,
    letters[type],
    mode,
    uid,
    gid,
    mtime,
    size,
    offset ?? null,
    sha256 ?? null,
    linkTarget ?? null,
    device,
    attributes,
  ];
}

function fromRow(row: Row): LayerEntry | undefined {
  const [path, letter, mode, uid, gid, mtime, size, offset, sha256, link, device, xattrs] = row;
  const type = types.get(letter);
  if (type === undefined || typeof path !== 'string' || typeof mode !== 'number' || typeof size !== 'number')
    return undefined;
  return {
    path,
    type,
    mode,
    uid,
    gid,
    mtime,
    size,
    ...(offset === null ? {} : { offset }),
    ...(sha256 === null ? {} : { sha256 }),
    ...(link === null ? {} : { linkTarget: link }),
    ...(device === null ? {} : { deviceMajor: device[0], deviceMinor: device[1] }),
    ...(xattrs === null
      ? {}
      : { xattrs: new Map(xattrs.map(([name, hex]) => [name, new Uint8Array(Buffer.from(hex, 'hex'))])) }),
  };
}
