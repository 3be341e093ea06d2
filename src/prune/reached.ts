import { alternativesOf } from './alternatives.ts';
import { ownName, type PruneFile, type PruneInput, type PrunePackage } from './facts.ts';
import { programFolders, programsOf } from './programs.ts';

/** What files of packages that stay reach, by what they reach: the first file that does. Paths are relative to the root. */
export interface Reached {
  /** Needed by the loader. */
  readonly libraries: ReadonlyMap<string, string>;
  /** soname -> symbol version -> the file that needs it. */
  readonly versions: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Named by what may load libraries. */
  readonly opened: ReadonlyMap<string, string>;
  /** Paths and, through env, names of interpreters. */
  readonly interpreters: ReadonlyMap<string, string>;
  readonly paths: ReadonlyMap<string, string>;
  readonly commands: ReadonlyMap<string, string>;
  readonly words: ReadonlyMap<string, string>;
  /** Words that are names of programs which do not stay: each package that has them, and its file. */
  readonly ownWords: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Words of what puts names of libraries together (`lib%s.so`), and of settings. */
  readonly madeWords: ReadonlyMap<string, string>;
  /** Words of all that may load libraries: of a plugin, or of the folder that it lies in. */
  readonly openerWords: ReadonlyMap<string, string>;
  readonly imports: ReadonlyMap<string, string>;
  /** Of PAM's services. */
  readonly pam: ReadonlyMap<string, string>;
  /** An interpreter: it starts and loads what its programs tell it. */
  readonly interpreter: string | undefined;
  readonly shell: string | undefined;
  /** Languages whose interpreter stays. */
  readonly languages: ReadonlySet<string>;
  /** What stays. */
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
  readonly sonames: ReadonlyMap<string, ReadonlySet<string>>;
  readonly sonamePaths: ReadonlyMap<string, string>;
}

/** Reads what the packages that stay reach. A script without its interpreter runs nothing, so it reaches nothing. */
export function readReached(packages: readonly PrunePackage[], input: PruneInput): Reached {
  const reader = new ReachReader(packages, input);
  return reader.read();
}

const languages: readonly (readonly [language: string, sign: RegExp])[] = [
  ['perl', /^(?:usr\/bin\/perl[0-9.]*|usr\/lib\/[^/]+\/libperl\.so.*)$/],
  ['python', /^(?:usr\/bin\/python[0-9.]*|usr\/lib\/[^/]+\/libpython[0-9.]*\.so.*)$/],
  ['ruby', /^(?:usr\/bin\/ruby[0-9.]*|usr\/lib\/[^/]+\/libruby-[0-9.]*\.so.*)$/],
];

/** Programs that run whatever they are told: what they can start or load is not in their files. */
const interpreters =
  /^usr\/(?:bin\/(?:perl|python|ruby|node|php|lua|tclsh|guile)[0-9.]*|lib\/.*\/lib(?:jvm|coreclr)\.so)$/;
const shells = /^(?:usr\/)?bin\/(?:sh|dash|bash|zsh|ksh[0-9]*|mksh|busybox)$/;

class ReachReader {
  readonly #packages: readonly PrunePackage[];
  readonly #input: PruneInput;
  readonly #files = new Set<string>();
  readonly #links = new Set<string>();
  readonly #folders = new Set<string>();
  readonly #sonames = new Map<string, ReadonlySet<string>>();
  readonly #sonamePaths = new Map<string, string>();
  readonly #libraries = new Map<string, string>();
  readonly #versions = new Map<string, Map<string, string>>();
  readonly #opened = new Map<string, string>();
  readonly #interpreters = new Map<string, string>();
  readonly #paths = new Map<string, string>();
  readonly #commands = new Map<string, string>();
  readonly #words = new Map<string, string>();
  readonly #ownWords = new Map<string, Map<string, string>>();
  readonly #madeWords = new Map<string, string>();
  readonly #openerWords = new Map<string, string>();
  readonly #owners = new Map<PruneFile, string>();
  readonly #absentPrograms: ReadonlySet<string>;
  readonly #imports = new Map<string, string>();
  readonly #pam = new Map<string, string>();
  readonly #languages = new Set<string>();
  #interpreter: string | undefined;
  #shell: string | undefined;

