import type { ElfFacts } from '../formats/elf/facts.ts';
import { decodeUtf8 } from '../util/text.ts';
import { type FollowedPath, followPath } from './follow-path.ts';
import { tripletsOf } from './machines.ts';
import type { CheckFile, CheckTree } from './types.ts';

/** A file that the loader has loaded, or is about to load the libraries of. */
export interface LoadedObject {
  /** Absolute path under which it was opened: `$ORIGIN` is its folder. */
  readonly path: string;
  readonly file: CheckFile;
  readonly elf: ElfFacts;
  /** What made the loader load it; undefined for the program itself. */
  readonly by: LoadedObject | undefined;
}

/** Where the loader found a library. */
export type LibraryPlace = 'path' | 'rpath' | 'environment' | 'runpath' | 'cache' | 'default' | 'hwcaps';

export type LibraryAnswer =
  | {
      readonly type: 'found';
      /** As it was opened. */
      readonly path: string;
      /** Links followed. */
      readonly file: CheckFile;
      readonly elf: ElfFacts;
      readonly place: LibraryPlace;
    }
  | {
      readonly type: 'missing';
      /** Files of that name: of another machine, passed by, or the one that is no library, where the loader stopped. */
      readonly passed: readonly CheckFile[];
    };

export interface LoaderOptions {
  readonly flavour: 'glibc' | 'musl';
  readonly machine: string;
  readonly bits: 32 | 64;
  /** LD_LIBRARY_PATH of the process. */
  readonly libraryPath?: string | undefined;
  /** Where the process starts: what relative names mean. Absolute. */
  readonly workdir: string;
  /** soname -> absolute paths, as ld.so.cache lists them. */
  readonly cache: ReadonlyMap<string, readonly string[]>;
}

/** The dynamic loader of one machine in one image. */
export interface Loader {
  readonly flavour: 'glibc' | 'musl';
  /** Whether the loader itself is the library of that name, as musl's is its libc. */
  isBuiltIn(name: string): boolean;
  /** Looks for a needed library on behalf of `object` (ld.so(8), "DESCRIPTION"; musl's ldso/dynlink.c, load_library). */
  find(name: string, object: LoadedObject): LibraryAnswer;
}

/** What glibc puts before each folder's own files, where the processor allows (ld.so(8), "Hardware capabilities"). */
const hwcaps: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['x86-64-v2', 'x86-64-v3', 'x86-64-v4'],
  ppc64le: ['power9', 'power10'],
  s390x: ['z13', 'z14', 'z15', 'z16'],
};

/** The loader itself, which is in memory before all that it loads; musl's is its libc too. */
const builtIn = {
  glibc: /^ld(?:64)?(?:-linux[\w-]*)?\.so\.\d$/,
  musl: /^lib(?:c|pthread|rt|m|dl|util|xnet)\./,
} as const;

export function openLoader(tree: CheckTree, options: LoaderOptions): Loader {
  const { flavour, machine, bits, cache } = options;
  const places = placesOf(tree, options);
  const remembered = new Map<string, LibraryAnswer>();
  const followed = new Map<string, FollowedPath>();
  const follow = (path: string): FollowedPath => {
    const known = followed.get(path) ?? followPath(tree, path);
    followed.set(path, known);
    return known;
  };

  function look(candidates: Iterable<readonly [path: string, place: LibraryPlace]>): LibraryAnswer {
    const passed: CheckFile[] = [];
    for (const [path, place] of candidates) {
      const { file } = follow(path);
      if (file?.type !== 'file') continue;
      const { elf } = file;
      if (elf !== undefined && elf.machine === machine && elf.bits === bits)
        return { type: 'found', path, file, elf, place };
      if (!passed.some((one) => one.path === file.path)) passed.push(file);
      // glibc looks further for the right machine alone ("invalid ELF header" ends it), musl takes the first in any case.
      if (elf === undefined || flavour === 'musl') break;
    }
    return { type: 'missing', passed };
  }

  function* inFolders(name: string, folders: readonly string[], place: LibraryPlace) {
    for (const folder of folders) yield [`${folder}/${name}`, place] as const;
  }

  function* fasterOnes(name: string, folders: readonly string[]) {
    for (const folder of folders)
      for (const level of hwcaps[machine] ?? []) yield [`${folder}/glibc-hwcaps/${level}/${name}`, 'hwcaps'] as const;
  }

  function* candidates(name: string, object: LoadedObject): Generator<readonly [string, LibraryPlace]> {
    const rpaths = flavour === 'musl' ? muslRunpaths(object, places) : rpathFolders(object, places);
    const runpaths = flavour === 'musl' ? [] : expandAll(object.elf.runpath, object, places);
    if (flavour === 'musl') yield* inFolders(name, places.environment, 'environment');
    yield* inFolders(name, rpaths, 'rpath');
    if (flavour === 'glibc') yield* inFolders(name, places.environment, 'environment');
    yield* inFolders(name, runpaths, 'runpath');
    const defaults = object.elf.noDefaultFolders === true ? [] : places.defaults;
    for (const path of cache.get(name) ?? [])
      if (defaults.length > 0 || !places.defaults.includes(folderOf(path))) yield [path, 'cache'];
    yield* inFolders(name, defaults, 'default');
    // Last, though the loader looks there first: whether it does depends on the processor.
    if (flavour === 'glibc') yield* fasterOnes(name, [...rpaths, ...places.environment, ...runpaths, ...defaults]);
  }

  return {
    flavour,
    isBuiltIn: (name) => builtIn[flavour].test(name),
    find: (name, object) => {
      if (name.includes('/')) {
        return look([[expand(name, object, places), 'path']]);
      }
      const key = `${name}\n${object.elf.noDefaultFolders === true}\n${ownPlaces(object)}`;
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const answer = look(candidates(name, object));
      remembered.set(key, answer);
      return answer;
    },
  };
}

