import type { Command } from 'commander';
import type { OnEvent } from '../events.ts';
import { addConfigOptions } from './config-options.ts';
import type { Api, Io } from './io.ts';
import {
  addCommonOptions,
  addRegistryOptions,
  type CommonOptions,
  type RegistryFlags,
  registryOptions,
  wholeNumber,
} from './options.ts';
import { makeProgress } from './progress/progress.ts';

/** Flags of a verb that may take long. */
export interface RunningFlags extends CommonOptions, RegistryFlags {
  readonly offline?: boolean | undefined;
  readonly jobs?: number | undefined;
  readonly progress: boolean;
}

/** Flags of a verb that works on a configuration: the configuration's own are among them. */
export interface RunFlags extends RunningFlags {
  /** False for --no-config. */
  readonly config: boolean;
  readonly [flag: string]: unknown;
}

/** What such a verb gives every function of the API. */
export interface RunOptions extends Pick<Io, 'env' | 'cwd' | 'signal'>, Pick<RunFlags, 'offline' | 'jobs'> {
  readonly store: string | undefined;
  readonly insecureRegistries: readonly string[] | undefined;
  readonly caFile: string | undefined;
  readonly onEvent: OnEvent;
}

/** The options of those flags, after the verb's own. */
export function addRunOptions(command: Command, { api, examples }: { readonly api: Api; readonly examples: string }) {
  command
    .option('--offline', 'use nothing but the local store')
    .option('--jobs <number>', 'conversions at the same time (default: one a core)', wholeNumber(1))
    .option('--no-progress', 'no progress on the screen')
    .option('--no-config', 'ignore ./slimimage.yaml: flags alone describe the image');
  addRegistryOptions(addCommonOptions(command)).addHelpText('after', examples);
  command.optionsGroup('What goes into the image (on top of the file):');
  addConfigOptions(command, api);
}

/** Runs what may take long, and shows how far it is; the screen is free again when it ends. */
export async function running<T>(flags: RunningFlags, io: Io, action: (options: RunOptions) => Promise<T>): Promise<T> {
  const progress = makeProgress(io, flags);
  const { offline, store, jobs } = flags;
  const { env, cwd, signal } = io;
  try {
    const onEvent = progress.onEvent.bind(progress);
    return await action({ ...registryOptions(flags), offline, store, jobs, env, cwd, signal, onEvent });
  } finally {
    progress.close();
  }
}
