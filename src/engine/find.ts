import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { isSlimimageError } from '../errors.ts';
import { runCommand } from './command.ts';
import type { Engine, MissingEngine } from './types.ts';

export interface FoundEngines {
  /** Docker first. */
  readonly engines: readonly Engine[];
  readonly missing: readonly MissingEngine[];
}

/** How each client is asked for its engine's version; the answer proves that the engine answers. */
const questions: Readonly<Record<Engine['name'], readonly string[]>> = {
  docker: ['version', '--format', '{{.Server.Version}}'],
  podman: ['info', '--format', '{{.Version.Version}}'],
};

const answerMilliseconds = 10_000;

/** The engines that answer. Never throws for one that does not: `missing` says why. */
export async function findEngines(
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FoundEngines> {
  const answers = await Promise.all([askEngine('docker', env, options), askEngine('podman', env, options)]);
  return {
    engines: answers.filter((answer) => 'command' in answer),
    missing: answers.filter((answer) => 'reason' in answer),
  };
}

/** Absolute path of a program on PATH, or in the folders of administration that a user's PATH lacks. */
export async function findProgram(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  for (const folder of [...folders, '/usr/local/sbin', '/usr/sbin', '/sbin']) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function askEngine(
  name: Engine['name'],
  env: Readonly<Record<string, string | undefined>>,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<Engine | MissingEngine> {
  const command = await findProgram(name, env);
  if (command === undefined) return { name, reason: 'not installed' };
  try {
    const answer = await runCommand(command, questions[name], { env, signal, timeout: answerMilliseconds });
    const version = answer.stdout.trim();
    if (answer.status === 0 && version !== '') return { name, command, version, env };
    return { name, reason: lastLine(answer.stderr) ?? `${name} ended with status ${answer.status}` };
  } catch (error) {
    if (!isSlimimageError(error, 'ENGINE')) throw error;
    return { name, reason: error.message };
  }
}

/** What a program said last, which is where clients put the reason. */
export function lastLine(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '');
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for this user: both mean that it can't be run.
    return false;
  }
}
