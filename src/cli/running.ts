import type { Command } from 'commander';
import type { OnEvent, SlimimageEvent } from '../events.ts';
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
import { makeStyle } from './render/style.ts';
import { renderWarnings } from './render/warnings.ts';

/** Flags of a verb that may take long. */
export interface RunningFlags extends Omit<CommonOptions, 'format'>, RegistryFlags {
  readonly offline?: boolean | undefined;
  readonly jobs?: number | undefined;
  /** False for --no-progress, and undefined for verbs that are over soon: what goes wrong is shown all the same. */
  readonly progress?: boolean | undefined;
}

/** Flags of a verb that works on a configuration: the configuration's own are among them. */
export interface RunFlags extends RunningFlags {
  readonly format: CommonOptions['format'];
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

/** Runs what may take long, and shows how far it is and what it warns of; the screen is free again when it ends. */
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

/** The same for a verb whose answer tells of the warnings: they are shown here only where there is none. */
export async function runningToAnswer<T>(
  flags: RunningFlags,
  io: Io,
  action: (options: RunOptions) => Promise<T>,
): Promise<T> {
  const warnings: (SlimimageEvent & { readonly type: 'warning' })[] = [];
  try {
    return await running(flags, io, ({ onEvent, ...options }) =>
      action({ ...options, onEvent: (event) => (event.type === 'warning' ? warnings.push(event) : onEvent(event)) }),
    );
  } catch (error) {
    if (!flags.quiet) io.stderr.write(renderWarnings(warnings, makeStyle(io.stderr, io.env)));
    throw error;
  }
}
