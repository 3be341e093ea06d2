import { compareStrings } from '../../util/text.ts';
import { StringTable } from '../glib/string-table.ts';
import { CacheWriter, type Place } from './cache-writer.ts';
import { suffixTree, weightAndFlags, writeSuffixes } from './suffix-tree.ts';
import type { Glob, Magic, Match, MimeDatabase } from './types.ts';

/** mime.cache (Shared MIME-info Database specification, "The mime.cache files"): version 1.2, big-endian. */
export function writeMimeCache(database: SortedDatabase): Uint8Array {
  const cache = new CacheWriter();
  cache.skip(headerSize);
  const place = cache.strings(collectStrings(database));
  const sections = [
    () => writeMap(cache, pairs(database.aliases), place),
    () => writeParents(cache, { parents: database.parents, place }),
    () => writeMap(cache, globTriples(database, 'literal'), place),
    () => writeSuffixes(cache, { tree: suffixTree(globsOf(database, 'suffix')), place }),
    () => writeMap(cache, globTriples(database, 'full'), place),
    () => writeMagic(cache, { magic: database.magic, place }),
    () => writeMap(cache, namespaceTriples(database), place),
    () => writeMap(cache, pairs(database.icons), place),
    () => writeMap(cache, pairs(database.genericIcons), place),
    // update-mime-database looks the names up with a line break at their end and finds none: zeros.
    () => cache.numbers([database.types.size, ...Array.from({ length: database.types.size }, () => 0)]),
  ];
  const starts = sections.map((write) => {
    const start = cache.size;
    write();
    return start;
  });
  return cache.finish([(1 << 16) | 2, ...starts]);
}

const headerSize = 44;

/** With its magic in the order of the file `magic`. */
type SortedDatabase = Omit<MimeDatabase, 'magic'> & { readonly magic: readonly Magic[] };

/** In the order in which update-mime-database(1) comes to know them. */
function collectStrings({ aliases, parents, globs, magic, namespaces, icons, genericIcons }: SortedDatabase) {
  const strings = new StringTable<number>();
  const add = (...texts: readonly string[]) => {
    for (const text of texts) strings.set(text, 0);
  };
  for (const [alias, type] of aliases.entries()) add(alias, type);
  for (const [type, list] of parents.entries()) add(type, ...list);
  for (const [pattern, list] of globs.entries()) {
    if (globKind(pattern) !== 'suffix') add(pattern);
    add(...list.map(({ type }) => type));
  }
  add(...magic.map(({ type }) => type));
  for (const [name, type] of namespaces.entries()) add(type, ...splitName(name));
  for (const [type, icon] of genericIcons.entries()) add(type, icon);
  for (const [type, icon] of icons.entries()) add(type, icon);
  return strings;
}

type Row = readonly (string | number)[];

function writeMap(cache: CacheWriter, rows: readonly Row[], place: Place): void {
  cache.numbers([rows.length, ...rows.flat().map((value) => (typeof value === 'number' ? value : place(value)))]);
}

function pairs(table: StringTable<string>): readonly Row[] {
  return sortedKeys(table).map((key) => [key, table.get(key) as string]);
}

function namespaceTriples({ namespaces }: SortedDatabase): readonly Row[] {
  return sortedKeys(namespaces).map((name) => [...splitName(name), namespaces.get(name) as string]);
}

function splitName(name: string): readonly string[] {
  const space = name.indexOf(' ');
  return [name.slice(0, space), name.slice(space + 1)];
}

type GlobKind = 'literal' | 'suffix' | 'full';

function globKind(pattern: string): GlobKind {
  if (/[\\[?*]/.test(pattern.slice(1)) || /^[\\[?]/.test(pattern)) return 'full';
  return pattern.startsWith('*') ? 'suffix' : 'literal';
}

function globTriples(database: SortedDatabase, kind: GlobKind): readonly Row[] {
  const { globs } = database;
  return sortedKeys(globs)
    .filter((pattern) => globKind(pattern) === kind)
    .flatMap((pattern) => (globs.get(pattern) ?? []).map((glob) => [pattern, glob.type, weightAndFlags(glob)]));
}

function* globsOf({ globs }: SortedDatabase, kind: GlobKind): Generator<readonly [string, readonly Glob[]]> {
  for (const [pattern, list] of globs.entries()) if (globKind(pattern) === kind) yield [pattern, list];
}

function sortedKeys(table: StringTable<unknown>): readonly string[] {
  return [...table.entries()].map(([key]) => key).sort(compareStrings);
}

function writeParents(
  cache: CacheWriter,
  { parents, place }: { readonly parents: MimeDatabase['parents']; readonly place: Place },
): void {
  const rows = sortedKeys(parents).map((type) => ({ type, list: parents.get(type) ?? [] }));
  let at = cache.size + 4 + 8 * rows.length;
  const heads = rows.flatMap(({ type, list }) => {
    const head = [place(type), at];
    at += 4 + 4 * list.length;
    return head;
  });
  cache.numbers([rows.length, ...heads]);
  for (const { list } of rows) cache.numbers([list.length, ...list.map(place)]);
}

function writeMagic(
  cache: CacheWriter,
  { magic, place }: { readonly magic: readonly Magic[]; readonly place: Place },
): void {
  const matches = magic.flatMap((one) => collectMatches(one.matches));
  const indexes = new Map(matches.map((match, at) => [match, at]));
  const extent = Math.max(0, ...matches.map(({ start, length, data }) => start + length + data.length));
  const rules = cache.size + 12;
  const first = rules + 16 * magic.length;
  const placeOf = (list: readonly Match[]) => first + 32 * (indexes.get(list[0] as Match) as number);
  cache.numbers([magic.length, extent, rules]);
  for (const one of magic) cache.numbers([one.priority, place(one.type), one.matches.length, placeOf(one.matches)]);
  let at = first + 32 * matches.length;
  const allocate = (bytes: Uint8Array | undefined) => {
    const start = bytes === undefined ? 0 : at;
    at += 4 * Math.ceil((bytes?.length ?? 0) / 4);
    return start;
  };
  for (const { start, length, wordSize, data, mask, matches: inner } of matches) {
    const fixed = [start, length, wordSize, data.length, allocate(data), allocate(mask)];
    cache.numbers([...fixed, inner.length, inner.length === 0 ? 0 : placeOf(inner)]);
  }
  for (const { data, mask } of matches) {
    cache.data(data);
    if (mask !== undefined) cache.data(mask);
  }
}

/** Each level before the ones below it. */
function collectMatches(matches: readonly Match[]): readonly Match[] {
  return [...matches, ...matches.flatMap((match) => collectMatches(match.matches))];
}
