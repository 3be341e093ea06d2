import { concatBytes } from '../../util/bytes.ts';
import { compareStrings, encodeUtf8 } from '../../util/text.ts';
import { djbHash, type StringTable } from '../glib/string-table.ts';

/** What a key of a GVDB table has: bytes of a serialised variant of type `v`, a table, or a list of keys of the same table. */
export type GvdbItem =
  | { readonly type: 'value'; readonly bytes: Uint8Array; readonly parent?: string | undefined }
  | { readonly type: 'table'; readonly table: GvdbTable; readonly parent?: string | undefined }
  | { readonly type: 'list' };

/** Items of a `parent` are that list's children, by their whole key. */
export type GvdbTable = StringTable<GvdbItem>;

/** A GVDB file, little-endian, byte for byte as gvdb-builder.c writes it (GLib, gvdb-format.h). */
export function writeGvdb(table: GvdbTable): Uint8Array {
  const builder: Builder = { chunks: [], size: 24 };
  const root = addTable(builder, table);
  const header = new Uint8Array(24);
  header.set(encodeUtf8('GVariant'));
  const view = new DataView(header.buffer);
  view.setUint32(16, root.start, true);
  view.setUint32(20, root.end, true);
  return concatBytes([header, ...builder.chunks]);
}

interface Builder {
  readonly chunks: Uint8Array[];
  size: number;
}

interface Item {
  readonly key: string;
  readonly hash: number;
  readonly item: GvdbItem;
}

const noParent = 0xffff_ffff;
const itemSize = 24;

function addTable(builder: Builder, table: GvdbTable): { start: number; end: number } {
  const buckets = bucketsOf(table);
  const items = buckets.flat();
  const indexes = new Map(items.map(({ key }, at) => [key, at]));
  const bytes = new Uint8Array(8 + 4 * buckets.length + itemSize * items.length);
  const place = allocate(builder, bytes, 4);
  const view = new DataView(bytes.buffer);
  // The bloom filter has no words and a shift of 5.
  view.setUint32(0, (5 << 27) >>> 0, true);
  view.setUint32(4, buckets.length, true);
  let first = 0;
  buckets.forEach((bucket, at) => {
    view.setUint32(8 + 4 * at, first, true);
    first += bucket.length;
  });
  items.forEach((one, at) => {
    const start = 8 + 4 * buckets.length + itemSize * at;
    const parent = one.item.type === 'list' ? undefined : one.item.parent;
    const name = encodeUtf8(parent === undefined ? one.key : one.key.slice(parent.length));
    view.setUint32(start, one.hash, true);
    view.setUint32(start + 4, parent === undefined ? noParent : (indexes.get(parent) ?? noParent), true);
    view.setUint32(start + 8, allocate(builder, name, 1).start, true);
    view.setUint16(start + 12, name.length, true);
    const value = addValue(builder, one, { items, indexes });
    view.setUint8(start + 14, value.type.charCodeAt(0));
    view.setUint32(start + 16, value.start, true);
    view.setUint32(start + 20, value.end, true);
  });
  return place;
}

/** Each bucket has its items in the reverse of the order in which the table is walked. */
function bucketsOf(table: GvdbTable): readonly (readonly Item[])[] {
  const buckets: Item[][] = Array.from({ length: table.size }, () => []);
  for (const [key, item] of table.entries()) {
    const hash = djbHash(key);
    (buckets[hash % buckets.length] as Item[]).unshift({ key, hash, item });
  }
  return buckets;
}

function addValue(
  builder: Builder,
  { key, item }: Item,
  { items, indexes }: { readonly items: readonly Item[]; readonly indexes: ReadonlyMap<string, number> },
): { type: string; start: number; end: number } {
  switch (item.type) {
    case 'value':
      return { type: 'v', ...allocate(builder, item.bytes, 8) };
    case 'table':
      return { type: 'H', ...addTable(builder, item.table) };
    case 'list': {
      const children = items
        .filter((one) => one.item.type !== 'list' && one.item.parent === key)
        .map((one) => one.key)
        .sort(compareStrings);
      if (children.length === 0) return { type: '\0', start: 0, end: 0 };
      const bytes = new Uint8Array(4 * children.length);
      const view = new DataView(bytes.buffer);
      children.forEach((child, at) => {
        view.setUint32(4 * at, indexes.get(child) as number, true);
      });
      return { type: 'L', ...allocate(builder, bytes, 4) };
    }
  }
}

function allocate(builder: Builder, bytes: Uint8Array, alignment: number): { start: number; end: number } {
  const start = Math.ceil(builder.size / alignment) * alignment;
  builder.chunks.push(new Uint8Array(start - builder.size), bytes);
  builder.size = start + bytes.length;
  return { start, end: builder.size };
}
