import { SlimimageError } from '../errors.ts';
import { type CommandOptions, type CommandResult, runCommand } from './command.ts';
import { findProgram, lastLine } from './find.ts';

export interface SandboxOptions {
  /** The host's, to find `unshare`; the program sees only `programEnv`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly programEnv?: Readonly<Record<string, string>> | undefined;
  /** Numeric; undefined: 65532, nonroot. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Absolute path inside; undefined: `/`. */
  readonly workdir?: string | undefined;
  /** Mount `/proc` inside: some programs can't start without it, some hosts don't allow it. */
  readonly proc?: boolean | undefined;
  /** Undefined: `none`, which is not even a loopback. */
  readonly network?: 'none' | 'host' | undefined;
  readonly onOutput?: CommandOptions['onOutput'];
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const nonroot = { uid: 65532, gid: 65532 };

/**
 * Runs a program of an unpacked image without an engine: own mount, process and network namespaces (and for a user
 * who is not root a user namespace), the folder as root, an unprivileged user, no way to new privileges.
 * It is no wall against hostile code: memory and processor time have no bounds here.
 * @param folder absolute path of the unpacked image
 * @throws SlimimageError ENGINE where the host can't make the sandbox or the program is not in the image, ABORTED
 */
export async function runInSandbox(
  folder: string,
  argv: readonly string[],
  options: SandboxOptions,
): Promise<CommandResult> {
  const { onOutput, timeout, signal } = options;
  const unshare = await findProgram('unshare', options.env);
  if (unshare === undefined) {
    throw new SlimimageError({
      code: 'ENGINE',
      message: 'there is no `unshare` to make a sandbox with',
      hint: 'Install util-linux, or Docker or Podman.',
    });
  }
  const setpriv = await findProgram('setpriv', options.env);
  const prefix = setpriv === undefined ? [] : [setpriv, '--no-new-privs'];
  const [command = unshare, ...args] = [...prefix, unshare, ...sandboxArguments(folder, options), '--', ...argv];
  const env = { PATH: defaultPath, HOME: '/', LANG: 'C.UTF-8', ...options.programEnv };
  // `unshare --kill-child` does not hold once the child has changed its user: prctl(2), PR_SET_PDEATHSIG.
  const answer = await runCommand(command, args, { env, onOutput, timeout, signal, ownGroup: true });
  const complaint = /^(?:unshare|setpriv): .*/m.exec(answer.stderr)?.[0];
  if (answer.status === 0 || complaint === undefined) return answer;
  throw refusal(complaint, argv[0] ?? '');
}

function sandboxArguments(folder: string, options: SandboxOptions): readonly string[] {
  const { uid, gid } = options.user ?? nonroot;
  const isRoot = process.geteuid?.() === 0;
  return [
    '--mount',
    '--pid',
    '--fork',
    '--ipc',
    ...(options.network === 'host' ? [] : ['--net']),
    ...(isRoot ? [`--setuid=${uid}`, `--setgid=${gid}`] : [`--map-user=${uid}`, `--map-group=${gid}`]),
    `--root=${folder}`,
    `--wd=${options.workdir ?? '/'}`,
    ...(options.proc ? ['--mount-proc'] : []),
  ];
}

function refusal(complaint: string, program: string): SlimimageError {
  if (complaint.includes('failed to execute')) {
    return new SlimimageError({
      code: 'ENGINE',
      message: `${program} can't be started in the image: ${complaint}`,
      hint: 'Is the program in the image, with its interpreter and libraries, and for this processor?',
    });
  }
  return new SlimimageError({
    code: 'ENGINE',
    message: `a sandbox can't be made on this host: ${lastLine(complaint)}`,
    hint: 'Run as root, allow user namespaces (sysctl kernel.unprivileged_userns_clone=1), or start Docker or Podman.',
  });
}
