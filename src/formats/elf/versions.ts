import { damaged, ElfBytes, type ElfSource, readRange } from './bytes.ts';
import type { Dynamic, VersionTable } from './dynamic.ts';
import { type ElfHeader, locate } from './header.ts';

/** Entries of version tables that are believed, all lists of a file together. */
const maxEntries = 65_536;
const weak = 0x2;
const base = 0x1;

/** DT_VERNEED: library -> versions (Linux Standard Base Core, "Symbol Version Requirements"); weak ones left out. */
export function readVersionsNeeded(
  source: ElfSource,
  header: ElfHeader,
  dynamic: Dynamic,
): Readonly<Record<string, readonly string[]>> {
  const table = dynamic.versionsNeeded;
  if (table === undefined) return {};
  const view = readTable(source, header, table);
  const found = new Map<string, Set<string>>();
  let budget = maxEntries;
  let at = 0;
  for (let index = 0; index < table.count; index++) {
    const library = dynamic.strings.at(view.u32(at + 4));
    const versions = found.get(library) ?? new Set<string>();
    found.set(library, versions);
    let aux = at + view.u32(at + 8);
    for (let left = view.u16(at + 2); left > 0; left--) {
      if (--budget < 0) throw damaged('it needs too many symbol versions');
      if ((view.u16(aux + 4) & weak) === 0) versions.add(dynamic.strings.at(view.u32(aux + 8)));
      aux += nextOffset(view.u32(aux + 12), left);
    }
    at += nextOffset(view.u32(at + 12), table.count - index);
  }
  // fromEntries makes an own property even of a library called "__proto__".
  return Object.fromEntries([...found].map(([library, versions]) => [library, [...versions]]));
}

/** DT_VERDEF: the versions that a library defines, without the base definition that repeats its soname. */
export function readVersionsDefined(source: ElfSource, header: ElfHeader, dynamic: Dynamic): readonly string[] {
  const table = dynamic.versionsDefined;
  if (table === undefined) return [];
  const view = readTable(source, header, table);
  const versions: string[] = [];
  let at = 0;
  for (let index = 0; index < table.count; index++) {
    if (index >= maxEntries) throw damaged('it defines too many symbol versions');
    // The first name is the version's own, those after it are its predecessors.
    if ((view.u16(at + 2) & base) === 0) versions.push(dynamic.strings.at(view.u32(at + view.u32(at + 12))));
    at += nextOffset(view.u32(at + 16), table.count - index);
  }
  return versions;
}

function readTable(source: ElfSource, header: ElfHeader, table: VersionTable): ElfBytes {
  const { offset, available } = locate(header, table.address);
  const wanted = Math.min(available, maxTableBytes, Math.max(0, source.size - offset));
  const bytes = readRange(source, offset, { length: wanted, what: 'symbol version table' });
  return new ElfBytes(bytes, { little: header.little, what: 'symbol version table' });
}

/** The tables have no size of their own; the largest in Debian have some kilobytes. */
const maxTableBytes = 1024 * 1024;

/** A list that does not move on would be read over and over. */
function nextOffset(next: number, left: number): number {
  if (next === 0 && left > 1) throw damaged('a list of its symbol versions ends too early');
  return next;
}
