import { type Command, Option } from 'commander';
import { addConfigOptions } from '../config-options.ts';
import type { Context } from '../context.ts';
import { addCommonOptions } from '../options.ts';
import { readSpec } from '../read-spec.ts';
import { renderEffects } from '../render/effects.ts';
import { renderJson } from '../render/json.ts';
import { makeStyle } from '../render/style.ts';
import { type RunFlags, running } from '../running.ts';

interface EffectsFlags extends RunFlags {
  readonly arch?: string;
  readonly [flag: string]: unknown;
}

/** Keys of the configuration that say where packages come from. */
const keys = ['from', 'components', 'suites', 'platforms', 'mirrors', 'snapshot'] as const;

/** Where packages come from if no flag says so. */
const defaultFrom = 'debian/trixie';

const examples = `
Examples:
  slimimage effects redis-server                     what its maintainer scripts would do, and what becomes of it
  slimimage effects nginx postfix --from debian/bookworm
  slimimage effects ./app.deb --format json`;

export function addEffectsCommand(program: Command, context: Context): void {
  const command = program
    .command('effects')
    .summary('show what becomes of maintainer scripts')
    .description(
      'Reads the maintainer scripts of packages and runs none: what they do that an effect covers, that a container has no use for, or that nobody reproduces.',
    )
    .argument('<package...>', 'name, name=version, name/suite, ./app.deb')
    .addOption(new Option('--arch <architecture>', "platform by Debian's name, such as arm64").conflicts('platform'))
    .option('--offline', 'use nothing but the local store')
    .option('--no-progress', 'no progress on the screen');
  addConfigOptions(command, context.api, keys);
  addCommonOptions(command).addHelpText('after', examples);
  command.action((packages: readonly string[], flags: EffectsFlags) => effects(packages, flags, context));
}

async function effects(packages: readonly string[], flags: EffectsFlags, { io, api }: Context): Promise<void> {
  const { arch, format } = flags;
  const answer = await running(flags, io, async (options) => {
    const platform = arch === undefined ? {} : { platform: [arch] };
    const given = { ...flags, from: flags['from'] ?? defaultFrom, ...platform, package: packages, config: false };
    return api.explainScripts(await readSpec(undefined, given, { io, api }), options);
  });
  const text = format === 'json' ? renderJson(answer) : renderEffects(answer, makeStyle(io.stdout, io.env));
  io.stdout.write(`${text}\n`);
}
