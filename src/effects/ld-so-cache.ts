import type { ElfFacts } from '../formats/elf/facts.ts';
import { gnuProperties } from '../formats/elf/gnu-properties.ts';
import { elfSource } from '../formats/elf/read-elf.ts';
import { encodeLibraryCache } from '../formats/ldcache/encode.ts';
import { parseLibraryCache } from '../formats/ldcache/parse.ts';
import type { CacheEntry, LibraryCache } from '../formats/ldcache/types.ts';
import { multiarchTriplet } from '../oci/debian-architecture.ts';
import { generatedFile, generatedLink } from './entries.ts';
import { type LibraryFolder, libraryFolders } from './library-folders.ts';
import { type FoundLibrary, searchFolder } from './library-search.ts';
import { followPath } from './tree-paths.ts';
import type { EffectInput, EffectTree, GeneratedEntry } from './types.ts';

const cachePath = 'etc/ld.so.cache';

/**
 * /etc/ld.so.cache byte for byte as the suite's own ldconfig writes it, and the links by soname that it makes where
 * packages lack them. For images with libc6: nothing else reads it. On another image (`on:`), its entries stay.
 * @throws SlimimageError LIBRARY_CACHE_INVALID where that image's cache is damaged.
 */
export function libraryCache({ tree, packages, donors, settings }: EffectInput): readonly GeneratedEntry[] {
  const libc = packages.find(({ name }) => name === 'libc6');
  const triplet = multiarchTriplet(settings.architecture);
  const below = cacheBelow({ tree, settings });
  const generator = libc === undefined ? below?.generator : generatorOf(libc.version);
  if (generator === undefined || triplet === undefined) return [];
  if (tree.get(cachePath) !== undefined && below === undefined) return [];
  const folders = libraryFolders(tree, { triplet, donor: donors.get('libc-bin') });
  const links: GeneratedEntry[] = [];
  const entries: CacheEntry[] = [];
  const common = { rule: 'library cache', created: settings.created } as const;
  for (const folder of folders) {
    for (const library of searchFolder(tree, folder)) {
      const flags = flagsOf(library.elf, settings.architecture);
      if (flags === undefined) continue;
      entries.push(cacheEntry(tree, { folder, library, flags }));
      if (!lacksLink(tree, { folder, library })) continue;
      const because = `the name by which /${library.file} is needed, as ldconfig links it`;
      links.push(generatedLink(`${folder.path}/${library.soname}`, library.name, { ...common, because }));
    }
  }
  if (below !== undefined && entries.length === 0) return [];
  const added = new Set(entries.map(({ path }) => path));
  const kept = below?.entries.filter(({ path }) => !added.has(path)) ?? [];
  const cache = encodeLibraryCache(
    { entries: [...kept, ...entries], generator, byteOrder: settings.architecture === 's390x' ? 'big' : 'little' },
    { hwcapsFolders: folders.flatMap(({ hwcaps }) => (hwcaps === undefined ? [] : [hwcaps])) },
  );
  const because = 'where the libraries are, as the ldconfig of libc6 writes it';
  return [...links, generatedFile(cachePath, cache, { ...common, because })];
}

/** That of the image that this one is built on, whose libraries nobody looks into. One of the configuration stays as it is. */
function cacheBelow({ tree, settings }: Pick<EffectInput, 'tree' | 'settings'>): LibraryCache | undefined {
  const bytes = settings.existing === undefined ? undefined : tree.read(cachePath);
  return bytes === undefined ? undefined : parseLibraryCache(bytes);
}

/** `2.41-12+deb13u1` -> what ldconfig calls itself; undefined for a version that glibc of Debian does not have. */
function generatorOf(version: string): string | undefined {
  const upstream = /^(?:\d+:)?(\d+\.\d+)(?:\.\d+)*-/.exec(version)?.[1];
  if (upstream === undefined) return undefined;
  return `ldconfig (Debian GLIBC ${version}) stable release version ${upstream}`;
}

interface LibraryOfFolder {
  readonly folder: LibraryFolder;
  readonly library: FoundLibrary;
}

/** Names by soname, so that a newer file needs no new cache; below glibc-hwcaps the file itself. */
function cacheEntry(tree: EffectTree, options: LibraryOfFolder & { readonly flags: number }): CacheEntry {
  const { folder, library, flags } = options;
  if (folder.hwcaps === undefined) {
    return { name: library.soname, path: `${folder.name}/${library.soname}`, flags };
  }
  const isaLevel = isaLevelOf(tree, library);
  return {
    name: library.soname,
    path: `${folder.name}/${library.name}`,
    flags,
    hwcaps: { name: folder.hwcaps, isaLevel },
  };
}

/** Debian's ldconfig leaves the loader's names alone, and every folder below glibc-hwcaps. */
function lacksLink(tree: EffectTree, { folder, library }: LibraryOfFolder): boolean {
  if (folder.hwcaps !== undefined || library.isLink || /^ld(?:-|64\.so|\.so)/.test(library.name)) return false;
  const path = `${folder.path}/${library.soname}`;
  const existing = tree.get(path);
  if (existing === undefined) return true;
  if (existing.type !== 'symlink') return false;
  return followPath(tree, `/${path}`, { last: true }) !== library.file;
}

/**
 * glibc, ldconfig.h: 0x3 for libraries of glibc, and the architecture where one machine has several. A file that the
 * image's own ldconfig takes for another machine's has none.
 */
function flagsOf(elf: ElfFacts, architecture: string): number | undefined {
  const family = families.find((machines) => machines[architecture] !== undefined);
  const known = family === undefined ? undefined : Object.values(family).find(({ machine }) => machine === elf.machine);
  if (known === undefined) return undefined;
  if (elf.machine === 'x86_64' && elf.bits === 32) return 0x0803;
  return elf.machine === 'arm' && architecture === 'armel' ? 0x0b03 : known.flags;
}

/** Architectures whose libraries one ldconfig reads: Debian's name -> machine and flags. */
const families: readonly Readonly<Record<string, { readonly machine: string; readonly flags: number }>>[] = [
  { amd64: { machine: 'x86_64', flags: 0x0303 }, i386: { machine: 'i386', flags: 0x0003 } },
  {
    arm64: { machine: 'aarch64', flags: 0x0a03 },
    armhf: { machine: 'arm', flags: 0x0903 },
    armel: { machine: 'arm', flags: 0x0b03 },
  },
  { ppc64el: { machine: 'ppc64le', flags: 0x0503 } },
  { riscv64: { machine: 'riscv64', flags: 0x1003 } },
  { s390x: { machine: 's390x', flags: 0x0403 } },
];

/** GNU_PROPERTY_X86_ISA_1_NEEDED: the number of its highest bit. */
function isaLevelOf(tree: EffectTree, library: FoundLibrary): number {
  const bytes = library.elf.machine === 'x86_64' ? tree.read(library.file) : undefined;
  if (bytes === undefined) return 0;
  const needed = gnuProperties(elfSource(bytes)).get(0xc0008002) ?? 0;
  return needed === 0 ? 0 : 31 - Math.clz32(needed);
}
