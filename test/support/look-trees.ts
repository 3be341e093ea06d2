import { execFileSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A file tree as each tool sees it, comparable: path relative to the root -> `file 0644 0:0 12`, `symlink 0:0 -> target`,
 * `directory 0755 0:0`, `character 0666 0:0 1,3`; names of one file end with ` = first of them`.
 */
export type SeenTree = ReadonlyMap<string, string>;

/** What `slimimage ls --format json` says of a path. */
export interface ListedPath {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly linkTarget?: string;
  readonly deviceMajor?: number;
  readonly deviceMinor?: number;
}

export function listedTree(entries: readonly ListedPath[]): SeenTree {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  return seen(
    entries.map((entry) => {
      const first = entry.type === 'hardlink' ? byPath.get(entry.linkTarget ?? '') : entry;
      if (first === undefined)
        throw new Error(`${entry.path}: a hard link to ${entry.linkTarget}, which is not listed`);
      const { mode, uid, gid, size, mtime, deviceMajor, deviceMinor } = first;
      return {
        ...{ path: entry.path, type: first.type, mode, uid, gid, size, mtime, device: `${deviceMajor},${deviceMinor}` },
        target: first.linkTarget,
        file: first.path,
      };
    }),
  );
}

/** GNU tar's own list of a tar. */
export function tarTree(tar: string): SeenTree {
  const output = run('tar', ['--numeric-owner', '--full-time', '--quoting-style=escape', '-tvf', tar]);
  const files = new Map<string, Seen>();
  for (const line of output.trimEnd().split('\n')) {
    const match = /^(.)(\S{9}) (\d+)\/(\d+) +(\S+) (\S+ \S+) (.*)$/.exec(line);
    if (match === null) throw new Error(`tar -tv wrote: ${line}`);
    const [, letter = '', bits = '', uid, gid, size, time, rest = ''] = match;
    const separator = letter === 'l' ? ' -> ' : letter === 'h' ? ' link to ' : undefined;
    const [name = '', target] = separator === undefined ? [rest] : rest.split(separator);
    const path = unescaped(name)
      .replace(/^(?:\.?\/)+/, '')
      .replace(/\/$/, '');
    if (path === '') continue;
    const linked = letter === 'h' ? files.get(unescaped(target ?? '').replace(/^(?:\.?\/)+/, '')) : undefined;
    if (letter === 'h' && linked === undefined)
      throw new Error(`${path} links to ${target}, which did not come before it`);
    const own = {
      ...{ type: letters[letter] ?? letter, mode: modeOf(bits), uid: Number(uid), gid: Number(gid) },
      ...{ size: Number(size), mtime: Math.floor(Date.parse(`${time?.replace(' ', 'T')}Z`) / 1000) },
      ...{ target: target === undefined ? undefined : unescaped(target), file: path, device: size ?? '' },
    };
    files.set(path, { ...(linked ?? own), path });
  }
  return seen([...files.values()]);
}

/** What find(1) sees below a folder. */
export function foundTree(root: string): SeenTree {
  const format = '%P\\0%y\\0%m\\0%U\\0%G\\0%s\\0%T@\\0%l\\0%i\\0';
  const fields = run('find', [root, '-mindepth', '1', '-printf', format], 'utf8').split('\0');
  const paths: Seen[] = [];
  for (let at = 0; at + 9 <= fields.length; at += 9) {
    const [path = '', letter = '', mode = '', uid, gid, size, time, target, inode = ''] = fields.slice(at, at + 9);
    paths.push({
      ...{ path, type: letters[letter === 'f' ? '-' : letter] ?? letter, mode: Number.parseInt(mode, 8) },
      ...{
        uid: Number(uid),
        gid: Number(gid),
        size: Number(size),
        mtime: Math.floor(Number(time)),
        target,
        file: inode,
      },
      device: 'cb'.includes(letter) ? deviceOf(join(root, path)) : '',
    });
  }
  return seen(paths);
}

/** For a tool that does not tell which names are of one file. */
export function withoutNames(tree: SeenTree): SeenTree {
  return new Map([...tree].map(([path, text]) => [path, text.startsWith('file') ? text.replace(/ = .*$/, '') : text]));
}

/** What two trees say differently, a line a path; [] where they are the same. */
export function treeDifferences(
  ours: SeenTree,
  theirs: SeenTree,
  except: ReadonlySet<string> = new Set(),
): readonly string[] {
  const paths = [...new Set([...ours.keys(), ...theirs.keys()])].filter((path) => !except.has(path)).sort();
  return paths
    .filter((path) => ours.get(path) !== theirs.get(path))
    .map((path) => `${path}: ${ours.get(path) ?? 'not there'} | ${theirs.get(path) ?? 'not there'}`);
}

interface Seen {
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly target: string | undefined;
  /** `major,minor`, of devices. */
  readonly device: string;
  /** The same for all names of one file. */
  readonly file: string;
}

const letters: Readonly<Record<string, string>> = {
  '-': 'file',
  d: 'directory',
  l: 'symlink',
  c: 'character',
  b: 'block',
  p: 'fifo',
};

function seen(paths: readonly Seen[]): SeenTree {
  const names = new Map<string, string[]>();
  for (const { file, path } of paths) names.set(file, [...(names.get(file) ?? []), path]);
  return new Map(paths.map((path) => [path.path, shown(path, (names.get(path.file) ?? []).sort())]));
}

function shown({ type, mode, uid, gid, size, mtime, target, device }: Seen, names: readonly string[]): string {
  if (type === 'symlink') return `symlink ${uid}:${gid} -> ${target}`;
  const common = `${type} ${mode.toString(8).padStart(4, '0')} ${uid}:${gid}`;
  if (type === 'character' || type === 'block') return `${common} ${device}`;
  if (type !== 'file') return common;
  return `${common} ${size} at ${mtime}${names.length > 1 ? ` = ${names[0]}` : ''}`;
}

/** As makedev(3) of the C library packs it, for numbers below 256. */
function deviceOf(path: string): string {
  const { rdev } = lstatSync(path);
  return `${(rdev >> 8) & 0xfff},${rdev & 0xff}`;
}

function modeOf(bits: string): number {
  let mode = 0;
  for (const [at, letter] of [...bits].entries()) {
    if (!'-ST'.includes(letter)) mode |= 0o400 >> at;
    if ('sStT'.includes(letter)) mode |= 0o4000 >> ((at - 2) / 3);
  }
  return mode;
}

/** Tar escapes what is no printable ASCII, byte by byte. */
function unescaped(name: string): string {
  if (!name.includes('\\')) return name;
  const one: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' };
  const bytes = name.replaceAll(/\\([0-7]{3}|.)/g, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (one[code] ?? code),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function run(command: string, args: readonly string[], encoding: 'utf8' | 'latin1' = 'latin1'): string {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
  return execFileSync(command, args, { env, encoding, maxBuffer: 1 << 28 });
}
