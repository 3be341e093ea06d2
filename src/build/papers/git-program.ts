import { access, constants } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { runCommand } from '../../engine/command.ts';
import { isSlimimageError } from '../../errors.ts';
import { oneChunk } from '../../util/bytes.ts';
import { encodeUtf8 } from '../../util/text.ts';

/** Asks git something in a folder; its output, or undefined where it fails, says too much or takes too long. */
export type AskGit = (folder: string, args: readonly string[], input?: string) => Promise<string | undefined>;

export interface GitProgramOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds for one question, bytes of an answer: papers are no reason to wait for long. */
const timeout = 10_000;
const maxOutput = 32 * 1024 * 1024;

/** Undefined where there is no git. */
export async function findGit({ env, signal }: GitProgramOptions): Promise<AskGit | undefined> {
  // A relative entry would mean a folder of the repository that is asked about.
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => isAbsolute(folder));
  for (const folder of folders) {
    const command = join(folder, 'git');
    if (await isExecutable(command)) return (cwd, args, input) => ask(command, args, { cwd, input, env, signal });
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

interface Question extends GitProgramOptions {
  readonly cwd: string;
  readonly input: string | undefined;
}

/** Nothing that a repository's own configuration names is run: no monitor, hook, pager, transport; no lock is taken. */
const safely = ['--no-pager', '--no-optional-locks', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];

async function ask(
  command: string,
  args: readonly string[],
  { cwd, input, env, signal }: Question,
): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const tooMuch = new AbortController();
  const onOutput = (chunk: Uint8Array, stream: 'stdout' | 'stderr') => {
    size += chunk.length;
    if (size > maxOutput) tooMuch.abort();
    else if (stream === 'stdout') chunks.push(chunk.slice());
  };
  try {
    const { status } = await runCommand(command, [...safely, ...args], {
      cwd,
      env: environment(env),
      timeout,
      onOutput,
      input: input === undefined ? undefined : oneChunk(encodeUtf8(input)),
      signal: signal === undefined ? tooMuch.signal : AbortSignal.any([signal, tooMuch.signal]),
    });
    return status === 0 ? Buffer.concat(chunks).toString('utf8') : undefined;
  } catch (error) {
    if (isSlimimageError(error) && signal?.aborted !== true) return undefined;
    throw error;
  }
}

/** The user's own settings stay, for `safe.directory` (git-config(1)) is among them; what `GIT_*` would change does not. */
function environment(env: GitProgramOptions['env']): GitProgramOptions['env'] {
  const { PATH, HOME, XDG_CONFIG_HOME, SUDO_UID } = env as Readonly<
    Record<'PATH' | 'HOME' | 'XDG_CONFIG_HOME' | 'SUDO_UID', string>
  >;
  return {
    PATH,
    HOME,
    XDG_CONFIG_HOME,
    SUDO_UID,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    // A partial clone would fetch what it lacks, by a program that its configuration names.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
  };
}
