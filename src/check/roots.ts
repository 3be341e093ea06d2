import type { ElfFacts } from '../formats/elf/facts.ts';
import { baseName, parentPath } from '../rootfs/path.ts';
import { compareStrings, decodeUtf8 } from '../util/text.ts';
import { absolute, titleOf } from './finding.ts';
import { followPath } from './follow-path.ts';
import type { LoadedObject } from './loader.ts';
import { runsOn, tripletsOf } from './machines.ts';
import { isIn, programFolders } from './program.ts';
import type { CheckFile, CheckSettings, CheckTree, Severity } from './types.ts';

/** A file that something loads: a program that is started, or a library that a program opens while it runs. */
export interface Root {
  readonly object: LoadedObject;
  /** What it is, for people: `Python's ssl module`. */
  readonly label: string;
  readonly severity: Severity;
  /** A program, and no library: it finds nothing in memory that another has loaded. */
  readonly isProgram: boolean;
  /** What is loaded before it. */
  readonly hosts: readonly LoadedObject[];
  /** The entrypoint, where `allow:` alone forgives. */
  readonly isEntrypoint: boolean;
}

/** Roots by what hangs on them: the entrypoint, then other errors, programs before libraries, then by path. */
export function findRoots(
  tree: CheckTree,
  settings: CheckSettings,
  entrypoint: LoadedObject | undefined,
): readonly Root[] {
  const files = loadable(tree, settings);
  const scene = sceneOf(tree, settings, files);
  const roots = files.flatMap((file) => rootOf(file, scene) ?? []);
  const rank = ({ severity, isProgram }: Root) => (severity === 'error' ? 0 : 2) + (isProgram ? 0 : 1);
  roots.sort((a, b) => rank(a) - rank(b) || compareStrings(a.object.path, b.object.path));
  if (entrypoint === undefined) return roots;
  const label = `the entrypoint ${settings.command[0] ?? entrypoint.path}`;
  const first: Root = { object: entrypoint, label, severity: 'error', isProgram: true, hosts: [], isEntrypoint: true };
  return [first, ...roots.filter(({ object }) => object.file.path !== entrypoint.file.path)];
}

/** Folders of files that nobody on this machine loads. */
const ignored = /^(?:usr\/lib\/debug|usr\/lib\/modules|lib\/modules|usr\/lib\/firmware|lib\/firmware)\//;

function loadable(tree: CheckTree, { machine }: CheckSettings): readonly CheckFile[] {
  const files: CheckFile[] = [];
  for (const file of tree.entries()) {
    const { elf, path, type } = file;
    if (elf === undefined || type !== 'file' || ignored.test(path)) continue;
    if (elf.type !== 'executable' && elf.type !== 'shared') continue;
    if (!runsOn(elf.machine, machine)) continue;
    if (elf.needed.length === 0 && elf.interpreter === undefined) continue;
    if (path.startsWith('usr/share/') && !path.endsWith('.node')) continue;
    files.push(file);
  }
  return files.sort((a, b) => compareStrings(a.path, b.path));
}

interface Scene {
  readonly tree: CheckTree;
  readonly settings: CheckSettings;
  readonly programFolders: ReadonlySet<string>;
  readonly libraryFolders: ReadonlySet<string>;
  /** Folder of a Java runtime's libraries -> its virtual machine. */
  readonly java: ReadonlyMap<string, LoadedObject>;
  readonly hasPython: boolean;
  /** Names in nsswitch.conf. */
  readonly nameServices: ReadonlySet<string>;
}

function sceneOf(tree: CheckTree, settings: CheckSettings, files: readonly CheckFile[]): Scene {
  const { machine, env } = settings;
  const folders = ['lib', 'usr/lib', 'lib64', 'usr/lib64', 'usr/local/lib'].concat(
    tripletsOf(machine).flatMap((triplet) => [`lib/${triplet}`, `usr/lib/${triplet}`]),
  );
  return {
    tree,
    settings,
    programFolders: programFolders(tree, env),
    libraryFolders: new Set(folders.map((folder) => followPath(tree, folder).path)),
    java: javaHomes(files),
    hasPython: files.some(({ path }) => /(?:^|\/)(?:bin\/python3|lib\/(?:.*\/)?libpython3)[^/]*$/.test(path)),
    nameServices: nameServices(tree),
  };
}

function javaHomes(files: readonly CheckFile[]): ReadonlyMap<string, LoadedObject> {
  const homes = new Map<string, LoadedObject>();
  for (const file of files) {
    const folder = /^(.*)\/(?:server|client|minimal)\/libjvm\.so$/.exec(file.path)?.[1];
    if (folder !== undefined && !homes.has(folder)) homes.set(folder, objectOf(file));
  }
  return homes;
}

