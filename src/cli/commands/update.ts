import type { Command } from 'commander';
import type { UpdatePlan, UpdateResult } from '../../index.ts';
import { addConfigOptions } from '../config-options.ts';
import type { Context } from '../context.ts';
import { addCommonOptions, type CommonOptions, wholeNumber } from '../options.ts';
import { makeProgress } from '../progress/progress.ts';
import { readSpec } from '../read-spec.ts';
import { shownPath } from '../render/shown-path.ts';
import { makeStyle } from '../render/style.ts';
import { renderUpdate } from '../render/update.ts';
import { renderWarnings } from '../render/warnings.ts';

interface UpdateFlags extends CommonOptions {
  readonly lockFile?: string;
  readonly securityOnly?: boolean;
  readonly write?: boolean;
  readonly changelogs: boolean;
  readonly offline?: boolean;
  readonly jobs?: number;
  readonly progress: boolean;
  /** False for --no-config. */
  readonly config: boolean;
  readonly [flag: string]: unknown;
}

const examples = `
Examples:
  slimimage update                           what a newer archive would change in slimimage.lock.json
  slimimage update --security-only --write   take the security updates and nothing else
  slimimage update web.yaml --format json
  slimimage update --write && slimimage build --locked

Exit status 1, but with --write: there is something to update, or packages hold a security update back.`;

export function addUpdateCommand(program: Command, context: Context): void {
  const command = program
    .command('update')
    .summary('show or take what is newer than the lock')
    .description(
      'Resolves anew and compares with the lock: versions, sizes, and the CVEs that the new changelogs say are fixed. Status 1 where there is something to update and it was not written.',
    )
    .argument('[config]', 'configuration file, or the folder of one (default: ./slimimage.yaml)')
    .option('--write', 'write the new lock')
    .option('--security-only', 'take only what security suites bring; everything else stays as locked')
    .option('--no-changelogs', 'do not fetch packages for their changelogs')
    .option('--lock-file <file>', 'the lock (default: beside the configuration)')
    .option('--offline', 'use nothing but the local store')
    .option('--jobs <number>', 'conversions at the same time (default: one a core)', wholeNumber(1))
    .option('--no-progress', 'no progress on the screen')
    .option('--no-config', 'ignore ./slimimage.yaml: flags alone describe the image');
  addCommonOptions(command).addHelpText('after', examples);
  command.optionsGroup('What goes into the image (on top of the file):');
  addConfigOptions(command, context.api);
  command.action((config: string | undefined, flags: UpdateFlags) => update(config, flags, context));
}

async function update(config: string | undefined, flags: UpdateFlags, context: Context): Promise<void> {
  const { io, api, answerNo } = context;
  const progress = makeProgress(io, flags);
  const { lockFile: lock, securityOnly, changelogs, offline, store, jobs } = flags;
  const { env, cwd, signal } = io;
  const onEvent = progress.onEvent.bind(progress);
  const options = { lock, securityOnly, changelogs, offline, store, jobs, env, cwd, signal, onEvent };
  try {
    const spec = await readSpec(config, flags, { io, api });
    const result: UpdatePlan | UpdateResult =
      flags.write === true ? await api.updateLock(spec, options) : await api.planUpdate(spec, options);
    progress.close();
    if (!flags.quiet && flags.format === 'text')
      io.stderr.write(renderWarnings(result.warnings, makeStyle(io.stderr, env)));
    const style = makeStyle(io.stdout, env);
    const text =
      flags.format === 'json'
        ? JSON.stringify(result, undefined, 2)
        : renderUpdate(result, { file: shownPath(result.file, cwd), verbose: flags.verbose, style });
    io.stdout.write(`${text}\n`);
    if (result.outdated && flags.write !== true) answerNo();
  } finally {
    progress.close();
  }
}
