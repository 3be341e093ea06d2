import type { ElfFacts } from '../formats/elf/facts.ts';
import { compareLibraryNames } from '../formats/ldcache/compare.ts';
import { baseName } from '../rootfs/path.ts';
import { compareStrings } from '../util/text.ts';
import { childrenOf } from './children.ts';
import type { LibraryFolder } from './library-folders.ts';
import { followPath } from './tree-paths.ts';
import type { EffectTree } from './types.ts';

/** A library of a folder, as ldconfig keeps it. */
export interface FoundLibrary {
  /** What others need it by. */
  readonly soname: string;
  /** File or link in the folder. */
  readonly name: string;
  readonly elf: ElfFacts;
  /** The file that the name leads to. */
  readonly file: string;
  /** A link that is kept as such: no other link is made to it. */
  readonly isLink: boolean;
}

/** The libraries of one folder, one of each soname (search_dir of glibc's ldconfig.c): files before links, then the newer name. */
export function searchFolder(tree: EffectTree, folder: LibraryFolder): readonly FoundLibrary[] {
  const found = new Map<string, FoundLibrary>();
  for (const path of [...childrenOf(tree, folder.path)].sort(compareStrings)) {
    const library = libraryAt(tree, path);
    if (library === undefined) continue;
    const known = found.get(library.soname);
    if (known === undefined || isBetter(library, known)) found.set(library.soname, library);
  }
  return [...found.values()];
}

function isBetter(library: FoundLibrary, known: FoundLibrary): boolean {
  if (library.isLink !== known.isLink) return known.isLink;
  return compareLibraryNames(known.name, library.name) < 0;
}

function libraryAt(tree: EffectTree, path: string): FoundLibrary | undefined {
  const name = baseName(path);
  if (!isLibraryName(name)) return undefined;
  const file = carrier(tree, followPath(tree, `/${path}`, { last: true }));
  const elf = file === undefined ? undefined : tree.get(file)?.elf;
  if (file === undefined || elf === undefined || !isSharedObject(elf)) return undefined;
  const soname = elf.soname ?? name;
  const isLink = tree.get(path)?.type === 'symlink' && isOrdinaryLink(name, soname);
  return { soname: isLink ? name : soname, name, elf, file, isLink };
}

/** lib*.so*, ld-*.so*, ld.so.*, ld64.so.* (glibc, dl-is_dso.h); what dpkg is about to replace is never in an image. */
function isLibraryName(name: string): boolean {
  return /^(?:lib|ld-).*\.so/s.test(name) || name.startsWith('ld.so.') || name.startsWith('ld64.so.');
}

/** The first name of hard links has the facts. */
function carrier(tree: EffectTree, path: string | undefined): string | undefined {
  const entry = path === undefined ? undefined : tree.get(path);
  return entry?.type === 'hardlink' && entry.elf === undefined ? entry.linkTarget : path;
}

/** As its header says: programs that are position-independent count too (libc.so.6 is one). */
function isSharedObject(elf: ElfFacts): boolean {
  return elf.type === 'shared' || (elf.type === 'executable' && elf.hardening.pie);
}

/** Its own soname, or the start of it that the linker wants (`libfoo.so` for `libfoo.so.1`); any other is as good as a file. */
function isOrdinaryLink(name: string, soname: string): boolean {
  return name === soname || (name.endsWith('.so') && soname.startsWith(name));
}
