import { parseShebang } from '../formats/shebang/read-shebang.ts';
import { limits } from '../limits.ts';
import { parentPath } from '../rootfs/path.ts';
import type { RootfsNode } from '../rootfs/rootfs.ts';
import type { ImageView } from '../view/types.ts';
import type { Shown } from './shown.ts';

/** How the kernel comes from the words of the config to the program that runs. */
export interface EntrypointReport {
  /** Entrypoint and Cmd, as one command. */
  readonly words: readonly string[];
  /** Of every program that is started: the command's own, interpreters of scripts, what a wrapper or `env` starts. */
  readonly programs: readonly StartedProgram[];
}

export interface StartedProgram {
  /** Why it is started. */
  readonly role: 'command' | 'interpreter' | 'argument';
  /** As it is written. */
  readonly name: string;
  /** Path by path: where PATH has it, each link on the way, the file. */
  readonly steps: readonly string[];
  /** Undefined where there is no such file. */
  readonly file: ResolvedFile | undefined;
}

export interface ResolvedFile {
  readonly path: string;
  readonly type: 'elf' | 'script' | 'other';
  /** Packages whose file it is. */
  readonly packages: readonly string[];
  /** The layer that wrote it, from 1. */
  readonly layer: number;
  /** Bytes. */
  readonly size: number;
  readonly executable: boolean;
}

export interface EntrypointContext {
  readonly view: ImageView;
  readonly ownersOf: (path: string) => readonly string[];
  readonly shown: Shown;
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Programs that start what stands behind them, and those of their options that take a word. */
const wrappers: ReadonlyMap<string, string> = new Map([
  ['tini', 'pe'],
  ['tini-static', 'pe'],
  ['dumb-init', 'r'],
  ['catatonit', 'g'],
  ['docker-init', 'pe'],
  ['su-exec', ''],
  ['gosu', ''],
  ['setpriv', ''],
  ['env', 'uSC'],
  ['exec', ''],
  ['nice', 'n'],
  ['catchsegv', ''],
]);

/** These take a user first. */
const userFirst = new Set(['su-exec', 'gosu']);

/** Undefined where the image says nothing to start. */
export function resolveEntrypoint(context: EntrypointContext): EntrypointReport | undefined {
  const { Entrypoint = [], Cmd = [] } = context.view.config?.config ?? {};
  const words = [...Entrypoint, ...Cmd];
  if (words.length === 0) return undefined;
  const programs: StartedProgram[] = [];
  start(words, { role: 'command', programs, context });
  return { words: words.map(context.shown.text), programs };
}

interface Start {
  readonly role: StartedProgram['role'];
  readonly programs: StartedProgram[];
  readonly context: EntrypointContext;
}

/** Chains longer than any that people write end here: two scripts may be each other's interpreters. */
const mostPrograms = 12;

function start(words: readonly string[], { role, programs, context }: Start): void {
  const [name] = words;
  if (name === undefined || programs.length >= mostPrograms) return;
  const { steps, node } = find(name, context.view);
  const shebang = node === undefined ? undefined : context.view.program(node)?.shebang;
  programs.push({ role, name, steps, file: node === undefined ? undefined : fileOf(node, context) });
  const last = steps.at(-1) ?? name;
  if (shebang !== undefined) {
    const { interpreter, program } = parseShebang(shebang);
    start([interpreter], { role: 'interpreter', programs, context });
    if (program !== interpreter) start([program], { role: 'interpreter', programs, context });
    // What a script does with its arguments is its own affair; entry points end in `exec "$@"`.
    // An option in the place of a program is put behind the usual one.
    const hands = /(?:^|\/)[\w.-]*entrypoint[\w.-]*$/.test(name) && words[1]?.startsWith('-') === false;
    if (hands) start(words.slice(1), { role: 'argument', programs, context });
    return;
  }
  const started = argumentsOf([base(name), base(last)], words.slice(1));
  if (started.length > 0) start(started, { role: 'argument', programs, context });
}

/** What a program starts of its arguments; [] for one that is no wrapper. */
function argumentsOf(names: readonly string[], words: readonly string[]): readonly string[] {
  const name = names.find((one) => wrappers.has(one));
  if (name === undefined) return shellCommand(names, words);
  const takesWord = wrappers.get(name) ?? '';
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      at++;
      break;
    }
    if (name === 'env' && /^\w+=/.test(word)) continue;
    if (!word.startsWith('-')) break;
    if (word.length === 2 && takesWord.includes(word.slice(1))) at++;
  }
  return words.slice(userFirst.has(name) ? at + 1 : at);
}

