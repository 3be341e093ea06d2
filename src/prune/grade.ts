import type { PruneFile, PruneInput, PrunePackage } from './facts.ts';
import { moduleOf } from './modules.ts';
import { isLibrary, programName, programsOf } from './programs.ts';
import { isInDefaultFolder, isShared, type Reached } from './reached.ts';
import type { CutGrade } from './types.ts';

export interface Grade {
  readonly grade: CutGrade;
  readonly because: string;
}

/** How sure it is that nothing which stays reaches a package that nothing which stays names. */
export function gradeOf(one: PrunePackage, reached: Reached, { hasOthers }: Pick<PruneInput, 'hasOthers'>): Grade {
  const doubt =
    programDoubt(one, reached, hasOthers) ??
    libraryDoubt(one, reached, hasOthers) ??
    moduleDoubt(one, reached, hasOthers) ??
    dataDoubt(one, reached);
  if (doubt !== undefined) return { grade: 'no-evidence', because: doubt };
  return {
    grade: 'proven',
    because:
      'nothing that stays can start its programs, load its libraries, import its modules or look into its folders',
  };
}

const unread = 'nothing of a package names it; what is of no package was not read';

/** A program is started by its name, which may be one word of many or be put together: `git-%s`. */
function programDoubt(one: PrunePackage, reached: Reached, hasOthers: boolean): string | undefined {
  if (!one.files.some(isProgram)) return undefined;
  if (hasOthers) return unread;
  const teller = reached.shell ?? reached.interpreter;
  if (teller !== undefined) return `nothing that stays names one of its programs; /${teller} starts what it is told`;
  for (const name of programsOf(one)) {
    for (const word of [name, name.replace(/-.*$/, '')]) {
      const from = reached.words.get(word);
      if (from !== undefined)
        return `nothing that stays is seen to start its programs; /${from} starts some, and has the word ${word}`;
    }
  }
  return undefined;
}

/**
 * A library is loaded by its name, which may be made of a word (`lib%s.so`), or as a plugin of a folder. The C library
 * takes the names of its own plugins from nsswitch.conf(5).
 */
function libraryDoubt({ files }: PrunePackage, reached: Reached, hasOthers: boolean): string | undefined {
  const libraries = files.filter((file) => file.elf !== undefined && isLibrary(file));
  if (libraries.length === 0) return undefined;
  if (hasOthers) return unread;
  const { interpreter, madeWords, openerWords, sonames } = reached;
  if (interpreter !== undefined)
    return `nothing that stays needs or names its libraries; programs of /${interpreter} can load libraries`;
  for (const { path, elf } of libraries) {
    const file = path.slice(path.lastIndexOf('/') + 1);
    if (file.startsWith('libnss_') && sonames.has('libc.so.6'))
      return `the C library loads ${file} where a setting names it`;
    const stems = [elf?.soname ?? file, file].flatMap(stemsOf);
    const isPublic = isInDefaultFolder(path);
    const from = isPublic ? firstOf(stems, madeWords) : firstOf([...foldersOf(path), ...stems], openerWords);
    if (from === undefined || isOfLanguage(path)) continue;
    return `nothing that stays needs or names /${path}; /${from} can load libraries, and has a word of it`;
  }
  return undefined;
}

function firstOf(words: readonly string[], map: ReadonlyMap<string, string>): string | undefined {
  return words.map((word) => map.get(word)).find((from) => from !== undefined);
}

/** `libaudit.so.1`: audit, libaudit. */
function stemsOf(library: string): readonly string[] {
  const stem = library.replace(/\.so(?:\..*)?$/, '');
  return stem.startsWith('lib') ? [stem, stem.slice('lib'.length)] : [stem];
}

/** Names of its folders, those aside that many have. */
function foldersOf(path: string): readonly string[] {
  return path
    .split('/')
    .slice(2, -1)
    .filter((name) => !name.includes('-linux-'));
}

/** Modules in C of an interpreter: they are loaded by it alone. */
function isOfLanguage(path: string): boolean {
  return /^usr\/lib\/(?:[^/]+\/)?(?:perl|perl5|perl-base|python3(?:\.\d+)?|ruby)\//.test(path);
}

function moduleDoubt({ files }: PrunePackage, reached: Reached, hasOthers: boolean): string | undefined {
  const languages = new Set(files.flatMap(({ path }) => moduleOf(path)?.replace(/:.*$/, '') ?? []));
  if (languages.size === 0) return undefined;
  if (hasOthers) return unread;
  const language = [...languages].find((name) => reached.languages.has(name));
  return language && `nothing that stays imports its modules; the interpreter of ${language} stays`;
}

/** Settings, plugins and data are found by listing a folder, or by a name that is put together. */
function dataDoubt({ files }: PrunePackage, { paths }: Reached): string | undefined {
  for (const { path, type } of files) {
    if (type === 'directory') continue;
    for (let at = folderOf(path); at.includes('/'); at = folderOf(at)) {
      const from = isShared(at) ? undefined : paths.get(at);
      if (from !== undefined)
        return `nothing that stays names one of its files; /${from} names /${at}, where it has some`;
    }
  }
  return undefined;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function isProgram(file: PruneFile): boolean {
  const { type, mode, elf, shebang } = file;
  return (
    programName(file) !== undefined ||
    (type === 'file' && (mode & 0o111) !== 0 && (elf ?? shebang) !== undefined && !isLibrary(file))
  );
}
