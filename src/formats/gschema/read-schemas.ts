import { SlimimageError } from '../../errors.ts';
import { StringTable } from '../glib/string-table.ts';
import { parseVariantText } from '../gvariant/parse-text.ts';
import type { TypedValue } from '../gvariant/serialise.ts';
import { parseType, type VariantType } from '../gvariant/type.ts';
import { attributeOf, elementsOf, readXml, textOf, type XmlElement } from '../xml/read-xml.ts';
import { isAllowed } from './allowed.ts';
import { addAlias, addWord, noStringInfo, type StringInfo } from './string-info.ts';
import type { Schema, SchemaFile, SchemaItem, SchemaKey, Schemas } from './types.ts';

export interface KnownSchemas {
  readonly schemas: Schemas;
  readonly enumerations: { readonly enum: Map<string, StringInfo>; readonly flags: Map<string, StringInfo> };
}

/**
 * Adds the schemas of one file, all or none (gschema.dtd of GLib).
 * @throws SlimimageError XML_INVALID, GVARIANT_INVALID, GSCHEMA_INVALID for a file that glib-compile-schemas(1) leaves out.
 */
export function readSchemas(file: SchemaFile, { schemas, enumerations }: KnownSchemas): void {
  const root = readXml(file.bytes, file.name);
  if (root.name !== 'schemalist') throw wrong(file, 'its element is no schemalist');
  const added: Added = { schemas: new Map(), enum: new Map(), flags: new Map() };
  const find = {
    schema: (id: string) => added.schemas.get(id) ?? schemas.get(id),
    words: (kind: 'enum' | 'flags', id: string) => added[kind].get(id) ?? enumerations[kind].get(id),
  };
  for (const element of elementsOf(root)) {
    const context = { file, find, domain: attributeOf(root, 'gettext-domain') };
    const id = needed(element, 'id', context);
    if (element.name === 'schema') {
      if (find.schema(id) !== undefined) throw wrong(file, `schema ${id} is there twice`);
      added.schemas.set(id, readSchema(element, context));
    } else if (element.name === 'enum' || element.name === 'flags') {
      if (find.words(element.name, id) !== undefined) throw wrong(file, `${element.name} ${id} is there twice`);
      added[element.name].set(id, readWords(element, context));
    } else throw wrong(file, `it has an unknown element ${element.name}`);
  }
  for (const [id, schema] of added.schemas) schemas.set(id, schema);
  for (const [id, info] of added.enum) enumerations.enum.set(id, info);
  for (const [id, info] of added.flags) enumerations.flags.set(id, info);
}

interface Added {
  readonly schemas: Map<string, Schema>;
  readonly enum: Map<string, StringInfo>;
  readonly flags: Map<string, StringInfo>;
}

interface Context {
  readonly file: SchemaFile;
  readonly domain: string | undefined;
  readonly find: {
    schema(id: string): Schema | undefined;
    words(kind: 'enum' | 'flags', id: string): StringInfo | undefined;
  };
}

function readWords(element: XmlElement, context: Context): StringInfo {
  let info = noStringInfo;
  for (const child of elementsOf(element)) {
    const value = Number(needed(child, 'value', context));
    if (child.name !== 'value' || !Number.isInteger(value))
      throw wrong(context.file, `${element.name} has a wrong value`);
    // No flag at all is an empty list.
    if (element.name === 'flags' && value === 0) continue;
    info = addWord(info, needed(child, 'nick', context), value);
  }
  if (info.words.size === 0) throw wrong(context.file, `${element.name} has no value`);
  return info;
}

function readSchema(element: XmlElement, context: Context): Schema {
  const base = attributeOf(element, 'extends');
  const parent = base === undefined ? undefined : context.find.schema(base);
  if (base !== undefined && parent === undefined) throw wrong(context.file, `schema ${base} is not there yet`);
  const keys = new StringTable<SchemaItem>();
  const own = { ...context, domain: attributeOf(element, 'gettext-domain') ?? context.domain };
  for (const child of elementsOf(element)) {
    const name = needed(child, 'name', own);
    if (child.name === 'key') keys.set(name, readKey(child, own));
    else if (child.name === 'child') keys.set(`${name}/`, { type: 'child', schema: needed(child, 'schema', own) });
    else if (child.name === 'override') keys.set(name, overridden(child, { name, parent, context: own }));
    else throw wrong(context.file, `it has an unknown element ${child.name}`);
  }
  const path = attributeOf(element, 'path');
  if (path !== undefined && !/^\/(?:.*\/)?$/.test(path)) throw wrong(context.file, `${path} is no path of a schema`);
  return { path, domain: own.domain, extends: base, listOf: attributeOf(element, 'list-of') ?? parent?.listOf, keys };
}

