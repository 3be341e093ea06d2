import type { Command } from 'commander';
import type { LockCheck } from '../../index.ts';
import { addConfigOptions } from '../config-options.ts';
import type { Context } from '../context.ts';
import { addCommonOptions, type CommonOptions, wholeNumber } from '../options.ts';
import { makeProgress } from '../progress/progress.ts';
import { readSpec } from '../read-spec.ts';
import { renderLock } from '../render/lock.ts';
import { shownPath } from '../render/shown-path.ts';
import { makeStyle } from '../render/style.ts';

interface LockFlags extends CommonOptions {
  readonly output?: string;
  readonly check?: boolean;
  readonly offline?: boolean;
  readonly jobs?: number;
  readonly progress: boolean;
  /** False for --no-config. */
  readonly config: boolean;
  readonly [flag: string]: unknown;
}

const examples = `
Examples:
  slimimage lock                    writes slimimage.lock.json beside slimimage.yaml
  slimimage lock web.yaml           web.lock.json
  slimimage lock --check            does the lock fit the configuration? asks no server
  slimimage build --locked          builds exactly what the lock says`;

export function addLockCommand(program: Command, context: Context): void {
  const command = program
    .command('lock')
    .summary('pin every package of an image')
    .description(
      'Writes down every package of an image with its sha256, and what vouched for it, so that build --locked gives the same bytes on any day.',
    )
    .argument('[config]', 'configuration file, or the folder of one (default: ./slimimage.yaml)')
    .option(
      '--output <file>',
      'the lock (default: beside the configuration, web.lock.json for web.yaml); build and update take another one with --lock-file',
    )
    .option('--check', 'only tell whether the lock is there and fits: status 1 where it does not')
    .option('--offline', 'use nothing but the local store')
    .option('--jobs <number>', 'conversions at the same time (default: one a core)', wholeNumber(1))
    .option('--no-progress', 'no progress on the screen')
    .option('--no-config', 'ignore ./slimimage.yaml: flags alone describe the image');
  addCommonOptions(command).addHelpText('after', examples);
  command.optionsGroup('What goes into the image (on top of the file):');
  addConfigOptions(command, context.api);
  command.action((config: string | undefined, flags: LockFlags) => lock(config, flags, context));
}

async function lock(config: string | undefined, flags: LockFlags, context: Context): Promise<void> {
  const { io, api } = context;
  const progress = makeProgress(io, flags);
  const { output, offline, store, jobs } = flags;
  const { env, cwd, signal } = io;
  const options = { output, offline, store, jobs, env, cwd, signal, onEvent: progress.onEvent.bind(progress) };
  try {
    const spec = await readSpec(config, flags, { io, api });
    if (flags.check === true) {
      answer(await api.checkLock(spec, options), flags, context);
      return;
    }
    const result = await api.lockImage(spec, options);
    progress.close();
    const style = makeStyle(io.stderr, env);
    if (!flags.quiet && flags.format === 'text') io.stderr.write(`${renderLock(result, { style })}\n`);
    const file = shownPath(result.file, cwd);
    io.stdout.write(flags.format === 'json' ? json(result) : `${file}@${result.digest}\n`);
  } finally {
    progress.close();
  }
}

function answer(check: LockCheck, flags: LockFlags, { io, answerNo }: Context): void {
  if (!check.fits) answerNo();
  if (flags.format === 'json') {
    io.stdout.write(json(check));
    return;
  }
  const file = shownPath(check.file, io.cwd);
  const lines = check.differences.map((difference) => `  ${difference}\n`).join('');
  io.stdout.write(check.fits ? `${file} fits\n` : `${file} does not fit:\n${lines}`);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
