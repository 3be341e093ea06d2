import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandResult, runCommand } from '../../src/engine/command.ts';
import { findCommand } from '../../tools/system-packages.ts';
import { lacking } from './need.ts';

/** Why a test with the real podman has to be skipped here; false where it can run. */
export const lackingPodman: string | false = lacking({ commands: ['podman'], root: true });

/** Podman with an image storage of this test's own. It loads and inspects; whether it may run is the host's affair. */
export interface TestPodman {
  /** The words that stand before a command, and the environment: for those who call it themselves. */
  readonly storage: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly podman: (args: readonly string[]) => Promise<CommandResult>;
  readonly stop: () => Promise<void>;
}

export async function startPodman(): Promise<TestPodman> {
  const folder = await mkdtemp('/tmp/slim-podman-');
  const command = findCommand('podman');
  if (command === undefined) throw new Error('podman is not installed');
  const storage = [`--root=${join(folder, 'root')}`, `--runroot=${join(folder, 'run')}`, '--storage-driver=vfs'];
  const env = { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder };
  return {
    storage,
    env,
    podman: (args) => runCommand(command, [...storage, ...args], { env, timeout: 120_000 }),
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}
