import { ElfBytes, type ElfSource, readRange } from './bytes.ts';
import { readHeader, segmentType } from './header.ts';

/** Bytes of a note segment that are believed: real ones have below a hundred. */
const maxBytes = 64 * 1024;
const noteType = 5;
const gnu = 0x00554e47;

/**
 * The 32-bit properties of a file (NT_GNU_PROPERTY_TYPE_0, Linux Extensions to gABI), by number: which processor it
 * needs, for one. Empty where it has none.
 * @throws SlimimageError ELF_INVALID for a damaged file.
 */
export function gnuProperties(source: ElfSource): ReadonlyMap<number, number> {
  const header = readHeader(source);
  const segment = header?.segments.find(({ type }) => type === segmentType.gnuProperty);
  const properties = new Map<number, number>();
  if (header === undefined || segment === undefined || segment.size < 16 || segment.size > maxBytes) return properties;
  const { offset, size } = segment;
  const view = new ElfBytes(readRange(source, offset, { length: size, what: 'property note' }), {
    little: header.little,
    what: 'property note',
  });
  if (view.u32(0) !== 4 || view.u32(8) !== noteType || view.u32(12) !== (header.little ? gnu : 0x474e5500)) {
    return properties;
  }
  const alignment = header.bits === 64 ? 8 : 4;
  const end = Math.min(16 + view.u32(4), size);
  for (let at = 16; at + 8 <= end; ) {
    const length = view.u32(at + 4);
    if (length === 4) properties.set(view.u32(at), view.u32(at + 8));
    at += 8 + Math.ceil(length / alignment) * alignment;
  }
  return properties;
}
