import { damaged, ElfBytes, type ElfSource, readRange } from './bytes.ts';

export interface ElfHeader {
  readonly bits: 32 | 64;
  readonly little: boolean;
  /** e_type: 1 relocatable, 2 executable, 3 shared, 4 core. */
  readonly type: number;
  readonly machine: number;
  readonly segments: readonly Segment[];
}

/** One program header. */
export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  /** Bytes in the file. */
  readonly size: number;
}

export const segmentType = {
  load: 1,
  dynamic: 2,
  interpreter: 3,
  gnuStack: 0x6474e551,
  gnuRelro: 0x6474e552,
  gnuProperty: 0x6474e553,
} as const;

/** System V ABI, "ELF Header" and "Program Header". Undefined where the file does not start with the magic number. */
export function readHeader(source: ElfSource): ElfHeader | undefined {
  if (source.size < 4) return undefined;
  const start = source.read(0, Math.min(source.size, 64));
  if (start[0] !== 0x7f || start[1] !== 0x45 || start[2] !== 0x4c || start[3] !== 0x46) return undefined;
  const bits = start[4] === 2 ? 64 : start[4] === 1 ? 32 : undefined;
  if (bits === undefined) throw damaged(`its class is ${start[4] ?? 'missing'}, neither 32 nor 64 bits`);
  if (start[5] !== 1 && start[5] !== 2) throw damaged(`its byte order is ${start[5] ?? 'missing'}`);
  const little = start[5] === 1;
  const header = new ElfBytes(start, { little, what: 'ELF header' });
  const wide = bits === 64;
  const table = {
    offset: header.word(wide ? 32 : 28, bits),
    entrySize: header.u16(wide ? 54 : 42),
    count: header.u16(wide ? 56 : 44),
  };
  return {
    bits,
    little,
    type: header.u16(16),
    machine: header.u16(18),
    segments: readSegments(source, { ...table, bits, little }),
  };
}

interface SegmentTable {
  readonly offset: number;
  readonly entrySize: number;
  readonly count: number;
  readonly bits: 32 | 64;
  readonly little: boolean;
}

function readSegments(source: ElfSource, table: SegmentTable): readonly Segment[] {
  const { bits, little, count, entrySize } = table;
  if (count === 0) return [];
  // Linux loads no other size (fs/binfmt_elf.c, load_elf_phdrs).
  if (entrySize !== (bits === 64 ? 56 : 32)) throw damaged(`its program headers have ${entrySize} bytes each`);
  const bytes = readRange(source, table.offset, { length: count * entrySize, what: 'program header table' });
  const view = new ElfBytes(bytes, { little, what: 'program header table' });
  const segments: Segment[] = [];
  for (let at = 0; at < bytes.length; at += entrySize) {
    segments.push(
      bits === 64
        ? {
            type: view.u32(at),
            flags: view.u32(at + 4),
            offset: view.u64(at + 8),
            address: view.u64(at + 16),
            size: view.u64(at + 32),
          }
        : {
            type: view.u32(at),
            flags: view.u32(at + 24),
            offset: view.u32(at + 4),
            address: view.u32(at + 8),
            size: view.u32(at + 16),
          },
    );
  }
  return segments;
}

/** File offset at which an address of memory is stored, and the bytes of its segment that follow it. */
export function locate(header: ElfHeader, address: number): { readonly offset: number; readonly available: number } {
  for (const segment of header.segments) {
    if (segment.type !== segmentType.load) continue;
    const distance = address - segment.address;
    if (distance >= 0 && distance < segment.size) {
      return { offset: segment.offset + distance, available: segment.size - distance };
    }
  }
  throw damaged(`address 0x${address.toString(16)} of its dynamic section is in no loaded segment`);
}
