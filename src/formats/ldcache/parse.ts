import { SlimimageError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { decodeByteText } from '../../util/byte-text.ts';
import * as layout from './layout.ts';
import type { CacheEntry, LibraryCache } from './types.ts';

/**
 * Reads /etc/ld.so.cache of any image: as glibc writes it since 2.2, also where a table for libc5 comes first (2.31
 * and before). Entries stay in the file's order.
 * @throws SlimimageError LIBRARY_CACHE_INVALID for another file, a damaged one, or one beyond the limits.
 */
export function parseLibraryCache(file: Uint8Array): LibraryCache {
  if (file.length > limits.libraryCacheBytes) throw damaged(`it has more than ${limits.libraryCacheBytes} bytes`);
  const bytes = newTable(file);
  const byteOrder = bytes[28] === layout.byteOrderFlag.big ? 'big' : 'little';
  const reader = new Reader(bytes, byteOrder === 'little');
  const count = reader.u32(20);
  if (layout.headerSize + count * layout.entrySize > bytes.length) throw damaged('its entries are cut off');
  const extensions = readExtensions(reader);
  const entries: CacheEntry[] = [];
  for (let index = 0; index < count; index++) {
    entries.push(readEntry(reader, { at: layout.headerSize + index * layout.entrySize, folders: extensions.folders }));
  }
  return { entries, generator: extensions.generator, byteOrder };
}

function newTable(file: Uint8Array): Uint8Array {
  if (startsWith(file, layout.magic)) return file;
  if (!startsWith(file, layout.oldMagic)) throw damaged('it does not start as one');
  const little = new Reader(file, true).u32(12);
  const big = new Reader(file, false).u32(12);
  for (const count of [little, big]) {
    const start = Math.ceil((layout.oldHeaderSize + count * layout.oldEntrySize) / 8) * 8;
    const rest = file.subarray(Math.min(start, file.length));
    if (startsWith(rest, layout.magic)) return rest;
  }
  throw damaged('it holds only the table of libc5');
}

interface ReadExtensions {
  readonly generator: string | undefined;
  readonly folders: readonly string[];
}

function readExtensions(reader: Reader): ReadExtensions {
  const start = reader.u32(32);
  if (start === 0) return { generator: undefined, folders: [] };
  if (reader.u32(start) !== layout.extensionMagic) throw damaged('its extensions do not start as such');
  let generator: string | undefined;
  const folders: string[] = [];
  const count = reader.u32(start + 4);
  for (let index = 0; index < count; index++) {
    const place = start + layout.extensionHeaderSize + index * layout.sectionSize;
    const [tag, at, size] = [reader.u32(place), reader.u32(place + 8), reader.u32(place + 12)];
    if (tag === layout.sectionTag.generator) generator = decodeByteText(reader.range(at, size));
    if (tag !== layout.sectionTag.hwcaps) continue;
    if (folders.length > 0 || size % 4 !== 0) throw damaged('its glibc-hwcaps folders are not a list');
    reader.range(at, size);
    for (let item = 0; item < size; item += 4) folders.push(reader.string(reader.u32(at + item)));
  }
  return { generator, folders };
}

function readEntry(
  reader: Reader,
  { at, folders }: { readonly at: number; readonly folders: readonly string[] },
): CacheEntry {
  const entry = {
    name: reader.string(reader.u32(at + 4)),
    path: reader.string(reader.u32(at + 8)),
    flags: reader.u32(at),
  };
  const osVersion = reader.u32(at + 12);
  const hwcap = reader.u64(at + 16);
  const upper = Number(hwcap >> 32n);
  const versioned = osVersion === 0 ? entry : { ...entry, osVersion };
  if ((upper & ~layout.isaLevelMask) !== layout.extensionBit) {
    return hwcap === 0n ? versioned : { ...versioned, legacyHwcap: hwcap };
  }
  const name = folders[Number(hwcap & 0xffffffffn)];
  if (name === undefined) throw damaged(`${entry.name} is in a glibc-hwcaps folder that it does not name`);
  return { ...versioned, hwcaps: { name, isaLevel: upper & layout.isaLevelMask } };
}

/** Bounds-checked reads. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #little: boolean;

  constructor(bytes: Uint8Array, little: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = little;
  }

  u32(at: number): number {
    this.range(at, 4);
    return this.#view.getUint32(at, this.#little);
  }

  u64(at: number): bigint {
    this.range(at, 8);
    return this.#view.getBigUint64(at, this.#little);
  }

  string(at: number): string {
    const end = at < this.#bytes.length ? this.#bytes.indexOf(0, at) : -1;
    if (end < 0 || end - at > limits.pathBytes) throw damaged('a name in it does not end');
    return decodeByteText(this.#bytes.subarray(at, end));
  }

  range(at: number, length: number): Uint8Array {
    if (at + length > this.#bytes.length) throw damaged('it ends too early');
    return this.#bytes.subarray(at, at + length);
  }
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[index] !== text.charCodeAt(index)) return false;
  return true;
}

function damaged(reason: string): SlimimageError {
  return new SlimimageError({
    code: 'LIBRARY_CACHE_INVALID',
    message: `The library cache (/etc/ld.so.cache) can't be read: ${reason}`,
  });
}