interface Places {
  readonly environment: readonly string[];
  readonly defaults: readonly string[];
  readonly workdir: string;
  /** What `$LIB` and `$PLATFORM` mean. */
  readonly lib: string;
  readonly platform: string;
}

function placesOf(tree: CheckTree, { flavour, machine, bits, workdir, libraryPath = '' }: LoaderOptions): Places {
  const triplet = tripletsOf(machine).find(
    (one) => tree.get(`usr/lib/${one}`) !== undefined || tree.get(`lib/${one}`) !== undefined,
  );
  const lib = triplet !== undefined ? `lib/${triplet}` : bits === 64 ? 'lib64' : 'lib';
  const defaults =
    flavour === 'musl'
      ? muslFolders(tree)
      : triplet !== undefined
        ? [`/lib/${triplet}`, `/usr/lib/${triplet}`, '/lib', '/usr/lib']
        : [`/${lib}`, `/usr/${lib}`, '/lib', '/usr/lib'];
  const environment = libraryPath === '' ? [] : libraryPath.split(/[:;]/).map((folder) => from(workdir, folder));
  return { environment, defaults, workdir, lib, platform: machine };
}

/** /etc/ld-musl-ARCH.path: folders between newlines or colons. */
function muslFolders(tree: CheckTree): readonly string[] {
  for (const { path } of childrenOf(tree, 'etc')) {
    if (!/^etc\/ld-musl-[^/]+\.path$/.test(path)) continue;
    const bytes = tree.read(path);
    if (bytes !== undefined)
      return decodeUtf8(bytes)
        .split(/[:\n]/)
        .filter((folder) => folder.startsWith('/'));
  }
  return ['/lib', '/usr/local/lib', '/usr/lib'];
}

function* childrenOf(tree: CheckTree, folder: string): Generator<CheckFile> {
  for (const entry of tree.entries()) if (entry.path.startsWith(`${folder}/`)) yield entry;
}

/** DT_RPATH counts down the chain of those who made each other load; DT_RUNPATH of an object switches its own off. */
function rpathFolders(object: LoadedObject, places: Places): readonly string[] {
  if (object.elf.runpath !== undefined) return [];
  return chainOf(object).flatMap((one) => (one.elf.runpath === undefined ? expandAll(one.elf.rpath, one, places) : []));
}

/** musl makes no difference between the two. */
function muslRunpaths(object: LoadedObject, places: Places): readonly string[] {
  return chainOf(object).flatMap((one) => expandAll(one.elf.runpath ?? one.elf.rpath, one, places));
}

function chainOf(object: LoadedObject): readonly LoadedObject[] {
  const chain: LoadedObject[] = [];
  for (let one: LoadedObject | undefined = object; one !== undefined; one = one.by) chain.push(one);
  return chain;
}

/** What of an object and its loaders decides where a library is found; '' for nearly all. */
function ownPlaces(object: LoadedObject): string {
  return chainOf(object)
    .flatMap(({ path, elf: { rpath, runpath } }) =>
      rpath === undefined && runpath === undefined ? [] : [`${folderOf(path)}\0${rpath ?? ''}\0${runpath ?? ''}`],
    )
    .join('\n');
}

function expandAll(text: string | undefined, object: LoadedObject, places: Places): readonly string[] {
  if (text === undefined) return [];
  return text.split(':').map((folder) => expand(folder, object, places));
}

/** ld.so(8), "Dynamic string tokens". */
function expand(text: string, object: LoadedObject, { workdir, lib, platform }: Places): string {
  const expanded = text
    .replace(/\$(?:ORIGIN\b|\{ORIGIN\})/g, () => folderOf(object.path) || '/')
    .replace(/\$(?:LIB\b|\{LIB\})/g, lib)
    .replace(/\$(?:PLATFORM\b|\{PLATFORM\})/g, platform);
  return from(workdir, expanded);
}

/** An empty name is the folder in which the process starts (ld.so(8)). */
function from(workdir: string, path: string): string {
  return path.startsWith('/') ? path : `${workdir === '/' ? '' : workdir}/${path}`;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
