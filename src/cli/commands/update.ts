import type { Command } from 'commander';
import type { UpdatePlan, UpdateResult } from '../../index.ts';
import type { Context } from '../context.ts';
import { readSpec } from '../read-spec.ts';
import { renderJson } from '../render/json.ts';
import { shownPath } from '../render/shown-path.ts';
import { makeStyle } from '../render/style.ts';
import { renderUpdate } from '../render/update.ts';
import { renderWarnings } from '../render/warnings.ts';
import { addRunOptions, type RunFlags, runningToAnswer } from '../running.ts';

interface UpdateFlags extends RunFlags {
  readonly lockFile?: string;
  readonly securityOnly?: boolean;
  readonly write?: boolean;
  readonly changelogs: boolean;
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
    .option('--lock-file <file>', 'the lock (default: beside the configuration)');
  addRunOptions(command, { api: context.api, examples });
  command.action((config: string | undefined, flags: UpdateFlags) => update(config, flags, context));
}

async function update(config: string | undefined, flags: UpdateFlags, context: Context): Promise<void> {
  const { io, api, answerNo } = context;
  const { lockFile: lock, securityOnly, changelogs, write } = flags;
  const result = await runningToAnswer(flags, io, async (run): Promise<UpdatePlan | UpdateResult> => {
    const spec = await readSpec(config, flags, { io, api });
    const options = { ...run, lock, securityOnly, changelogs };
    return write === true ? api.updateLock(spec, options) : api.planUpdate(spec, options);
  });
  if (!flags.quiet && flags.format === 'text')
    io.stderr.write(renderWarnings(result.warnings, makeStyle(io.stderr, io.env)));
  const style = makeStyle(io.stdout, io.env);
  const text =
    flags.format === 'json'
      ? renderJson(result)
      : renderUpdate(result, { file: shownPath(result.file, io.cwd), verbose: flags.verbose, style });
  io.stdout.write(`${text}\n`);
  if (result.outdated && write !== true) answerNo();
}
