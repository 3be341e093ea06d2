import type { Command } from 'commander';
import type { LockCheck } from '../../index.ts';
import type { Context } from '../context.ts';
import { readSpec } from '../read-spec.ts';
import { renderJson } from '../render/json.ts';
import { renderLock } from '../render/lock.ts';
import { shownPath } from '../render/shown-path.ts';
import { makeStyle } from '../render/style.ts';
import { addRunOptions, type RunFlags, running, runningToAnswer } from '../running.ts';

interface LockFlags extends RunFlags {
  readonly output?: string;
  readonly check?: boolean;
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
    .option('--check', 'only tell whether the lock is there and fits: status 1 where it does not');
  addRunOptions(command, { api: context.api, examples });
  command.action((config: string | undefined, flags: LockFlags) => lock(config, flags, context));
}

async function lock(config: string | undefined, flags: LockFlags, context: Context): Promise<void> {
  const { io, api } = context;
  const { output } = flags;
  if (flags.check === true) {
    const check = await running(flags, io, async (options) =>
      api.checkLock(await readSpec(config, flags, { io, api }), { ...options, output }),
    );
    answer(check, flags, context);
    return;
  }
  const result = await runningToAnswer(flags, io, async (options) =>
    api.lockImage(await readSpec(config, flags, { io, api }), { ...options, output }),
  );
  const style = makeStyle(io.stderr, io.env);
  if (!flags.quiet && flags.format === 'text') io.stderr.write(`${renderLock(result, { style })}\n`);
  const text = `${shownPath(result.file, io.cwd)}@${result.digest}`;
  io.stdout.write(`${flags.format === 'json' ? renderJson(result) : text}\n`);
}

function answer(check: LockCheck, flags: LockFlags, { io, answerNo }: Context): void {
  if (!check.fits) answerNo();
  const file = shownPath(check.file, io.cwd);
  const lines = check.fits
    ? [`${file} fits`]
    : [`${file} does not fit:`, ...check.differences.map((one) => `  ${one}`)];
  io.stdout.write(`${flags.format === 'json' ? renderJson(check) : lines.join('\n')}\n`);
}
