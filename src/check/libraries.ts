import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { baseName } from '../rootfs/path.ts';
import { absolute, makeFinding, titleOf } from './finding.ts';
import { followPath } from './follow-path.ts';
import { type LoadProblem, loadProcess } from './load-process.ts';
import { type LoadedObject, type Loader, openLoader } from './loader.ts';
import { variableOf } from './program.ts';
import type { Root } from './roots.ts';
import type { CheckSettings, CheckTree, Finding } from './types.ts';

export interface LibraryOptions {
  readonly settings: CheckSettings;
  /** soname -> absolute paths, as ld.so.cache lists them. */
  readonly cache: ReadonlyMap<string, readonly string[]>;
}

/**
 * What the loader would stop at, whichever of the roots is loaded.
 * @throws SlimimageError LIMIT_EXCEEDED
 */
export function checkLibraries(
  tree: CheckTree,
  roots: readonly Root[],
  options: LibraryOptions,
): { readonly findings: readonly Finding[]; readonly checked: number } {
  const findings = new Map<string, Finding>();
  const loaded = new Set<string>();
  const scene = openScene(tree, options);
  let lookups = 0;
  for (const root of roots) {
    const { object, isProgram } = root;
    // Loaded by a program before: there it found what it needs, or a finding says that it did not.
    if (!isProgram && loaded.has(object.file.path)) continue;
    const stopped = interpreterFinding(tree, root);
    if (stopped !== undefined) findings.set(keyOf(stopped), stopped);
    const loader = scene.loaderOf(object);
    if (loader === undefined || isOfAnotherLibc(root, scene)) continue;
    const { objects, problems } = loadProcess(object, { loader, hosts: root.hosts });
    for (const one of objects) {
      loaded.add(one.file.path);
      lookups += one.elf.needed.length;
    }
    if (lookups > limits.checkedLibraries)
      throw tooMuch(`asks for libraries more than ${limits.checkedLibraries} times`);
    for (const problem of problems) {
      const finding = findingOf(tree, problem, { root, scene });
      if (finding !== undefined && !findings.has(keyOf(finding))) findings.set(keyOf(finding), finding);
    }
    if (findings.size > limits.checkFindings) throw tooMuch(`has more than ${limits.checkFindings} faults`);
  }
  return { findings: [...findings.values()], checked: loaded.size };
}

function tooMuch(what: string): SlimimageError {
  const hint = 'no real image does; look at what is in it before you run it';
  return new SlimimageError({ code: 'LIMIT_EXCEEDED', message: `The image ${what}`, hint });
}

interface Scene {
  readonly machines: { readonly musl: boolean; readonly glibc: boolean };
  /** Undefined where the file has an interpreter that is no loader known here. */
  loaderOf(object: LoadedObject): Loader | undefined;
  /** Libraries of that name or soname, wherever they are: `machine name` -> path. */
  readonly elsewhere: ReadonlyMap<string, string>;
}

function openScene(tree: CheckTree, { settings, cache }: LibraryOptions): Scene {
  const elsewhere = new Map<string, string>();
  const links: string[] = [];
  for (const { path, elf, type } of tree.entries()) {
    if (elf?.type === 'shared') {
      for (const name of [baseName(path), elf.soname])
        if (name !== undefined) elsewhere.set(`${elf.machine} ${name}`, path);
    } else if (type === 'symlink' && /\.so(?:\.|$)/.test(path)) links.push(path);
  }
  for (const path of links) {
    const { elf } = followPath(tree, path).file ?? {};
    if (elf?.type === 'shared') elsewhere.set(`${elf.machine} ${baseName(path)}`, path);
  }
  const has = (pattern: RegExp) => [...elsewhere.keys()].some((key) => pattern.test(key));
  const machines = { musl: has(/ (?:ld-musl-|libc\.musl-)/), glibc: has(/ libc\.so\.6(?:\.1)?$/) };
  const loaders = new Map<string, Loader>();
  const libraryPath = variableOf(settings.env, 'LD_LIBRARY_PATH');
  return {
    machines,
    elsewhere,
    loaderOf: ({ elf }) => {
      if (elf.interpreter !== undefined && /gcompat/.test(followPath(tree, elf.interpreter).path)) return undefined;
      const flavour = isMusl(elf, machines) ? 'musl' : 'glibc';
      const key = `${flavour} ${elf.machine} ${elf.bits}`;
      const { machine, bits } = elf;
      const { workdir } = settings;
      const loader = loaders.get(key) ?? openLoader(tree, { flavour, machine, bits, libraryPath, workdir, cache });
      loaders.set(key, loader);
      return loader;
    },
  };
}

