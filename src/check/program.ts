import type { ElfFacts } from '../formats/elf/facts.ts';
import { parseShebang } from '../formats/shebang/read-shebang.ts';
import { parentPath } from '../rootfs/path.ts';
import { isAllowed, modeText } from './access.ts';
import { absolute, makeFinding, titleOf } from './finding.ts';
import { type FollowedPath, followPath } from './follow-path.ts';
import type { LoadedObject } from './loader.ts';
import { runsOn } from './machines.ts';
import type { CheckFile, CheckSettings, CheckTree, Finding, FindingType } from './types.ts';

/** What starting the program of an image comes to. */
export interface StartedProgram {
  readonly findings: readonly Finding[];
  /** The ELF file that is loaded in the end: the program, or the interpreter of its script. */
  readonly program: LoadedObject | undefined;
}

/** Interpreters of interpreters that Linux follows (execve(2), "Interpreter scripts"). */
const maxInterpreters = 5;

/**
 * Starts the entrypoint, or the command where there is none, as a container engine and then the kernel would: found by
 * its path or in PATH, reached and executed by the user, for this machine, through the interpreters of scripts.
 */
export function startProgram(tree: CheckTree, settings: CheckSettings): StartedProgram {
  const [name] = settings.command;
  if (name === undefined || name === '') return { findings: [], program: undefined };
  const path = findProgram(tree, name, settings);
  if (path === undefined) {
    const where = `in PATH (${pathOf(settings.env)})`;
    return stop(tree, { type: 'entrypoint', path: name, missing: name, message: `${name} is not found ${where}` });
  }
  return start(tree, path, { settings, chain: [`the entrypoint ${name}`], depth: 0 });
}

/** Absolute path of a program: as written, below the working folder, or the first of that name in PATH that can be run. */
export function findProgram(
  tree: CheckTree,
  name: string,
  { env, workdir }: Pick<CheckSettings, 'env' | 'workdir'>,
): string | undefined {
  if (name.startsWith('/')) return name;
  if (name.includes('/')) return `${workdir === '/' ? '' : workdir}/${name}`;
  const found = pathOf(env)
    .split(':')
    .map((folder) => `${folder === '' ? workdir : folder}/${name}`)
    .map((path) => ({ path, file: followPath(tree, path).file }))
    .filter(({ file }) => file?.type === 'file');
  return (found.find(({ file }) => ((file?.mode ?? 0) & 0o111) !== 0) ?? found[0])?.path;
}

/** What engines set where an image says nothing. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function pathOf(env: readonly string[]): string {
  return variableOf(env, 'PATH') ?? defaultPath;
}

export function variableOf(env: readonly string[], name: string): string | undefined {
  return env.findLast((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
}

interface StartOptions {
  readonly settings: CheckSettings;
  /** From what is started to what was asked for. */
  readonly chain: readonly string[];
  readonly depth: number;
}

function start(tree: CheckTree, path: string, options: StartOptions): StartedProgram {
  const { settings, chain, depth } = options;
  const found = followPath(tree, path);
  const refuse = (problem: Omit<Problem, 'chain'>) => stop(tree, { ...problem, chain });
  const { file } = found;
  if (file === undefined) return refuse(absence(found, path, depth));
  const barred = settings.user === undefined ? undefined : barrier(found, settings.user);
  if (barred !== undefined) return refuse(barred);
  if (file.type !== 'file')
    return refuse({ type: 'entrypoint', path, missing: path, message: `${path} is a ${file.type}, not a program` });
  const executor = settings.user ?? { uid: 0, gids: [0] };
  if (!isAllowed(file, 'execute', executor)) return refuse(notExecutable(file, executor.uid));
  if (file.elf !== undefined) return startElf(tree, { file, path: found.path }, options);
  if (file.shebang !== undefined) return startScript(tree, { file, shebang: file.shebang }, options);
  if (file.damaged === true)
    return refuse({ type: 'damaged', path: file.path, missing: absolute(file.path), message: damagedText(file) });
  const message = `/${file.path} is neither an ELF file nor a script that names its interpreter`;
  return refuse({ type: 'entrypoint', path: file.path, missing: 'an interpreter line (#!)', message });
}

function startElf(
  tree: CheckTree,
  { file, path }: { readonly file: CheckFile; readonly path: string },
  { settings, chain }: StartOptions,
): StartedProgram {
  const elf = file.elf as ElfFacts;
  if (runsOn(elf.machine, settings.machine))
    return { findings: [], program: { path: absolute(path), file, elf, by: undefined } };
  const message = `${titleOf(tree, file.path)} is a program for ${elf.machine}, the image is for ${settings.machine}`;
  return stop(tree, { type: 'architecture', path: file.path, missing: settings.machine, message, chain });
}

