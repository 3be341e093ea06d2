import { decodeUtf8 } from '../../util/text.ts';
import { damaged, type ElfSource, readRange } from './bytes.ts';
import { type Dynamic, readDynamic } from './dynamic.ts';
import type { ElfFacts } from './facts.ts';
import { type ElfHeader, readHeader, segmentType } from './header.ts';
import { machineName } from './machine.ts';
import { readVersionsDefined, readVersionsNeeded } from './versions.ts';

/**
 * Reads what the loader would see of an ELF file: program headers and dynamic section, never the sections
 * (`strip` may remove those). Undefined where the file does not start with the ELF magic number.
 *
 * A file that starts as ELF and is damaged gives no half-true facts: it throws, and whoever converts files keeps
 * it as a file that no loader can load.
 *
 * @throws SlimimageError ELF_INVALID where a table that the loader needs is cut off or points outside the file.
 */
export function readElf(source: ElfSource): ElfFacts | undefined {
  const header = readHeader(source);
  if (header === undefined) return undefined;
  const dynamic = readDynamic(source, header);
  const interpreter = readInterpreter(source, header);
  const pie = isPie(header, dynamic, interpreter);
  const name = (offset: number | undefined): string | undefined =>
    offset === undefined ? undefined : dynamic?.strings.at(offset);
  return {
    machine: machineName(header.machine, header),
    bits: header.bits,
    type: pie ? 'executable' : (fileTypes[header.type] ?? 'other'),
    ...optional('interpreter', interpreter),
    ...optional('soname', name(dynamic?.soname)),
    needed: dynamic === undefined ? [] : dynamic.needed.map((offset) => dynamic.strings.at(offset)),
    ...optional('rpath', name(dynamic?.rpath)),
    ...optional('runpath', name(dynamic?.runpath)),
    ...(dynamic?.noDefaultFolders === true ? { noDefaultFolders: true } : {}),
    versionsNeeded: dynamic === undefined ? {} : readVersionsNeeded(source, header, dynamic),
    versionsDefined: dynamic === undefined ? [] : readVersionsDefined(source, header, dynamic),
    hardening: {
      pie,
      relro: relro(header, dynamic),
      nx: header.segments.some(({ type, flags }) => type === segmentType.gnuStack && (flags & 1) === 0),
      canary: dynamic?.strings.has('__stack_chk_fail') ?? false,
    },
  };
}

/** An ELF file held in memory. */
export function elfSource(bytes: Uint8Array): ElfSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

const fileTypes: Readonly<Record<number, ElfFacts['type']>> = {
  1: 'relocatable',
  2: 'executable',
  3: 'shared',
  4: 'core',
};

function readInterpreter(source: ElfSource, header: ElfHeader): string | undefined {
  const segment = header.segments.find(({ type }) => type === segmentType.interpreter);
  // Detached debug files keep the header of the segment without its bytes.
  if (segment === undefined || segment.size === 0) return undefined;
  if (segment.size > 4096) throw damaged('its interpreter is longer than a path may be');
  const bytes = readRange(source, segment.offset, { length: segment.size, what: 'interpreter' });
  const end = bytes.indexOf(0);
  if (end < 0) throw damaged('its interpreter has no end');
  return decodeUtf8(bytes.subarray(0, end));
}

/** Linkers before 2016 did not write DF_1_PIE; libc.so.6 and ld.so can be run too, yet have no DT_DEBUG. */
function isPie(header: ElfHeader, dynamic: Dynamic | undefined, interpreter: string | undefined): boolean {
  if (header.type !== 3 || dynamic === undefined) return false;
  return dynamic.pie || (interpreter !== undefined && dynamic.debug);
}

function relro(header: ElfHeader, dynamic: Dynamic | undefined): ElfFacts['hardening']['relro'] {
  if (!header.segments.some(({ type }) => type === segmentType.gnuRelro)) return 'none';
  return dynamic?.bindNow ? 'full' : 'partial';
}

/** Members without a value are left out, so that stored indexes stay small. */
function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: string });
}
