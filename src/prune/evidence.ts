import { alternativesOf } from './alternatives.ts';
import type { PruneFile, PrunePackage } from './facts.ts';
import { moduleOf } from './modules.ts';
import { programFolders, programName } from './programs.ts';
import { isShared, placed, type Reached } from './reached.ts';
import type { Evidence } from './types.ts';

/** The first thing that stays and reaches the package; undefined where nothing does. */
export function findEvidence(one: PrunePackage, reached: Reached, dependants: readonly string[]): Evidence | undefined {
  for (const file of one.files) {
    const found = fileEvidence(file, reached);
    if (found !== undefined) return found;
  }
  return (
    wordEvidence(one, reached, dependants) ??
    linkEvidence(one, reached) ??
    moduleEvidence(one, reached) ??
    pamEvidence(one, reached)
  );
}

/** Who depends on it and has the name of a program of it as a word means the program, if the word means little else. */
function wordEvidence(one: PrunePackage, reached: Reached, dependants: readonly string[]): Evidence | undefined {
  for (const file of one.files) {
    const name = programName(file);
    const known = name === undefined || isOrdinary.has(name) ? undefined : reached.ownWords.get(name);
    const from = known && dependants.map((dependant) => known.get(dependant)).find((path) => path !== undefined);
    const evidence = found(
      'command',
      from,
      `/${file.path}`,
      (path) => `/${path} of a package that depends on it names ${name}`,
    );
    if (evidence !== undefined) return evidence;
  }
  return undefined;
}

/** Programs whose names are also a database of accounts, a language that a program knows, a signal or a menu. */
const isOrdinary: ReadonlySet<string> = new Set(['passwd', 'perl', 'kill', 'free', 'top', 'watch', 'w']);

function fileEvidence(file: PruneFile, reached: Reached): Evidence | undefined {
  const { path, type } = file;
  if (type === 'directory') return folderEvidence(path, reached);
  const shown = `/${path}`;
  return (
    libraryEvidence(file, reached) ??
    found('interpreter', reached.interpreters.get(path), shown, (from) => `/${from} is run by ${shown}`) ??
    found(
      'configuration',
      configurationOf(reached.paths.get(path)),
      shown,
      (from) => `${named(from)} names ${shown}`,
    ) ??
    found('command', reached.paths.get(path), shown, (from) => `${named(from)} names ${shown}`) ??
    programEvidence(file, reached)
  );
}

function libraryEvidence({ path, elf }: PruneFile, reached: Reached): Evidence | undefined {
  if (elf === undefined || !/\.so(?:\.|$)/.test(path)) return undefined;
  const file = path.slice(path.lastIndexOf('/') + 1);
  for (const name of new Set([elf.soname ?? file, file])) {
    const provided = reached.sonames.get(name);
    if (provided === undefined) {
      const loaded = found('library', reached.libraries.get(name), `/${path}`, (from) => `/${from} needs ${name}`);
      const opened = found('dlopen', reached.opened.get(name), `/${path}`, (from) => `/${from} names ${name}`);
      if ((loaded ?? opened) !== undefined) return loaded ?? opened;
      continue;
    }
    // What stays has a library of that name, but perhaps not each of its symbol versions.
    for (const [version, from] of reached.versions.get(name) ?? []) {
      if (provided.has(version) || !elf.versionsDefined.includes(version)) continue;
      return found('library', from, `/${path}`, () => `/${from} needs ${version} of ${name}`);
    }
  }
  return undefined;
}

function programEvidence(file: PruneFile, reached: Reached): Evidence | undefined {
  const name = programName(file);
  if (name === undefined || programFolders.some((folder) => reached.files.has(`${folder}${name}`))) return undefined;
  return commandEvidence(name, `/${file.path}`, reached);
}