function isMusl({ interpreter, needed }: LoadedObject['elf'], machines: Scene['machines']): boolean {
  if (interpreter !== undefined) return interpreter.includes('ld-musl');
  if (needed.some((name) => name.startsWith('libc.musl-'))) return true;
  return machines.musl && !needed.includes('libc.so.6') && !machines.glibc;
}

/** Applications carry libraries for musl and for glibc, and open those that fit. */
function isOfAnotherLibc({ object: { elf }, isEntrypoint }: Root, { machines }: Scene): boolean {
  if (isEntrypoint) return false;
  const musl = elf.needed.some((name) => name.startsWith('libc.musl-')) || elf.interpreter?.includes('ld-musl');
  if (musl === true) return !machines.musl && machines.glibc;
  return elf.needed.includes('libc.so.6') && !machines.glibc && machines.musl;
}

/** A program whose loader is not there is not started: the kernel says "no such file" of the program itself. */
function interpreterFinding(tree: CheckTree, root: Root): Finding | undefined {
  const { object, isProgram, severity } = root;
  const { interpreter } = object.elf;
  if (!isProgram || interpreter === undefined || interpreter === '') return undefined;
  const { file } = followPath(tree, interpreter);
  if (file?.type === 'file' && file.elf?.machine === object.elf.machine) return undefined;
  const path = object.file.path;
  const chain = chainText(tree, object, root);
  const name = titleOf(tree, path);
  if (file?.elf !== undefined) {
    const message = `The loader ${interpreter} of ${name} is for ${file.elf.machine}, not ${object.elf.machine}`;
    return makeFinding(tree, { type: 'architecture', severity, path, missing: interpreter, message, chain });
  }
  const message = `The loader ${interpreter} of ${name} is ${file === undefined ? 'not in the image' : 'no ELF file'}`;
  return makeFinding(tree, { type: 'interpreter', severity, path, missing: interpreter, message, chain });
}

function findingOf(
  tree: CheckTree,
  problem: LoadProblem,
  { root, scene }: { readonly root: Root; readonly scene: Scene },
): Finding | undefined {
  const { object, library } = problem;
  const { path } = object.file;
  const chain = chainText(tree, object, root);
  const { severity } = root;
  if (problem.type === 'symbol-version') {
    const missing = `${library} ${problem.version}`;
    const message = `${titleOf(tree, path)} needs ${problem.version} of ${library}, which ${titleOf(tree, problem.found.path)} does not have`;
    return makeFinding(tree, { type: 'symbol-version', severity, path, missing, message, chain });
  }
  const needs = `${titleOf(tree, path)} needs ${library}`;
  const elsewhere = scene.elsewhere.get(`${object.elf.machine} ${library}`);
  // The program that opens a plug-in has such libraries in memory.
  if (elsewhere !== undefined && !root.isProgram) return undefined;
  const foreign = problem.passed.find(({ elf }) => elf !== undefined);
  if (foreign?.elf !== undefined) {
    const message = `${needs}, and /${foreign.path} is for ${foreign.elf.machine}, not ${object.elf.machine}`;
    return makeFinding(tree, { type: 'architecture', severity, path, missing: library, message, chain });
  }
  const [other] = problem.passed;
  if (other !== undefined) {
    const message = `${needs}, and /${other.path} is ${other.damaged === true ? 'damaged' : 'no ELF file'}`;
    return makeFinding(tree, { type: 'damaged', severity, path, missing: library, message, chain });
  }
  if (elsewhere !== undefined) {
    const message = `${needs}, and the loader does not look where it is: ${absolute(elsewhere)}`;
    // A program that is not the entrypoint may be started by a script that says where to look.
    const softer = root.isEntrypoint ? severity : 'warning';
    return makeFinding(tree, { type: 'library', severity: softer, path, missing: library, message, chain });
  }
  const message = `${needs}, which is not in the image`;
  return makeFinding(tree, { type: 'library', severity, path, missing: library, message, chain });
}

/** From the file that lacks something to what was asked for. */
function chainText(tree: CheckTree, object: LoadedObject, root: Root): readonly string[] {
  const links: string[] = [];
  for (let one: LoadedObject | undefined = object; one?.by !== undefined; one = one.by)
    links.push(`needed by ${titleOf(tree, one.file.path)}`);
  return [...links, `needed by ${root.label}`];
}

function keyOf({ type, path, missing }: Finding): string {
  return `${type}\n${path}\n${missing}`;
}
