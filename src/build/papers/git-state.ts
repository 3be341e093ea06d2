import { createHash } from 'node:crypto';
import { lstat, readlink, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mapLimit } from '../../util/concurrency.ts';
import { type AskGit, findGit, type GitProgramOptions } from './git-program.ts';
import { publicRemote } from './git-remote.ts';

/** What a folder gives to an image. */
export interface CheckedOut {
  /** Absolute. */
  readonly folder: string;
  /** Only this file of it; undefined: all of it. */
  readonly only?: string | undefined;
  /** Paths below the folder that go into the image: files and symbolic links. */
  readonly paths: readonly string[];
}

export interface GitState {
  /** Hexadecimal. */
  readonly commit: string;
  /** URL of `origin` without credentials; undefined where it has none that others could use. */
  readonly remote: string | undefined;
}

/**
 * The commit that a folder is a clean checkout of: everything that goes into an image is tracked in it, and what it tracks there is
 * as it is in the commit, byte for byte. Undefined where it is not, where there is no repository or no git, and where git does not trust it.
 *
 * No index is refreshed and no filter is applied: contents are compared with the commit's objects, so that nothing of the repository
 * is ever run (git-ls-tree(1), git-hash-object(1)). Files that a filter changes at checkout (LFS) do not count as clean.
 */
export async function gitState(checkedOut: CheckedOut, options: GitProgramOptions): Promise<GitState | undefined> {
  const folder = await realpath(checkedOut.folder).catch(() => undefined);
  if (folder === undefined || !(await isBelowRepository(folder))) return undefined;
  const git = await findGit(options);
  if (git === undefined) return undefined;
  const found = await placeOf(folder, git);
  if (found === undefined) return undefined;
  const [clean, remote] = await Promise.all([
    isClean({ ...checkedOut, folder, commit: found.commit }, git),
    git(folder, ['config', '--get', 'remote.origin.url']),
  ]);
  return clean ? { commit: found.commit, remote: publicRemote(remote?.replace(/\n$/, '') ?? '') } : undefined;
}

/** Saves a program where there is nothing to ask. */
async function isBelowRepository(folder: string): Promise<boolean> {
  if (await kindOf(join(folder, '.git'))) return true;
  const parent = dirname(folder);
  return parent !== folder && isBelowRepository(parent);
}

async function placeOf(
  folder: string,
  git: AskGit,
): Promise<{ readonly prefix: string; readonly commit: string } | undefined> {
  const answer = await git(folder, [
    'rev-parse',
    '--is-inside-work-tree',
    '--show-prefix',
    '--verify',
    'HEAD^{commit}',
  ]);
  const [inside, prefix = '', commit = '', ...rest] = answer?.split('\n') ?? [];
  const isAnswer = inside === 'true' && rest.length === 1 && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit);
  return isAnswer ? { prefix, commit } : undefined;
}

interface Checkout extends CheckedOut {
  readonly commit: string;
}

interface TrackedPath {
  /** `100644`, `100755`, `120000` (a link), `160000` (a submodule). */
  readonly mode: string;
  readonly object: string;
}

async function isClean(checkout: Checkout, git: AskGit, depth = 0): Promise<boolean> {
  const { folder, only, paths, commit } = checkout;
  const listed = await git(folder, ['ls-tree', '-r', '-z', commit, ...(only === undefined ? [] : ['--', only])]);
  if (listed === undefined) return false;
  const tracked = parseTree(listed);
  const submodules = [...tracked].filter(([, { mode }]) => mode === '160000');
  const inside = (path: string) => submodules.find(([at]) => path.startsWith(`${at}/`));
  if (paths.some((path) => !isTracked(tracked.get(path)) && inside(path) === undefined)) return false;
  for (const [at, { object }] of submodules) {
    const own = paths.filter((path) => path.startsWith(`${at}/`)).map((path) => path.slice(at.length + 1));
    // Without files of the image it is none of our business, whatever is checked out there.
    if (
      own.length > 0 &&
      !(await isCleanSubmodule({ folder: join(folder, at), paths: own, commit: object }, git, depth))
    )
      return false;
  }
  return areUnchanged(folder, tracked, git);
}

