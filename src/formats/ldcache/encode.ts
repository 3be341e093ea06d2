import { encodeUtf8 } from '../../util/text.ts';
import { compareEntries } from './compare.ts';
import * as layout from './layout.ts';
import { buildStringTable, type StringTable } from './string-table.ts';
import type { LibraryCache } from './types.ts';

export interface EncodeOptions {
  /** glibc-hwcaps folders that were looked into: ldconfig keeps the names of those without a library, too. */
  readonly hwcapsFolders?: readonly string[] | undefined;
}

/**
 * The bytes that ldconfig writes (glibc 2.33 and later, elf/cache.c save_cache), in the format of glibc 2.2 without the
 * table of libc5. Entries are put in order here; those that are equal in it stay in theirs.
 */
export function encodeLibraryCache(cache: LibraryCache, options: EncodeOptions = {}): Uint8Array {
  const entries = [...cache.entries].sort(compareEntries);
  const used = [...new Set(entries.flatMap(({ hwcaps }) => (hwcaps === undefined ? [] : [hwcaps.name])))].sort();
  const strings = buildStringTable([
    ...entries.flatMap(({ name, path }) => [name, path]),
    ...used,
    ...(options.hwcapsFolders ?? []),
  ]);
  const stringsAt = layout.headerSize + entries.length * layout.entrySize;
  const extensionsAt = align4(stringsAt + strings.bytes.length);
  const extensions = planExtensions(cache.generator, { start: extensionsAt, folders: used.length });
  const bytes = new Uint8Array(extensions === undefined ? stringsAt + strings.bytes.length : extensions.end);
  const little = cache.byteOrder === 'little';
  const view = new DataView(bytes.buffer);
  const u32 = (at: number, value: number) => view.setUint32(at, value, little);

  bytes.set(encodeUtf8(layout.magic));
  u32(20, entries.length);
  u32(24, strings.bytes.length);
  bytes[28] = layout.byteOrderFlag[cache.byteOrder];
  u32(32, extensions === undefined ? 0 : extensionsAt);
  entries.forEach((entry, index) => {
    const at = layout.headerSize + index * layout.entrySize;
    u32(at, entry.flags);
    u32(at + 4, stringsAt + strings.offsetOf(entry.name));
    u32(at + 8, stringsAt + strings.offsetOf(entry.path));
    u32(at + 12, entry.osVersion ?? 0);
    view.setBigUint64(at + 16, capabilities(entry, used), little);
  });
  bytes.set(strings.bytes, stringsAt);
  if (extensions !== undefined) writeExtensions({ bytes, u32, extensions, used, strings, stringsAt });
  return bytes;
}

interface Extensions {
  readonly start: number;
  readonly generator: Uint8Array;
  readonly generatorAt: number;
  readonly foldersAt: number;
  readonly end: number;
}

function planExtensions(
  generator: string | undefined,
  { start, folders }: { readonly start: number; readonly folders: number },
): Extensions | undefined {
  if (generator === undefined && folders === 0) return undefined;
  const sections = folders === 0 ? 1 : 2;
  const foldersAt = start + layout.extensionHeaderSize + sections * layout.sectionSize;
  const generatorAt = foldersAt + folders * 4;
  const bytes = encodeUtf8(generator ?? '');
  return { start, generator: bytes, generatorAt, foldersAt, end: generatorAt + bytes.length };
}

function writeExtensions(options: {
  readonly bytes: Uint8Array;
  readonly u32: (at: number, value: number) => void;
  readonly extensions: Extensions;
  readonly used: readonly string[];
  readonly strings: StringTable;
  readonly stringsAt: number;
}): void {
  const { bytes, u32, extensions, used, strings, stringsAt } = options;
  const { start, generator, generatorAt, foldersAt } = extensions;
  u32(start, layout.extensionMagic);
  u32(start + 4, used.length === 0 ? 1 : 2);
  const section = (index: number, [tag, at, size]: readonly [number, number, number]) => {
    const place = start + layout.extensionHeaderSize + index * layout.sectionSize;
    u32(place, tag);
    u32(place + 8, at);
    u32(place + 12, size);
  };
  section(0, [layout.sectionTag.generator, generatorAt, generator.length]);
  if (used.length > 0) section(1, [layout.sectionTag.hwcaps, foldersAt, used.length * 4]);
  used.forEach((folder, index) => {
    u32(foldersAt + index * 4, stringsAt + strings.offsetOf(folder));
  });
  bytes.set(generator, generatorAt);
}

function capabilities({ hwcaps, legacyHwcap }: LibraryCache['entries'][number], folders: readonly string[]): bigint {
  if (hwcaps === undefined) return legacyHwcap ?? 0n;
  const upper = BigInt(layout.extensionBit | (hwcaps.isaLevel & layout.isaLevelMask));
  return (upper << 32n) | BigInt(folders.indexOf(hwcaps.name));
}

function align4(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}