function nameServices(tree: CheckTree): ReadonlySet<string> {
  const text = decodeUtf8(tree.read('etc/nsswitch.conf') ?? new Uint8Array());
  const words = text
    .split('\n')
    .map((line) => line.replace(/#.*/, ''))
    .flatMap((line) => (/^\s*\w+:(.*)$/.exec(line)?.[1] ?? '').replace(/\[[^\]]*\]/g, ' ').split(/\s+/));
  return new Set(words.filter((word) => word !== ''));
}

function rootOf(file: CheckFile, scene: Scene): Root | undefined {
  const { tree, settings } = scene;
  const object = objectOf(file);
  const runtime = runtimeOf(file, scene);
  const isProgram = isProgramFile(file);
  const isCommon = isProgram
    ? isIn(scene.programFolders, file.path)
    : isIn(scene.libraryFolders, file.path) && (file.elf as ElfFacts).soname !== undefined;
  const severity = runtime?.severity ?? severityOf(file, { isCommon, isProgram, tree, settings });
  const label = runtime?.label ?? (isProgram ? absolute(file.path) : titleOf(tree, file.path));
  return { object, label, severity, isProgram, hosts: runtime?.hosts ?? [], isEntrypoint: false };
}

function severityOf(
  { path }: CheckFile,
  about: {
    readonly isCommon: boolean;
    readonly isProgram: boolean;
    readonly tree: CheckTree;
    readonly settings: CheckSettings;
  },
): Severity {
  const { isCommon, isProgram, tree, settings } = about;
  const name = tree.packageOf(path);
  if (settings.requested === undefined) return isCommon && isProgram ? 'error' : 'warning';
  if (name === undefined || !settings.requested.has(name)) return 'warning';
  return isCommon || !settings.isComplete(name) ? 'error' : 'warning';
}

interface Runtime {
  readonly label: string;
  readonly severity: Severity;
  readonly hosts?: readonly LoadedObject[] | undefined;
}

/** What the runtimes of contract.md open while they run. */
function runtimeOf(file: CheckFile, scene: Scene): Runtime | undefined {
  const { path } = file;
  const name = baseName(path);
  const python = /(?:^|\/)lib\/python3[^/]*\/lib-dynload\/([^/.]+)\.[^/]*so$/.exec(path)?.[1];
  // Images of Python leave out Tk on purpose.
  if (python !== undefined && scene.hasPython)
    return {
      label: `Python's ${python.replace(/^_/, '')} module`,
      severity: python === '_tkinter' ? 'warning' : 'error',
    };
  if (name.endsWith('.node'))
    return { label: `the Node addon ${absolute(path)}`, severity: addonSeverity(path, scene) };
  const machine = scene.java.get(parentPath(path));
  if (machine !== undefined && name.endsWith('.so'))
    return { label: `the Java library ${name}`, severity: desktop.test(name) ? 'warning' : 'error', hosts: [machine] };
  if (/\/ossl-modules\/[^/]+\.so$/.test(path)) return { label: `the OpenSSL module ${name}`, severity: 'error' };
  const service = /^libnss_([^/]+)\.so\.2$/.exec(name)?.[1];
  if (service !== undefined && isIn(scene.libraryFolders, path))
    return { label: `the name service ${service}`, severity: scene.nameServices.has(service) ? 'error' : 'warning' };
  return undefined;
}

/** Java's own drawing, printing and sound: runtimes for servers leave out what it needs. */
const desktop =
  /^lib(?:awt.*|jawt|fontmanager|freetype|javajpeg|jsound|lcms|mlib_image|splashscreen|j2pcsc|prefs|t2k|kcms|jfx.*|glass.*|prism.*|decora.*|gstreamer-lite|avplugin.*)\.so$/;

/** An application may bring an addon for each platform, of which one is opened. */
function addonSeverity(path: string, { tree, settings }: Scene): Severity {
  const isPackaged = tree.packageOf(path) !== undefined;
  return (settings.requested === undefined || isPackaged) && !path.includes('/prebuilds/') ? 'error' : 'warning';
}

function isProgramFile({ elf, path, mode }: CheckFile): boolean {
  if (elf?.type === 'executable') return true;
  return elf?.interpreter !== undefined && (mode & 0o111) !== 0 && !/\.so(?:\.|$)/.test(baseName(path));
}

function objectOf(file: CheckFile): LoadedObject {
  return { path: absolute(file.path), file, elf: file.elf as ElfFacts, by: undefined };
}