const maxDepth = 10;

async function isCleanSubmodule(checkout: Checkout, git: AskGit, depth: number): Promise<boolean> {
  const found = depth < maxDepth ? await placeOf(checkout.folder, git) : undefined;
  if (found === undefined || found.prefix !== '' || found.commit !== checkout.commit) return false;
  return isClean(checkout, git, depth + 1);
}

function isTracked(path: TrackedPath | undefined): boolean {
  return path !== undefined && path.mode !== '160000';
}

/** `MODE TYPE OBJECT\tPATH\0`, paths relative to the folder. */
function parseTree(listed: string): ReadonlyMap<string, TrackedPath> {
  return new Map(
    listed.split('\0').flatMap((line): [string, TrackedPath][] => {
      const [, mode, object, path] = /^([0-7]{6}) [a-z]+ ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? [];
      return mode === undefined || object === undefined || path === undefined ? [] : [[path, { mode, object }]];
    }),
  );
}

/** Tracked files at most: with more, the question would take longer than a warm build. */
const maxTracked = 50_000;

async function areUnchanged(folder: string, tracked: ReadonlyMap<string, TrackedPath>, git: AskGit): Promise<boolean> {
  const listed = [...tracked].filter(([, { mode }]) => mode !== '160000');
  // A name with a line's end can't be asked for in a list of lines.
  if (listed.length > maxTracked || listed.some(([path]) => /[\n\uFFFD]/.test(path)) || folder.includes('\n'))
    return false;
  const kinds = await mapLimit(listed, ([path]) => kindOf(join(folder, path)), { limit: 32 });
  const missing = listed.filter((_, at) => kinds[at] === undefined).map(([path]) => path);
  if (missing.length > 0 && !(await areLeftOut(folder, missing, git))) return false;
  const present = listed
    .map(([path, entry], at) => ({ path, entry, kind: kinds[at] }))
    .filter(({ kind }) => kind !== undefined);
  if (present.some(({ entry, kind }) => kind !== entry.mode)) return false;
  const links = present.filter(({ entry }) => entry.mode === '120000');
  for (const { path, entry } of links)
    if (blobOf(await readlink(join(folder, path)), entry.object) !== entry.object) return false;
  const files = present.filter(({ entry }) => entry.mode !== '120000');
  if (files.length === 0) return true;
  // Relative ones would be taken from the top of the repository.
  const lines = files.map(({ path }) => `${join(folder, path)}\n`).join('');
  const hashed = await git(folder, ['hash-object', '--no-filters', '--stdin-paths'], lines);
  return hashed === files.map(({ entry }) => `${entry.object}\n`).join('');
}

/** As git would track it; undefined for what is not there. */
async function kindOf(file: string): Promise<string | undefined> {
  const info = await lstat(file).catch(() => undefined);
  if (info === undefined) return undefined;
  if (info.isSymbolicLink()) return '120000';
  if (!info.isFile()) return 'other';
  return (info.mode & 0o100) === 0 ? '100644' : '100755';
}

/** A sparse checkout leaves files out on purpose: `S` in git-ls-files(1). */
async function areLeftOut(folder: string, missing: readonly string[], git: AskGit): Promise<boolean> {
  const listed = await git(folder, ['ls-files', '-t', '-z']);
  const skipped = new Set((listed ?? '').split('\0').flatMap((line) => (line.startsWith('S ') ? [line.slice(2)] : [])));
  return missing.every((path) => skipped.has(path));
}

/** Git's name of a file's content, by the hash that the repository uses (gitformat-pack(5)). */
function blobOf(content: string, like: string): string {
  const bytes = Buffer.from(content);
  return createHash(like.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex');
}
