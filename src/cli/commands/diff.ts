import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { renderJson } from '../render/json.ts';
import { renderLockDifference } from '../render/lock-difference.ts';
import { makeStyle } from '../render/style.ts';

interface DiffFlags extends CommonOptions {
  readonly exitCode?: boolean;
}

const examples = `
Examples:
  slimimage diff old.lock.json slimimage.lock.json
  slimimage diff old.lock.json new.lock.json --exit-code     status 1 where they differ
  slimimage diff old.lock.json new.lock.json --format json`;

export function addDiffCommand(program: Command, context: Context): void {
  const command = program
    .command('diff')
    .summary('compare two locks')
    .description('Tells what changed from one lock to another: packages, sizes, requests, accounts, archives.')
    .argument('<before>', 'lock file')
    .argument('<after>', 'lock file')
    .option('--exit-code', 'exit with status 1 where they differ');
  addCommonOptions(command).addHelpText('after', examples);
  command.action((before: string, after: string, flags: DiffFlags) => diff(before, after, { flags, context }));
}

async function diff(
  before: string,
  after: string,
  { flags, context }: { readonly flags: DiffFlags; readonly context: Context },
): Promise<void> {
  const { io, api } = context;
  const difference = await api.diffLocks(before, after, { cwd: io.cwd });
  const style = makeStyle(io.stdout, io.env);
  const answer = flags.format === 'json' ? renderJson(difference) : renderLockDifference(difference, { style });
  io.stdout.write(`${answer}\n`);
  if (flags.exitCode === true && !difference.same) context.answerNo();
}