function startScript(
  tree: CheckTree,
  { file, shebang }: { readonly file: CheckFile; readonly shebang: string },
  { settings, chain, depth }: StartOptions,
): StartedProgram {
  const { interpreter, program } = parseShebang(shebang);
  const problem = (missing: string, message: string) =>
    stop(tree, { type: 'interpreter', path: file.path, missing, message, chain });
  if (depth >= maxInterpreters)
    return problem(interpreter, `/${file.path} begins a chain of more than ${maxInterpreters} interpreters`);
  const next: StartOptions = { settings, chain: [titleOf(tree, file.path), ...chain], depth: depth + 1 };
  const path = absolute(interpreter);
  if (followPath(tree, path).file === undefined)
    return problem(interpreter, `The interpreter ${interpreter} of /${file.path} is not in the image`);
  const first = start(tree, path, next);
  if (program === interpreter || first.findings.length > 0) return first;
  const second = findProgram(tree, program, settings);
  if (second === undefined) return problem(program, `${program}, which /${file.path} asks env for, is not in PATH`);
  return start(tree, second, next);
}

interface Problem {
  readonly type: FindingType;
  readonly path: string;
  readonly missing: string;
  readonly message: string;
  readonly fix?: string | undefined;
  readonly chain?: readonly string[] | undefined;
}

function stop(tree: CheckTree, problem: Problem): StartedProgram {
  const chain = (problem.chain ?? []).map((link) => `needed by ${link}`);
  return { findings: [makeFinding(tree, { ...problem, severity: 'error', chain })], program: undefined };
}

/** A link that leads nowhere is the culprit where there is one on the way. */
function absence({ links, path: at }: FollowedPath, path: string, depth: number): Omit<Problem, 'chain'> {
  const link = links.at(-1);
  if (link !== undefined) {
    const message = `/${link.path} is a link to ${link.linkTarget}, and there is no /${at}`;
    return { type: 'dangling-link', path: link.path, missing: absolute(at), message };
  }
  const type = depth === 0 ? 'entrypoint' : 'interpreter';
  return { type, path, missing: path, message: `${path} is not in the image` };
}

function barrier(
  { folders }: FollowedPath,
  user: NonNullable<CheckSettings['user']>,
): Omit<Problem, 'chain'> | undefined {
  const closed = folders.find((folder) => !isAllowed(folder, 'execute', user));
  if (closed === undefined) return undefined;
  return {
    type: 'permission',
    path: closed.path,
    missing: 'execute permission',
    message: `The user ${user.uid} can't enter the folder /${closed.path} (mode ${modeText(closed.mode)}, owner ${closed.uid}:${closed.gid})`,
    fix: `paths: [{ path: /${closed.path}, mode: "0755" }] opens it`,
  };
}

function notExecutable(file: CheckFile, uid: number): Omit<Problem, 'chain'> {
  const owner = `mode ${modeText(file.mode)}, owner ${file.uid}:${file.gid}`;
  return {
    type: 'permission',
    path: file.path,
    missing: 'execute permission',
    message: `The user ${uid} can't execute /${file.path} (${owner})`,
    fix: `paths: [{ path: /${file.path}, mode: "0755" }] allows it`,
  };
}

function damagedText(file: Pick<CheckFile, 'path'>): string {
  return `/${file.path} begins as an ELF file and is damaged`;
}

/** Engines refuse to start an image whose user they can't find. */
export function checkUser(tree: CheckTree, { user, userName }: CheckSettings): readonly Finding[] {
  if (user !== undefined) return [];
  const message = `The image starts as ${JSON.stringify(userName)}, and has no such account or group`;
  const problem = { type: 'entrypoint', path: '/etc/passwd', missing: `user ${userName}`, message } as const;
  return [makeFinding(tree, { ...problem, severity: 'error', chain: [] })];
}

/** The user has to read and enter the folder in which the program starts; engines make one that is missing. */
export function checkWorkdir(tree: CheckTree, { workdir, user, command }: CheckSettings): readonly Finding[] {
  if (user === undefined || workdir === '/' || command.length === 0) return [];
  const found = followPath(tree, workdir);
  if (found.file === undefined) return [];
  const { file } = found;
  const isFolder = file.type === 'directory';
  const closed = barrier({ ...found, folders: isFolder ? [...found.folders, file] : found.folders }, user);
  const unreadable = isFolder && !isAllowed(file, 'read', user);
  if (closed === undefined && !unreadable && isFolder) return [];
  const message = isFolder
    ? `The user ${user.uid} can't read and enter the working folder ${workdir}: /${closed?.path ?? file.path} has mode ${modeText((closed === undefined ? file : (tree.get(closed.path) ?? file)).mode)}`
    : `The working folder ${workdir} is a ${file.type}`;
  return [
    makeFinding(tree, {
      type: isFolder ? 'permission' : 'entrypoint',
      severity: 'error',
      path: closed?.path ?? file.path,
      missing: isFolder ? 'read and execute permission' : 'a folder',
      message,
      chain: [],
      fix: isFolder ? `paths: [{ path: /${closed?.path ?? file.path}, mode: "0755" }]` : undefined,
    }),
  ];
}

/** Folders of PATH, links followed: `usr/bin`. */
export function programFolders(tree: CheckTree, env: readonly string[]): ReadonlySet<string> {
  const folders = [...pathOf(env).split(':'), ...defaultPath.split(':')].filter((folder) => folder.startsWith('/'));
  return new Set(folders.map((folder) => followPath(tree, folder).path));
}

export function isIn(folders: ReadonlySet<string>, path: string): boolean {
  return folders.has(parentPath(path));
}
