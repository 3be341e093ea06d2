import { damaged, ElfBytes, type ElfSource, readRange } from './bytes.ts';
import { type ElfHeader, locate, segmentType } from './header.ts';
import { StringTable } from './strings.ts';

/** What the dynamic section says, names still as offsets into `strings`. */
export interface Dynamic {
  readonly strings: StringTable;
  /** Where `strings` lies in the file. */
  readonly stringsAt: { readonly offset: number; readonly length: number };
  readonly needed: readonly number[];
  readonly soname: number | undefined;
  readonly rpath: number | undefined;
  readonly runpath: number | undefined;
  readonly bindNow: boolean;
  readonly pie: boolean;
  readonly noDefaultFolders: boolean;
  /** DT_DEBUG is there: the linker made an executable. */
  readonly debug: boolean;
  readonly versionsNeeded: VersionTable | undefined;
  readonly versionsDefined: VersionTable | undefined;
}

/** Address and number of the entries of DT_VERNEED or DT_VERDEF. */
export interface VersionTable {
  readonly address: number;
  readonly count: number;
}

const tag = {
  needed: 1,
  stringTable: 5,
  stringTableSize: 10,
  soname: 14,
  rpath: 15,
  debug: 21,
  bindNow: 24,
  runpath: 29,
  flags: 30,
  flags1: 0x6ffffffb,
  versionDefined: 0x6ffffffc,
  versionDefinedCount: 0x6ffffffd,
  versionNeeded: 0x6ffffffe,
  versionNeededCount: 0x6fffffff,
} as const;

const flagBindNow = 0x8;
const flag1Now = 0x1;
const flag1NoDefaultFolders = 0x800;
const flag1Pie = 0x08000000;

/** Entries of a dynamic section that are believed; real ones have below a hundred, plus one for each needed library. */
const maxEntries = 4096;

/** Bytes of a dynamic string table; the largest of Debian have some 20 MB. */
const maxStringTable = 128 * 1024 * 1024;

/** System V ABI, "Dynamic Section". Undefined for static files. */
export function readDynamic(source: ElfSource, header: ElfHeader): Dynamic | undefined {
  const segment = header.segments.find((candidate) => candidate.type === segmentType.dynamic);
  if (segment === undefined || segment.size === 0) return undefined;
  const { bits } = header;
  const entrySize = bits === 64 ? 16 : 8;
  const length = Math.min(segment.size, maxEntries * entrySize);
  const bytes = readRange(source, segment.offset, { length, what: 'dynamic section' });
  const view = new ElfBytes(bytes, { little: header.little, what: 'dynamic section' });
  const needed: number[] = [];
  const values = new Map<number, number>();
  for (let at = 0; at + entrySize <= length; at += entrySize) {
    const key = view.word(at, bits);
    if (key === 0) break;
    const value = view.word(at + entrySize / 2, bits);
    if (key === tag.needed) needed.push(value);
    else values.set(key, value);
  }
  const flags = values.get(tag.flags) ?? 0;
  const flags1 = values.get(tag.flags1) ?? 0;
  const stringsAt = placeOfStrings(header, values);
  return {
    strings: new StringTable(readRange(source, stringsAt.offset, { ...stringsAt, what: 'dynamic string table' })),
    stringsAt,
    needed,
    soname: values.get(tag.soname),
    rpath: values.get(tag.rpath),
    runpath: values.get(tag.runpath),
    bindNow: values.has(tag.bindNow) || (flags & flagBindNow) !== 0 || (flags1 & flag1Now) !== 0,
    pie: (flags1 & flag1Pie) !== 0,
    noDefaultFolders: (flags1 & flag1NoDefaultFolders) !== 0,
    debug: values.has(tag.debug),
    versionsNeeded: versionTable(values.get(tag.versionNeeded), values.get(tag.versionNeededCount)),
    versionsDefined: versionTable(values.get(tag.versionDefined), values.get(tag.versionDefinedCount)),
  };
}

function placeOfStrings(header: ElfHeader, values: ReadonlyMap<number, number>): Dynamic['stringsAt'] {
  const address = values.get(tag.stringTable);
  const length = values.get(tag.stringTableSize);
  if (address === undefined || length === undefined) return { offset: 0, length: 0 };
  const { offset, available } = locate(header, address);
  if (length > available) throw damaged('its dynamic string table runs out of its segment');
  if (length > maxStringTable) throw damaged(`its dynamic string table has ${length} bytes`);
  return { offset, length };
}

function versionTable(address: number | undefined, count: number | undefined): VersionTable | undefined {
  return address === undefined || count === undefined ? undefined : { address, count };
}