  constructor(packages: readonly PrunePackage[], input: PruneInput) {
    this.#packages = packages;
    this.#input = input;
    const stays = new Set(packages);
    this.#absentPrograms = new Set(input.packages.filter((one) => !stays.has(one)).flatMap(programsOf));
  }

  read(): Reached {
    for (const word of this.#input.started) this.#start(word);
    for (const { name, files, scripts } of this.#packages) {
      for (const file of files) {
        this.#owners.set(file, name);
        this.#list(file);
      }
      for (const { target } of alternativesOf(scripts)) this.#links.add(placed(target));
    }
    const files = this.#packages.flatMap((one) => one.files);
    const data = files.filter((file) => this.#isData(file));
    const others = new Set(data);
    for (const file of files) if (!others.has(file)) this.#reach(file);
    // What lies among data is started by whoever names it, and may name more of it.
    for (let left = data; ; ) {
      const named = left.filter(({ path }) => this.#isNamed(path));
      for (const file of named) this.#reach(file);
      if (named.length === 0) break;
      left = left.filter((file) => !named.includes(file));
    }
    return {
      libraries: this.#libraries,
      versions: this.#versions,
      opened: this.#opened,
      interpreters: this.#interpreters,
      paths: this.#paths,
      commands: this.#commands,
      words: this.#words,
      ownWords: this.#ownWords,
      madeWords: this.#madeWords,
      openerWords: this.#openerWords,
      imports: this.#imports,
      pam: this.#pam,
      interpreter: this.#interpreter,
      shell: this.#shell,
      languages: this.#languages,
      files: this.#files,
      folders: this.#folders,
      sonames: this.#sonames,
      sonamePaths: this.#sonamePaths,
    };
  }

  /** Scripts of packages below /usr/share are no programs of PATH; a user puts one there to be run. */
  #isData(file: PruneFile): boolean {
    return file.shebang !== undefined && file.path.startsWith('usr/share/') && this.#owners.get(file) !== ownName;
  }

  /** Whether a link leads to it, or something names it, or a folder of it below /usr/share. */
  #isNamed(path: string): boolean {
    if (this.#links.has(path)) return true;
    for (let at = path; at.split('/').length > 2; at = at.slice(0, at.lastIndexOf('/')))
      if (this.#paths.has(at)) return true;
    return false;
  }

  #list({ path, type, elf, linkTarget }: PruneFile): void {
    if (type === 'directory') {
      this.#folders.add(path);
      return;
    }
    this.#files.add(path);
    if (type === 'symlink' && linkTarget !== undefined && !isUnsought(path))
      this.#links.add(followed(path, linkTarget));
    if (elf?.soname !== undefined) {
      // A private one serves those alone that know where it is.
      if (isInDefaultFolder(path)) this.#sonames.set(elf.soname, new Set(elf.versionsDefined));
      first(this.#sonamePaths, elf.soname, path);
    }
    for (const [language, sign] of languages) if (sign.test(path)) this.#languages.add(language);
    if (interpreters.test(path)) this.#interpreter ??= path;
    if (shells.test(path)) this.#shell ??= path;
  }

  #reach(file: PruneFile): void {
    const { path, elf, shebang, mode, reach } = file;
    if (elf !== undefined) this.#load(path, elf);
    if (shebang !== undefined) {
      const interpreter = interpreterOf(shebang);
      if ((mode & 0o111) !== 0) first(this.#interpreters, interpreter, path);
      if (!this.#isThere(interpreter)) return;
    }
    if (reach === undefined) return;
    for (const name of split(reach.libraries)) first(this.#opened, name, path);
    for (const name of split(reach.paths)) first(this.#paths, placed(name), path);
    for (const name of split(reach.commands)) first(this.#commands, name, path);
    for (const name of split(reach.imports)) this.#import(name, path);
    const words = split(reach.words);
    if (path.startsWith('etc/pam.d/')) {
      for (const name of words) first(this.#pam, name, path);
      return;
    }
    const isSetting = elf === undefined && shebang === undefined && path.startsWith('etc/');
    if (reach.makes === true || isSetting) for (const name of words) first(this.#madeWords, name, path);
    if (reach.opens === true || isSetting) for (const name of words) first(this.#openerWords, name, path);
    if (elf !== undefined && reach.starts !== true) return;
    for (const name of words) {
      if (!isSetting) first(this.#words, name, path);
      if (this.#absentPrograms.has(name)) this.#own(name, file);
    }
  }

  #own(word: string, file: PruneFile): void {
    const known = this.#ownWords.get(word) ?? new Map<string, string>();
    this.#ownWords.set(word, known);
    first(known, this.#owners.get(file) ?? '', file.path);
  }

  #load(path: string, elf: NonNullable<PruneFile['elf']>): void {
    for (const soname of elf.needed) first(this.#libraries, soname, path);
    if (elf.interpreter !== undefined) first(this.#interpreters, placed(elf.interpreter), path);
    for (const [soname, versions] of Object.entries(elf.versionsNeeded)) {
      const known = this.#versions.get(soname) ?? new Map<string, string>();
      this.#versions.set(soname, known);
      for (const version of versions) first(known, version, path);
    }
  }

  #import(name: string, path: string): void {
    if (this.#languages.has(name.slice(0, name.indexOf(':')))) first(this.#imports, name, path);
  }

  #start(word: string): void {
    if (word.startsWith('/')) first(this.#paths, placed(word), 'the configuration');
    else first(this.#commands, word, 'the configuration');
  }

  #isThere(interpreter: string): boolean {
    const { isBelow } = this.#input;
    const paths = interpreter.includes('/') ? [interpreter] : programFolders.map((folder) => `${folder}${interpreter}`);
    return paths.some((path) => this.#files.has(path) || isBelow(path));
  }
}

/** Folders with files of so many packages that whoever names one means none of them, and those at the top. */
export function isShared(path: string): boolean {
  return path.split('/').length < (path.startsWith('etc/') ? 2 : 3) || searched.test(path);
}

/** Where interpreters look for every module, and programs for every setting, text or translation. */
const searched =
  /^(?:usr\/share\/perl5?|usr\/lib\/(?:[^/]+\/)?perl5?(?:\/[\d.]+)?|usr\/lib\/[^/]+\/perl-base|usr\/lib\/python3(?:\/dist-packages)?|usr\/lib\/ruby(?:\/vendor_ruby)?|etc\/(?:default|init\.d)|usr\/lib\/[^/]+\.d|(?:usr\/lib|etc)\/systemd(?:\/.*)?|usr\/lib\/[^/]+-linux-[^/]+|usr\/share\/(?:doc|man|info|lintian|bug|doc-base|locale)(?:\/.*)?)$/;

/** The path that the kernel starts, relative to the root; a name where env looks one up. */
function interpreterOf(shebang: string): string {
  const [program = '', ...words] = shebang.split(/[ \t]+/);
  if (!/(?:^|\/)env$/.test(program)) return placed(program);
  const name = words.find((word) => !word.startsWith('-') && !word.includes('='));
  return name === undefined ? placed(program) : name.startsWith('/') ? placed(name) : name;
}

/** As files lie in a merged /usr, relative to the root. */
export function placed(path: string): string {
  return path.replace(/^\/+/, '').replace(/^(bin|sbin|lib|lib64|lib32)(?=\/)/, 'usr/$1');
}

/** A link there starts nothing by itself. */
function isUnsought(path: string): boolean {
  return /^usr\/(?:share|lib\/cgi-bin)\//.test(path);
}

/** Where the loader looks without being told (ld.so(8)). */
export function isInDefaultFolder(path: string): boolean {
  return /^usr\/lib(?:64|32)?\/(?:[^/]+-linux-[^/]+\/)?[^/]+$/.test(path);
}

/** Where a link leads, by its words alone. */
function followed(path: string, target: string): string {
  if (target.startsWith('/')) return placed(target);
  const parts = path.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

function split(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(' ');
}

function first(map: Map<string, string>, key: string, path: string): void {
  if (!map.has(key)) map.set(key, path);
}
