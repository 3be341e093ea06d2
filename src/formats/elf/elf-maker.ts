import { encodeUtf8 } from '../../util/text.ts';

/** What a made-up ELF file says; for tests that need one without a compiler. */
export interface ElfRecipe {
  readonly bits?: 32 | 64;
  readonly little?: boolean;
  readonly machine?: number;
  readonly type?: number;
  readonly interpreter?: string;
  readonly soname?: string;
  readonly needed?: readonly string[];
  readonly rpath?: string;
  readonly runpath?: string;
  /** DT_FLAGS_1. */
  readonly flags1?: number;
  readonly versionsNeeded?: Readonly<Record<string, readonly string[]>>;
  readonly versionsDefined?: readonly string[];
  /** More names in the dynamic string table, as undefined symbols leave them there. */
  readonly symbols?: readonly string[];
  readonly bindNow?: boolean;
  readonly stack?: 'executable' | 'data';
  readonly relro?: boolean;
}

/** Writes a small ELF file with the program headers and the dynamic section that the recipe asks for. */
export function makeElf(recipe: ElfRecipe): Uint8Array {
  const { bits = 64, little = true, machine = 62, type = 3 } = recipe;
  const wide = bits === 64;
  const word = wide ? 8 : 4;
  const bytes = new Uint8Array(16 * 1024);
  const view = new DataView(bytes.buffer);
  const u16 = (at: number, value: number) => view.setUint16(at, value, little);
  const u32 = (at: number, value: number) => view.setUint32(at, value, little);
  const put = (at: number, value: number) =>
    wide ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little);

  // A segment is mapped `base` above its place in the file, so that addresses and offsets differ.
  const base = 0x400000;
  const strings = new Map<string, number>();
  let stringsEnd = 0x1001;
  const string = (text: string): number => {
    const known = strings.get(text);
    if (known !== undefined) return known;
    const encoded = encodeUtf8(`${text}\0`);
    const offset = stringsEnd - 0x1000;
    bytes.set(encoded, stringsEnd);
    stringsEnd += encoded.length;
    strings.set(text, offset);
    return offset;
  };
  const dynamic: (readonly [number, number])[] = [];
  for (const name of recipe.needed ?? []) dynamic.push([1, string(name)]);
  if (recipe.soname !== undefined) dynamic.push([14, string(recipe.soname)]);
  if (recipe.rpath !== undefined) dynamic.push([15, string(recipe.rpath)]);
  if (recipe.flags1 !== undefined) dynamic.push([0x6ffffffb, recipe.flags1]);
  if (recipe.runpath !== undefined) dynamic.push([29, string(recipe.runpath)]);
  if (recipe.bindNow) dynamic.push([30, 8]);
  for (const name of recipe.symbols ?? []) string(name);

  const verneed = Object.entries(recipe.versionsNeeded ?? {});
  let at = 0x2000;
  verneed.forEach(([library, versions], index) => {
    u16(at, 1);
    u16(at + 2, versions.length);
    u32(at + 4, string(library));
    u32(at + 8, 16);
    u32(at + 12, index === verneed.length - 1 ? 0 : 16 + 16 * versions.length);
    versions.forEach((version, place) => {
      const aux = at + 16 + 16 * place;
      u32(aux + 8, string(version));
      u32(aux + 12, place === versions.length - 1 ? 0 : 16);
    });
    at += 16 + 16 * versions.length;
  });
  if (verneed.length > 0) dynamic.push([0x6ffffffe, base + 0x2000], [0x6fffffff, verneed.length]);
  const verdef = recipe.versionsDefined ?? [];
  verdef.forEach((version, index) => {
    const entry = 0x3000 + index * 28;
    u16(entry, 1);
    u16(entry + 6, 1);
    u32(entry + 12, 20);
    u32(entry + 16, index === verdef.length - 1 ? 0 : 28);
    u32(entry + 20, string(version));
  });
  if (verdef.length > 0) dynamic.push([0x6ffffffc, base + 0x3000], [0x6ffffffd, verdef.length]);
  dynamic.push([5, base + 0x1000], [10, stringsEnd - 0x1000], [0, 0]);
  dynamic.forEach(([key, value], index) => {
    put(0x800 + index * 2 * word, key);
    put(0x800 + index * 2 * word + word, value);
  });

  const segments: { type: number; flags: number; offset: number; size: number }[] = [
    { type: 1, flags: 5, offset: 0, size: bytes.length },
    { type: 2, flags: 6, offset: 0x800, size: dynamic.length * 2 * word },
  ];
  if (recipe.interpreter !== undefined) {
    const path = encodeUtf8(`${recipe.interpreter}\0`);
    bytes.set(path, 0x600);
    segments.push({ type: 3, flags: 4, offset: 0x600, size: path.length });
  }
  if (recipe.stack !== undefined) {
    segments.push({ type: 0x6474e551, flags: recipe.stack === 'executable' ? 7 : 6, offset: 0, size: 0 });
  }
  if (recipe.relro) segments.push({ type: 0x6474e552, flags: 4, offset: 0, size: 0 });

  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1]);
  u16(16, type);
  u16(18, machine);
  put(wide ? 32 : 28, 64);
  u16(wide ? 54 : 42, wide ? 56 : 32);
  u16(wide ? 56 : 44, segments.length);
  segments.forEach((segment, index) => {
    const header = 64 + index * (wide ? 56 : 32);
    u32(header, segment.type);
    u32(header + (wide ? 4 : 24), segment.flags);
    put(header + (wide ? 8 : 4), segment.offset);
    put(header + (wide ? 16 : 8), segment.offset + base);
    put(header + (wide ? 32 : 16), segment.size);
  });
  return bytes;
}
