import { type ElfSource, readRange } from './bytes.ts';
import { type Dynamic, readDynamic } from './dynamic.ts';
import { type ElfHeader, readHeader, segmentType } from './header.ts';

/** What an ELF file can get at beside what the loader gives it. */
export interface ElfMentions {
  /** Its data, without names of symbols and of needed libraries. */
  readonly data: readonly Uint8Array[];
  /** It calls exec, posix_spawn, system or popen; a static program always may. */
  readonly startsPrograms: boolean;
  /** It calls dlopen. */
  readonly opensLibraries: boolean;
}

const starters = [
  ...['execl', 'execle', 'execlp', 'execv', 'execve', 'execvp', 'execvpe', 'fexecve'],
  ...['posix_spawn', 'posix_spawnp', 'system', 'popen', '_IO_popen', 'wordexp'],
];

/** Bytes of one segment that are looked at: more than any program in Debian has. */
const maxSegment = 256 * 1024 * 1024;

/**
 * Undefined where the file is no ELF file, or holds nothing but data (it is a library that needs none).
 * @throws SlimimageError ELF_INVALID
 */
export function readMentions(source: ElfSource): ElfMentions | undefined {
  const header = readHeader(source);
  if (header === undefined) return undefined;
  const dynamic = readDynamic(source, header);
  if (dynamic !== undefined && dynamic.needed.length === 0 && !dynamic.debug) return undefined;
  return {
    data: dataOf(source, header, dynamic),
    startsPrograms: dynamic === undefined || starters.some((name) => dynamic.strings.has(name)),
    opensLibraries: dynamic?.strings.has('dlopen') ?? false,
  };
}

function dataOf(source: ElfSource, header: ElfHeader, dynamic: Dynamic | undefined): readonly Uint8Array[] {
  const loaded = header.segments.filter(
    ({ type, size }) => type === segmentType.load && size > 0 && size <= maxSegment,
  );
  const data = loaded.filter(({ flags }) => (flags & executable) === 0);
  // Linkers of old put code and constants into one segment.
  const hasConstants = data.some(({ flags }) => (flags & writable) === 0);
  return (hasConstants ? data : loaded).flatMap(({ offset, size }) => {
    const bytes = readRange(source, offset, { length: size, what: 'segment' });
    const names = dynamic?.stringsAt;
    if (names === undefined || names.offset < offset || names.offset >= offset + size) return [bytes];
    const start = names.offset - offset;
    return [bytes.subarray(0, start), bytes.subarray(start + names.length)];
  });
}

const executable = 1;
const writable = 2;
