import { SlimimageError } from '../../errors.ts';
import { compareStrings, encodeUtf8 } from '../../util/text.ts';
import { StringTable } from '../glib/string-table.ts';
import { serialise, type TypedValue } from '../gvariant/serialise.ts';
import { arrayOf, parseType, tupleOf } from '../gvariant/type.ts';
import { type GvdbItem, type GvdbTable, writeGvdb } from '../gvdb/write-gvdb.ts';
import { applyOverrides } from './overrides.ts';
import { readSchemas } from './read-schemas.ts';
import type { Schema, SchemaFile, SchemaItem, SchemaKey, Schemas } from './types.ts';

export interface CompiledSchemas {
  /** gschemas.compiled. */
  readonly bytes: Uint8Array;
  readonly schemas: number;
  /** Files and overrides that were left out, as glib-compile-schemas(1) leaves them out, each with its reason. */
  readonly problems: readonly string[];
}

/**
 * What glib-compile-schemas(1) writes of the files of a folder, byte for byte: schemas and enumerations (`*.gschema.xml`,
 * `*.enums.xml`, enumerations first), then overrides (`*.gschema.override`), each in byte order of the names.
 */
export function compileSchemas(files: readonly SchemaFile[]): CompiledSchemas {
  const problems: string[] = [];
  const schemas: Schemas = new StringTable();
  const sources = files.filter(({ name }) => /\.(?:gschema|enums)\.xml$/.test(name)).sort(compareFiles);
  const enumerations = { enum: new Map(), flags: new Map() };
  for (const file of sources) attempt(problems, () => readSchemas(file, { schemas, enumerations }));
  for (const file of files.filter(({ name }) => name.endsWith('.gschema.override')).sort(compareFiles))
    problems.push(...applyOverrides(file, schemas));
  return { bytes: writeGvdb(schemasTable(schemas)), schemas: schemas.size, problems };
}

function attempt(problems: string[], read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof SlimimageError)) throw error;
    problems.push(error.message);
  }
}

function compareFiles(a: SchemaFile, b: SchemaFile): number {
  const isEnumeration = ({ name }: SchemaFile) => Number(name.endsWith('.enums.xml'));
  return isEnumeration(b) - isEnumeration(a) || compareStrings(a.name, b.name);
}

function schemasTable(schemas: Schemas): GvdbTable {
  const table = listTable();
  for (const [id, schema] of schemas.entries())
    table.set(id, { type: 'table', table: schemaTable(schema), parent: '' });
  return table;
}

function schemaTable({ keys, path, domain, extends: base, listOf }: Schema): GvdbTable {
  const table = listTable();
  let localised = false;
  for (const [name, item] of keys.entries()) {
    table.set(name, { type: 'value', bytes: variant(itemValue(item)), parent: '' });
    localised ||= item.type === 'key' && item.localised !== undefined;
  }
  const facts = {
    '.path': path,
    '.extends': base,
    '.list-of': listOf,
    '.gettext-domain': localised ? domain : undefined,
  };
  for (const [name, text] of Object.entries(facts)) {
    if (text !== undefined) table.set(name, { type: 'value', bytes: variant(string(text)) });
  }
  return table;
}

function listTable(): GvdbTable {
  const table = new StringTable<GvdbItem>();
  table.set('', { type: 'list' });
  return table;
}

function itemValue(item: SchemaItem): TypedValue {
  return item.type === 'child' ? string(item.schema) : keyValue(item);
}

/** The default and what else is known, each with a letter: gsettingsschema.c of GLib reads them. */
function keyValue({ default: value, localised, words, range, desktops }: SchemaKey): TypedValue {
  const parts = [value];
  if (localised !== undefined) parts.push(tagged('l', tuple(byte(localised.category), string(localised.text))));
  if (words !== undefined) parts.push(tagged(tags[words.kind], numbers(words.info.bytes)));
  if (range !== undefined) parts.push(tagged('r', tuple(...range)));
  if (desktops !== undefined) parts.push(tagged('d', dictionary(desktops)));
  return tuple(...parts);
}

const tags = { enum: 'e', flags: 'f', choices: 'c' } as const;

function variant(value: TypedValue): Uint8Array {
  return serialise({ type: parseType('v'), value });
}

function tagged(letter: string, value: TypedValue): TypedValue {
  return tuple(byte(letter), value);
}

function tuple(...parts: readonly TypedValue[]): TypedValue {
  return { type: tupleOf(parts.map(({ type }) => type)), value: parts.map(({ value }) => value) };
}

function byte(letter: string): TypedValue {
  return { type: parseType('y'), value: encodeUtf8(letter)[0] ?? 0 };
}

function string(value: string): TypedValue {
  return { type: parseType('s'), value };
}

function numbers(bytes: Uint8Array): TypedValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const value = Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(4 * at, true));
  return { type: arrayOf(parseType('u')), value };
}

function dictionary(table: StringTable<TypedValue>): TypedValue {
  return { type: parseType('a{sv}'), value: [...table.entries()].map(([key, value]) => [key, value]) };
}
