import { alternativesOf } from './alternatives.ts';
import type { PruneFile, PrunePackage } from './facts.ts';
import { placed, programFolders, type Reached } from './reached.ts';
import type { Evidence } from './types.ts';

/** The first thing that stays and reaches the package; undefined where nothing does. */
export function findEvidence(one: PrunePackage, reached: Reached): Evidence | undefined {
  for (const file of one.files) {
    const found = fileEvidence(file, reached);
    if (found !== undefined) return found;
  }
  return linkEvidence(one, reached) ?? moduleEvidence(one, reached) ?? pamEvidence(one, reached);
}

/** What a package has that can be reached, for its grade. */
export interface Reachable {
  readonly programs: boolean;
  readonly libraries: boolean;
  readonly languages: ReadonlySet<string>;
}

export function reachableOf({ files }: PrunePackage): Reachable {
  return {
    programs: files.some((file) => isProgram(file)),
    libraries: files.some(({ path, elf }) => elf !== undefined && /\.so(?:\.|$)/.test(path)),
    languages: new Set(files.flatMap(({ path }) => modulesOf(path).map((name) => name.slice(0, name.indexOf(':'))))),
  };
}

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
  if (reached.folders.has(path) || path.split('/').length < 3 || searched.test(path)) return undefined;
  return found('configuration', reached.paths.get(path), `/${path}`, (from) => `${named(from)} names /${path}`);
}

/** Where interpreters look for every module, and programs for every setting. */
const searched =
  /^(?:usr\/share\/perl5?|usr\/lib\/(?:[^/]+\/)?perl5?(?:\/[\d.]+)?|usr\/lib\/[^/]+\/perl-base|usr\/lib\/python3(?:\/dist-packages)?|usr\/lib\/ruby(?:\/vendor_ruby)?|etc\/default|usr\/lib\/[^/]+\.d|(?:usr\/lib|etc)\/systemd(?:\/.*)?|usr\/lib\/[^/]+-linux-[^/]+)$/;

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
    for (const name of modulesOf(path)) {
      if (hasModule(name, reached)) continue;
      const [, module = ''] = /^[a-z]+:(.*)$/.exec(name) ?? [];
      const evidence = found('import', reached.imports.get(name), `/${path}`, (from) => `/${from} imports ${module}`);
      if (evidence !== undefined) return evidence;
    }
  }
  return undefined;
}

const moduleFolders: readonly (readonly [language: string, folder: RegExp])[] = [
  [
    'perl',
    /^(?:usr\/share\/perl5|usr\/share\/perl\/[\d.]+|usr\/lib\/[^/]+\/perl(?:-base|5\/[\d.]+|\/[\d.]+))\/(.+)\.pm$/,
  ],
  ['python', /^usr\/lib\/python3(?:\.\d+)?(?:\/dist-packages)?\/([^/.]+)(?:\.py|\/__init__\.py|\.[^/]*\.so)$/],
  ['ruby', /^usr\/lib\/ruby\/(?:vendor_ruby(?:\/[\d.]+)?|[\d.]+)\/(.+)\.rb$/],
];

/** `perl:Debconf::Client::ConfModule` for the path of that module; [] for other files. */
function modulesOf(path: string): readonly string[] {
  for (const [language, folder] of moduleFolders) {
    const name = folder.exec(path)?.[1];
    if (name !== undefined) return [`${language}:${language === 'perl' ? name.replaceAll('/', '::') : name}`];
  }
  return [];
}

/** Whether something that stays has the module too. */
function hasModule(name: string, { files }: Reached): boolean {
  return files.has(name) || kept(files).has(name);
}

const keptModules = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>();

function kept(files: ReadonlySet<string>): ReadonlySet<string> {
  const known = keptModules.get(files);
  if (known !== undefined) return known;
  const modules = new Set([...files].flatMap(modulesOf));
  keptModules.set(files, modules);
  return modules;
}

/** A service of PAM includes what libpam-runtime would have written, and names modules (pam.conf(5)). */
function pamEvidence({ name, files }: PrunePackage, { pam }: Reached): Evidence | undefined {
  if (name === 'libpam-runtime') {
    const common = [...pam].find(([word]) => word.startsWith('common-'));
    if (common !== undefined)
      return found('configuration', common[1], `/etc/pam.d/${common[0]}`, (from) => `/${from} includes ${common[0]}`);
  }
  for (const { path } of files) {
    const module = /\/security\/(pam_[^/]+\.so)$/.exec(path)?.[1];
    const evidence = found('configuration', pam.get(module ?? ''), `/${path}`, (from) => `/${from} names ${module}`);
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

function isProgram(file: PruneFile): boolean {
  const { type, mode, elf, shebang } = file;
  return (
    programName(file) !== undefined ||
    (type === 'file' && (mode & 0o111) !== 0 && (elf ?? shebang) !== undefined && !isLibrary(file))
  );
}

function isLibrary({ path }: PruneFile): boolean {
  return /\.so(?:\.|$)/.test(path);
}

function programName({ path, type, mode }: PruneFile): string | undefined {
  if (type === 'directory' || (type === 'file' && (mode & 0o111) === 0)) return undefined;
  const folder = programFolders.find((one) => path.startsWith(one));
  const name = folder === undefined ? undefined : path.slice(folder.length);
  return name === undefined || name.includes('/') ? undefined : name;
}

export function programsOf({ files }: PrunePackage): readonly string[] {
  return files.flatMap((file) => programName(file) ?? []);
}
