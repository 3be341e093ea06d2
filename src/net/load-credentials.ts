import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareStrings } from '../util/text.ts';
import { type Credentials, createCredentials } from './credentials.ts';
import { type NetrcEntry, parseNetrc } from './netrc.ts';

export interface LoadCredentialsOptions {
  /** NETRC, else HOME, name the netrc. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** apt's configuration folder. Default `/etc/apt`. */
  readonly aptFolder?: string | undefined;
}

/**
 * Reads `auth.conf.d/*.conf` and `auth.conf` of apt (in apt's order) and the user's netrc. A missing file is normal; one
 * that can't be read (apt's are often root's alone) or holds nonsense is named in `problems`. Throws nothing.
 */
export async function loadCredentials(options: LoadCredentialsOptions): Promise<Credentials> {
  const aptFolder = options.aptFolder ?? '/etc/apt';
  const problems: string[] = [];
  const aptFiles = [...(await confFiles(join(aptFolder, 'auth.conf.d'), problems)), join(aptFolder, 'auth.conf')];
  const apt: NetrcEntry[] = [];
  for (const file of aptFiles) apt.push(...(await readEntries(file, problems)));
  const netrcFile = netrcPath(options.env);
  const netrc = netrcFile === undefined ? [] : await readEntries(netrcFile, problems);
  return createCredentials({ apt, netrc, problems });
}

/**
 * The machines of the user's netrc alone, for servers that are no archives; `file` where it has entries. Its `default` is for whoever
 * asks, and that would be every registry that an image's name leads to. Throws nothing.
 */
export async function loadNetrc({
  env,
}: Pick<LoadCredentialsOptions, 'env'>): Promise<{ readonly credentials: Credentials; readonly file?: string }> {
  const problems: string[] = [];
  const file = netrcPath(env);
  const netrc = file === undefined ? [] : await readEntries(file, problems);
  const machines = netrc.filter(({ machine }) => machine !== undefined);
  const credentials = createCredentials({ apt: [], netrc: machines, problems });
  return file === undefined || netrc.length === 0 ? { credentials } : { credentials, file };
}

function netrcPath(env: LoadCredentialsOptions['env']): string | undefined {
  const { NETRC, HOME } = env;
  if (NETRC !== undefined && NETRC !== '') return NETRC;
  return HOME === undefined || HOME === '' ? undefined : join(HOME, '.netrc');
}

async function confFiles(folder: string, problems: string[]): Promise<string[]> {
  try {
    const names = await readdir(folder);
    // apt reads only names of this form, so an editor's backup is not a credential.
    return names
      .filter((name) => /^[A-Za-z0-9_.-]+\.conf$/.test(name) && !name.startsWith('.'))
      .sort(compareStrings)
      .map((name) => join(folder, name));
  } catch (error) {
    noteUnreadable(folder, error, problems);
    return [];
  }
}

async function readEntries(file: string, problems: string[]): Promise<readonly NetrcEntry[]> {
  try {
    const parsed = parseNetrc(await readFile(file, 'utf8'));
    problems.push(...parsed.problems.map((problem) => `${file}, ${problem}`));
    return parsed.entries;
  } catch (error) {
    noteUnreadable(file, error, problems);
    return [];
  }
}

function noteUnreadable(path: string, error: unknown, problems: string[]): void {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') problems.push(`${path} can't be read (${code ?? 'unknown error'})`);
}
