import { SlimimageError } from '../errors.ts';
import { type CommandOptions, type CommandResult, runCommand } from './command.ts';
import { lastLine } from './find.ts';
import type { Engine } from './types.ts';

export interface RunImageOptions {
  /** Replaces the image's entrypoint. */
  readonly entrypoint?: string | undefined;
  /** After the entrypoint; undefined: the image's cmd. */
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** `UID[:GID]` or a name of the image; undefined: the image's. */
  readonly user?: string | undefined;
  readonly workdir?: string | undefined;
  /** Root filesystem read-only, no capability, no new privileges. */
  readonly locked?: boolean | undefined;
  /** Undefined: `none`. */
  readonly network?: 'none' | 'host' | undefined;
  /** Absolute paths in the container that are in memory, writable by all. */
  readonly tmpfs?: readonly string[] | undefined;
  readonly volumes?: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  readonly onOutput?: CommandOptions['onOutput'];
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs an image to its end and removes the container.
 * @returns the program's exit status and output
 * @throws SlimimageError ENGINE where the engine could not start the container, ABORTED
 */
export async function runImage(engine: Engine, image: string, options: RunImageOptions = {}): Promise<CommandResult> {
  const { onOutput, timeout, signal } = options;
  const answer = await runCommand(engine.command, runArguments(image, options), {
    env: engine.env,
    onOutput,
    timeout,
    signal,
  });
  if (!isEnginesFault(answer)) return answer;
  throw new SlimimageError({
    code: 'ENGINE',
    message: `${engine.name} ${engine.version} could not run ${image}: ${lastLine(answer.stderr) ?? 'no reason given'}`,
    hint: `Does \`${engine.name} run\` work with another image on this machine?`,
  });
}

/** The command line after the client's name. */
export function runArguments(image: string, options: RunImageOptions): readonly string[] {
  const { entrypoint, env = {}, user, workdir, locked, network = 'none', tmpfs = [], volumes = [] } = options;
  return [
    'run',
    '--rm',
    // An image of this build is never a registry's.
    '--pull=never',
    `--network=${network}`,
    ...(locked ? ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges'] : []),
    ...(user === undefined ? [] : [`--user=${user}`]),
    ...(workdir === undefined ? [] : [`--workdir=${workdir}`]),
    ...(entrypoint === undefined ? [] : [`--entrypoint=${entrypoint}`]),
    ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
    ...tmpfs.map((path) => `--tmpfs=${path}:rw,mode=1777`),
    ...volumes.map(({ source, target, readOnly }) => `--volume=${source}:${target}${readOnly ? ':ro' : ''}`),
    image,
    ...(options.args ?? []),
  ];
}

/** 125 is the engines' own status; 126 and 127 are shared with programs, so their words have to tell. */
function isEnginesFault({ status, stderr }: CommandResult): boolean {
  if (status === 125) return true;
  return (status === 126 || status === 127) && /\bOCI\b|Error response from daemon|\b(?:runc|crun): /.test(stderr);
}