function readKey(element: XmlElement, context: Context): SchemaKey {
  const { valueType, words: named } = readKeyType(element, context);
  const children = new Map(elementsOf(element).map((child) => [child.name, child]));
  const words = withAliases(children, {
    words: withChoices(children.get('choices'), { words: named, context }),
    context,
  });
  const source = children.get('default');
  if (source === undefined) throw wrong(context.file, `key ${attributeOf(element, 'name')} has no default`);
  const range = readRange(children.get('range'), valueType);
  return {
    type: 'key',
    valueType,
    words,
    range,
    desktops: undefined,
    ...readDefault(source, { valueType, words, range, context }),
  };
}

function readKeyType(element: XmlElement, context: Context): Pick<SchemaKey, 'valueType' | 'words'> {
  for (const kind of ['enum', 'flags'] as const) {
    const id = attributeOf(element, kind);
    if (id === undefined) continue;
    const info = context.find.words(kind, id);
    if (info === undefined) throw wrong(context.file, `${kind} ${id} is not there yet`);
    return { valueType: parseType(kind === 'enum' ? 's' : 'as'), words: { kind, info } };
  }
  return { valueType: parseType(needed(element, 'type', context)), words: undefined };
}

type Words = SchemaKey['words'];

function withChoices(
  element: XmlElement | undefined,
  { words, context }: { readonly words: Words; readonly context: Context },
): Words {
  if (element === undefined) return words;
  const info = elementsOf(element).reduce(
    (sum, choice) => addWord(sum, needed(choice, 'value', context), 0),
    noStringInfo,
  );
  return { kind: 'choices', info };
}

function withAliases(
  children: ReadonlyMap<string, XmlElement>,
  { words, context }: { readonly words: Words; readonly context: Context },
): Words {
  const element = children.get('aliases');
  if (element === undefined || words === undefined) return words;
  const info = elementsOf(element).reduce((sum, alias) => {
    const target = needed(alias, 'target', context);
    const more = addAlias(sum, needed(alias, 'value', context), target);
    if (more === undefined) throw wrong(context.file, `an alias means ${target}, which is not there`);
    return more;
  }, words.info);
  return { ...words, info };
}

function readRange(element: XmlElement | undefined, type: VariantType): SchemaKey['range'] {
  if (element === undefined) return undefined;
  const [least, most] = bounds[type.text] ?? ['', ''];
  return [
    parseVariantText(attributeOf(element, 'min') ?? least, type),
    parseVariantText(attributeOf(element, 'max') ?? most, type),
  ];
}

/** What a range that names one end only has at the other. */
const bounds: Readonly<Record<string, readonly [least: string, most: string]>> = {
  y: ['0', '255'],
  n: ['-32768', '32767'],
  q: ['0', '65535'],
  i: ['-2147483648', '2147483647'],
  u: ['0', '4294967295'],
  x: ['-9223372036854775808', '9223372036854775807'],
  t: ['0', '18446744073709551615'],
  d: ['-inf', 'inf'],
};

interface DefaultOptions extends Pick<SchemaKey, 'valueType' | 'words' | 'range'> {
  readonly context: Context;
}

function readDefault(element: XmlElement, options: DefaultOptions): Pick<SchemaKey, 'default' | 'localised'> {
  const { valueType, context } = options;
  const text = textOf(element);
  const value: TypedValue = parseVariantText(text, valueType);
  if (!isAllowed(value, options))
    throw wrong(context.file, `${text.trim()} is not among the values that a key may have`);
  const category = attributeOf(element, 'l10n');
  if (category === undefined) return { default: value, localised: undefined };
  if (context.domain === undefined || !/^(?:messages|time)$/.test(category))
    throw wrong(context.file, 'a default is to be translated, and nothing says how');
  const note = attributeOf(element, 'context');
  const source = text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
  // gettext's way to write a context: before the text, with an end of transmission between.
  return { default: value, localised: { category, text: note === undefined ? source : `${note}\x04${source}` } };
}

function overridden(
  element: XmlElement,
  { name, parent, context }: { readonly name: string; readonly parent: Schema | undefined; readonly context: Context },
): SchemaKey {
  let from = parent;
  while (from !== undefined && !from.keys.has(name))
    from = from.extends === undefined ? undefined : context.find.schema(from.extends);
  const original = from?.keys.get(name);
  if (original?.type !== 'key') throw wrong(context.file, `there is no key ${name} to override`);
  return { ...original, desktops: undefined, ...readDefault(element, { ...original, context }) };
}

function needed(element: XmlElement, name: string, { file }: Context): string {
  const value = attributeOf(element, name);
  if (value === undefined) throw wrong(file, `${element.name} has no ${name}`);
  return value;
}

function wrong({ name }: SchemaFile, reason: string): SlimimageError {
  return new SlimimageError({ code: 'GSCHEMA_INVALID', message: `${name} is left out: ${reason}` });
}
