import { lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { compareStrings } from '../util/text.ts';
import { bringsBack, compileIgnore, hasExceptions } from './dockerignore.ts';

/** A path of the host that goes into the image. */
export type HostEntry =
  | { readonly type: 'directory'; readonly path: string }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }
  | {
      readonly type: 'file';
      readonly path: string;
      readonly file: string;
      readonly size: number;
      readonly executable: boolean;
    };

export interface HostTree {
  /** What the source itself is, links followed. */
  readonly type: 'file' | 'directory';
  /** Sorted; paths relative to the source; a file's own is ''. */
  readonly entries: readonly HostEntry[];
  /** Repositories of git that nobody named and that stay where they are, `vendor/lib/.git`; sorted. */
  readonly leftOut: readonly string[];
  readonly name: string;
}

export interface ListOptions {
  /** Whether a `.dockerignore` of the folder counts, and a `.git` in it is left out; default true. Neither is about files of an image. */
  readonly dockerignore?: boolean | undefined;
  /** What the build itself writes is no input, by its real path; undefined: there is nothing of it. */
  readonly isOwn?: ((path: string) => boolean) | undefined;
}

/**
 * Lists a file or folder of the host as `files:` copies it: links kept, `.dockerignore` of the folder and `ignore`
 * honoured, host ids and umask without effect, what the build itself writes left out. So is every `.git`, unless a `!` line
 * names one: it has the whole history in it, logins of its remotes and other bytes after each fetch.
 * @throws SlimimageError SOURCE_INVALID where it is missing, unreadable, or holds what can't be in an image.
 */
export async function listHostFiles(
  source: string,
  ignore: readonly string[],
  { dockerignore = true, isOwn }: ListOptions = {},
): Promise<HostTree> {
  const info = await attempt(source, () => stat(source));
  const name = basename(source);
  if (info.isFile()) return { type: 'file', name, entries: [fileEntry('', source, info)], leftOut: [] };
  if (!info.isDirectory()) throw special(source);
  const lines = [...(dockerignore ? await dockerignoreOf(source) : []), ...ignore];
  const real = await attempt(source, () => realpath(source));
  const bringsGit = bringsBack(lines, '.git');
  const walker = {
    ignored: compileIgnore(bringsGit && dockerignore ? ['**/.git', ...lines] : lines),
    exceptions: hasExceptions(lines),
    isOwn: (path: string) => isOwn?.(join(real, path)) === true,
    leavesGit: dockerignore && !bringsGit,
    entries: [] as HostEntry[],
    leftOut: [] as string[],
  };
  await walk(source, '', walker);
  const entries = walker.entries.sort((a, b) => compareStrings(a.path, b.path));
  return { type: 'directory', name, entries, leftOut: walker.leftOut.sort(compareStrings) };
}

interface Walker {
  readonly ignored: (path: string) => boolean;
  readonly exceptions: boolean;
  readonly isOwn: (path: string) => boolean;
  readonly leavesGit: boolean;
  readonly entries: HostEntry[];
  readonly leftOut: string[];
}

async function walk(root: string, folder: string, walker: Walker): Promise<void> {
  const names = await attempt(join(root, folder), () => readdir(join(root, folder)));
  for (const name of names.sort(compareStrings)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const file = join(root, path);
    const ignored = walker.ignored(path);
    // Below an ignored folder an exception may still bring a file back.
    if ((ignored && !walker.exceptions) || walker.isOwn(path)) continue;
    if (name === '.git' && walker.leavesGit) {
      if (!ignored) walker.leftOut.push(path);
      continue;
    }
    const info = await attempt(file, () => lstat(file));
    if (info.isDirectory()) {
      const before = walker.entries.length;
      await walk(root, path, walker);
      if (!ignored || walker.entries.length > before) walker.entries.push({ type: 'directory', path });
    } else if (ignored) {
    } else if (info.isSymbolicLink()) {
      walker.entries.push({ type: 'symlink', path, target: await attempt(file, () => readlink(file)) });
    } else if (info.isFile()) {
      walker.entries.push(fileEntry(path, file, info));
    } else {
      throw special(file);
    }
  }
}

function fileEntry(path: string, file: string, info: { readonly size: number; readonly mode: number }): HostEntry {
  return { type: 'file', path, file, size: info.size, executable: (info.mode & 0o111) !== 0 };
}

async function dockerignoreOf(folder: string): Promise<readonly string[]> {
  try {
    return (await readFile(join(folder, '.dockerignore'), 'utf8')).split('\n');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new SlimimageError({
      code: 'SOURCE_INVALID',
      message: `${join(folder, '.dockerignore')} can't be read`,
      cause,
    });
  }
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  if (path.includes('\uFFFD')) {
    throw new SlimimageError({
      code: 'SOURCE_INVALID',
      message: `${path} has a name that is not UTF-8`,
      hint: 'Rename it, or name it in ignore:',
    });
  }
  try {
    return await action();
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new SlimimageError({
      code: 'SOURCE_INVALID',
      message: `${path} ${missing ? 'does not exist' : `can't be read (${(cause as NodeJS.ErrnoException).code})`}`,
      hint: missing ? 'Sources in files: are relative to the configuration file.' : undefined,
      cause,
    });
  }
}

function special(path: string): SlimimageError {
  return new SlimimageError({
    code: 'SOURCE_INVALID',
    message: `${path} is neither a file, a folder nor a symbolic link`,
    hint: 'Sockets, pipes and devices of the host are never copied: name it in ignore:',
  });
}