/** `sh -c "exec app --flag"`: the first word of a plain command. */
function shellCommand(names: readonly string[], words: readonly string[]): readonly string[] {
  if (!names.some((name) => /^(?:ba|da|a|z|k)?sh$|^busybox$/.test(name))) return [];
  const at = words.findIndex((word) => /^-\w*c$/.test(word));
  const command = at < 0 ? undefined : words[at + 1];
  const match = /^\s*(?:exec\s+)?([\w./+-]+)(?:\s|$)/.exec(command ?? '');
  return match?.[1] === undefined || builtins.has(match[1]) ? [] : [match[1]];
}

const builtins = new Set([
  '.',
  'cd',
  'echo',
  'exit',
  'export',
  'if',
  'for',
  'set',
  'test',
  'trap',
  'while',
  'umask',
  'source',
]);

interface Found {
  readonly steps: readonly string[];
  readonly node: RootfsNode | undefined;
}

/** As execvp(3): a name with a slash is a path from the working folder, any other is looked for in PATH. */
function find(name: string, view: ImageView): Found {
  const { Env = [], WorkingDir = '/' } = view.config?.config ?? {};
  const from = WorkingDir === '' ? '/' : WorkingDir;
  if (name.includes('/')) return follow(name.startsWith('/') ? name : `${from}/${name}`, view);
  const path = Env.findLast((text) => text.startsWith('PATH='))?.slice('PATH='.length) ?? defaultPath;
  for (const folder of path.split(':').slice(0, 200)) {
    const at = folder.startsWith('/') ? `${folder}/${name}` : `${from}/${folder}/${name}`;
    const node = view.rootfs.resolve(at);
    if (node?.entry.type === 'file' && (node.entry.mode & 0o111) !== 0) return follow(at, view);
  }
  return { steps: [], node: undefined };
}

/** Link by link to the file. */
function follow(path: string, { rootfs }: ImageView): Found {
  const steps: string[] = [];
  let at = path;
  for (let hops = 0; hops <= limits.symlinkHops; hops++) {
    const node = rootfs.resolve(at, { followLast: false });
    const plain = normal(at);
    if (steps.at(-1) !== plain) steps.push(plain);
    if (node === undefined) return { steps, node };
    const shown = `/${node.entry.path}`;
    if (steps.at(-1) !== shown) steps.push(shown);
    if (node.entry.type !== 'symlink') return { steps, node: node.entry.type === 'file' ? node : undefined };
    const target = node.entry.linkTarget ?? '';
    at = target.startsWith('/') ? target : `/${parentPath(node.entry.path)}/${target}`;
  }
  return { steps, node: undefined };
}

/** `/usr/bin/../lib//x` as `/usr/lib/x`, for the eye: `resolve` goes the way as it is written. */
function normal(path: string): string {
  const done: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') done.pop();
    else if (name !== '' && name !== '.') done.push(name);
  }
  return `/${done.join('/')}`;
}

function fileOf(node: RootfsNode, { view, ownersOf }: EntrypointContext): ResolvedFile {
  const facts = view.program(node);
  const { path, size, mode } = node.entry;
  return {
    path: `/${path}`,
    type: facts?.elf !== undefined ? 'elf' : facts?.shebang !== undefined ? 'script' : 'other',
    packages: ownersOf(path),
    layer: node.layer + 1,
    size,
    executable: (mode & 0o111) !== 0,
  };
}

function base(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