function commandEvidence(name: string, to: string, reached: Reached): Evidence | undefined {
  const words = isTelling(name) ? reached.words.get(name) : undefined;
  return (
    found('interpreter', reached.interpreters.get(name), to, (from) => `/${from} is run by ${name}`) ??
    found('command', reached.commands.get(name), to, (from) => `${named(from)} runs ${name}`) ??
    found('command', words, to, (from) => `/${from} starts programs, and names ${name}`)
  );
}

/** `top` and `free` stand in many programs that mean something else by it. */
function isTelling(name: string): boolean {
  return name.length >= 4 && /[-.0-9]/.test(name);
}

/** A folder that only this package has, and that something names: it looks for what is in there. */
function folderEvidence(path: string, reached: Reached): Evidence | undefined {
  if (reached.folders.has(path) || isShared(path)) return undefined;
  return found('configuration', reached.paths.get(path), `/${path}`, (from) => `${named(from)} names /${path}`);
}

/** Links between alternatives that its scripts would make. */
function linkEvidence({ scripts }: PrunePackage, reached: Reached): Evidence | undefined {
  for (const { link, name, target } of alternativesOf(scripts)) {
    const to = `/${placed(target)}`;
    const evidence =
      found(
        'command',
        reached.paths.get(placed(link)),
        to,
        (from) => `${named(from)} names ${link}, a link to ${to}`,
      ) ??
      (programFolders.some((folder) => reached.files.has(`${folder}${name}`))
        ? undefined
        : commandEvidence(link.slice(link.lastIndexOf('/') + 1), to, reached));
    if (evidence !== undefined) return evidence;
  }
  return undefined;
}

function moduleEvidence({ files }: PrunePackage, reached: Reached): Evidence | undefined {
  for (const { path, type } of files) {
    if (type === 'directory') continue;
    const name = moduleOf(path);
    if (name === undefined || hasModule(name, reached)) continue;
    const module = name.slice(name.indexOf(':') + 1);
    const evidence = found('import', reached.imports.get(name), `/${path}`, (from) => `/${from} imports ${module}`);
    if (evidence !== undefined) return evidence;
  }
  return undefined;
}

/** Whether something that stays has the module too. */
function hasModule(name: string, { files }: Reached): boolean {
  return kept(files).has(name);
}

const keptModules = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>();

function kept(files: ReadonlySet<string>): ReadonlySet<string> {
  const known = keptModules.get(files);
  if (known !== undefined) return known;
  const modules = new Set([...files].flatMap((path) => moduleOf(path) ?? []));
  keptModules.set(files, modules);
  return modules;
}

/**
 * A service of PAM includes what libpam-runtime would have written, and names modules (pam.conf(5)). Where the library
 * stays a user may add a service, and every service needs modules.
 */
function pamEvidence({ name, files }: PrunePackage, { pam, sonamePaths }: Reached): Evidence | undefined {
  if (name === 'libpam-runtime') {
    const common = [...pam].find(([word]) => word.startsWith('common-'));
    if (common !== undefined)
      return found('configuration', common[1], `/etc/pam.d/${common[0]}`, (from) => `/${from} includes ${common[0]}`);
  }
  for (const { path } of files) {
    const module = /\/security\/(pam_[^/]+\.so)$/.exec(path)?.[1];
    if (module === undefined) continue;
    const evidence =
      found('configuration', pam.get(module), `/${path}`, (from) => `/${from} names ${module}`) ??
      found('dlopen', sonamePaths.get('libpam.so.0'), `/${path}`, (from) => `/${from} loads modules of PAM`);
    if (evidence !== undefined) return evidence;
  }
  return undefined;
}

function found(
  type: Evidence['type'],
  from: string | undefined,
  to: string,
  because: (from: string) => string,
): Evidence | undefined {
  return from === undefined ? undefined : { type, from: named(from), to, because: because(from) };
}

function named(from: string): string {
  return from === 'the configuration' ? from : `/${from}`;
}

function configurationOf(from: string | undefined): string | undefined {
  return from?.startsWith('etc/') ? from : undefined;
}
