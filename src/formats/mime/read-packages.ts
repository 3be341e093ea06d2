import { SlimimageError } from '../../errors.ts';
import { compareStrings, encodeUtf8 } from '../../util/text.ts';
import { StringTable } from '../glib/string-table.ts';
import { attributeOf, elementsOf, readXml, type XmlElement } from '../xml/read-xml.ts';
import { numberOf, readMagic, readTreeMagic } from './read-magic.ts';
import { type MimeDatabase, type MimeType, mimeNamespace } from './types.ts';

/** A file of usr/share/mime/packages. */
export interface MimePackage {
  /** Without folder: the files are read in the byte order of their names, `Override.xml` last. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Reads packages as update-mime-database(1) does: what is wrong leaves out the rest of its type, or its file. */
export function readMimePackages(packages: readonly MimePackage[]): MimeDatabase {
  const database: MimeDatabase = {
    types: new StringTable(),
    namespaces: new StringTable(),
    globs: new StringTable(),
    magic: [],
    treeMagic: [],
    parents: new StringTable(),
    aliases: new StringTable(),
    icons: new StringTable(),
    genericIcons: new StringTable(),
    problems: [],
  };
  const isLast = ({ name }: MimePackage) => Number(name === 'Override.xml');
  const sorted = packages
    .filter(({ name }) => name.endsWith('.xml'))
    .sort((a, b) => isLast(a) - isLast(b) || compareStrings(a.name, b.name));
  for (const file of sorted) attempt(database, () => readPackage(file, database));
  return database;
}

/** Pattern under which types stand that delete earlier patterns. */
export const deletedGlobs = '__NOGLOBS__';

function attempt({ problems }: MimeDatabase, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof SlimimageError)) throw error;
    problems.push(error.message);
  }
}

function readPackage({ name, bytes }: MimePackage, database: MimeDatabase): void {
  const root = readXml(bytes, name);
  if (root.name !== 'mime-info' || root.namespace !== mimeNamespace) throw wrong(`${name} has no mime-info`);
  for (const element of elementsOf(root)) attempt(database, () => readType(element, { file: name, database }));
}

function readType(
  element: XmlElement,
  { file, database }: { readonly file: string; readonly database: MimeDatabase },
): void {
  const name = attributeOf(element, 'type');
  if (element.name !== 'mime-type' || element.namespace !== mimeNamespace || name === undefined)
    throw wrong(`${file} has an element that is no mime-type`);
  // Its file is named after it.
  if (!/^(?!\.)[^/\0\n]{1,200}\/(?!\.)[^/\0\n]{1,200}$/.test(name)) throw wrong(`${file} names a wrong type ${name}`);
  const type = database.types.get(name) ?? { name, elements: new Map() };
  database.types.set(name, type);
  for (const field of elementsOf(element)) {
    try {
      if (field.namespace !== mimeNamespace || readField(field, { type, database })) addElement(type, field);
    } catch (error) {
      if (!(error instanceof SlimimageError)) throw error;
      throw wrong(`${name} in ${file}: ${error.message}`);
    }
  }
}

/** @returns whether the element stands in the type's own file */
function readField(
  field: XmlElement,
  { type, database }: { readonly type: MimeType; readonly database: MimeDatabase },
): boolean {
  const { name } = type;
  switch (field.name) {
    case 'glob':
      readGlob(field, { name, database });
      return true;
    case 'glob-deleteall':
      addGlob(database, { pattern: deletedGlobs, type: name, weight: 0, caseSensitive: false, deletes: true });
      return true;
    case 'magic':
      database.magic.push(readMagic(field, name));
      return false;
    case 'magic-deleteall':
      database.magic.push(deletingMagic(name));
      return false;
    case 'treemagic':
      database.treeMagic.push(readTreeMagic(field, name));
      return false;
    case 'comment':
    case 'acronym':
    case 'expanded-acronym':
      return true;
    case 'alias':
      database.aliases.set(otherType(field), name);
      return true;
    case 'sub-class-of': {
      const parents = database.parents.get(name) ?? [];
      parents.push(otherType(field));
      database.parents.set(name, parents);
      return true;
    }
    case 'root-XML':
      readNamespace(field, { name, database });
      return false;
    case 'icon':
    case 'generic-icon': {
      const icon = attributeOf(field, 'name');
      const table = field.name === 'icon' ? database.icons : database.genericIcons;
      if (icon !== undefined) table.set(name, icon);
      return icon !== undefined;
    }
    default:
      return false;
  }
}

interface FieldContext {
  readonly name: string;
  readonly database: MimeDatabase;
}

function readGlob(field: XmlElement, { name, database }: FieldContext): void {
  const pattern = attributeOf(field, 'pattern');
  const weight = numberOf(field, 'weight');
  if (pattern === undefined || pattern === '') throw wrong('a glob has no pattern');
  const caseSensitive = attributeOf(field, 'case-sensitive') === 'true';
  const key = caseSensitive ? pattern : pattern.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  addGlob(database, { pattern: key, type: name, weight, caseSensitive, deletes: false });
}

function addGlob(database: MimeDatabase, glob: Parameters<MimeDatabase['globs']['set']>[1][number]): void {
  database.globs.set(glob.pattern, [...(database.globs.get(glob.pattern) ?? []), glob]);
}

function deletingMagic(type: string): MimeDatabase['magic'][number] {
  const data = encodeUtf8('__NOMAGIC__');
  const match = { start: 0, length: 1, wordSize: 1, data, mask: undefined, matches: [] };
  return { priority: 0, type, matches: [match], deletes: true };
}

/** A later comment of the same language takes the place of an earlier one, and stands last. */
function addElement({ elements }: MimeType, field: XmlElement): void {
  const isComment = field.name === 'comment' && field.namespace === mimeNamespace;
  const key = isComment ? `comment ${attributeOf(field, 'xml:lang') ?? ''}` : `${elements.size} of ${field.name}`;
  elements.delete(key);
  elements.set(key, field);
}

function otherType(field: XmlElement): string {
  const other = attributeOf(field, 'type');
  if (other?.includes('/') !== true) throw wrong(`${field.name} has no type`);
  return other;
}

function readNamespace(field: XmlElement, { name, database }: FieldContext): void {
  const uri = attributeOf(field, 'namespaceURI');
  const local = attributeOf(field, 'localName');
  if (uri === undefined || local === undefined || (uri === '' && local === '') || /[ \n]/.test(uri + local))
    throw wrong('root-XML has no namespaceURI and localName');
  database.namespaces.set(`${uri} ${local}`, name);
}

function wrong(message: string): SlimimageError {
  return new SlimimageError({ code: 'MIME_INVALID', message });
}
