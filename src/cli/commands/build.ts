import type { Command } from 'commander';
import { addConfigOptions } from '../config-options.ts';
import type { Context } from '../context.ts';
import { addCommonOptions, type CommonOptions, collect, wholeNumber } from '../options.ts';
import { makeProgress } from '../progress/progress.ts';
import { readSpec } from '../read-spec.ts';
import { renderPlan } from '../render/plan.ts';
import { makeStyle } from '../render/style.ts';
import { renderSummary } from '../render/summary.ts';

interface BuildFlags extends CommonOptions {
  readonly tag?: readonly string[];
  readonly output?: readonly string[];
  readonly load?: boolean;
  readonly offline?: boolean;
  readonly dryRun?: boolean;
  readonly locked?: boolean;
  readonly lockFile?: string;
  readonly jobs?: number;
  readonly progress: boolean;
  /** False for --no-config. */
  readonly config: boolean;
  readonly [flag: string]: unknown;
}

const examples = `
Examples:
  slimimage build                                     the image of ./slimimage.yaml
  slimimage build api/slimimage.yaml -t api:1.0       that one, called api:1.0
  slimimage build --from debian/trixie -p nginx -t web:dev --load
  slimimage build --platform linux/amd64,linux/arm64 -o oci:./image
  slimimage build -o docker-archive:web.tar -o tar:rootfs.tar
  slimimage build --dry-run                           what would go in
  slimimage build --locked                            exactly what slimimage.lock.json says`;

export function addBuildCommand(program: Command, context: Context): void {
  const command = program
    .command('build')
    .summary('make an image')
    .description('Makes an image from a configuration file, from flags, or from a file with flags on top.')
    .argument('[config]', 'configuration file, or the folder of one (default: ./slimimage.yaml)')
    .option('-t, --tag <reference>', 'name of the image (repeatable)', collect)
    .option(
      '-o, --output <target>',
      'where it goes: store:, oci:, oci-archive:, docker-archive:, tar:, dir: (repeatable)',
      collect,
    )
    .option('--load', 'load it into Docker or Podman')
    .option('--locked', 'take exactly the packages of the lock (slimimage.lock.json beside slimimage.yaml)')
    .option('--lock-file <file>', 'take those of this lock')
    .option('--offline', 'use nothing but the local store')
    .option('--dry-run', 'show what would go in, fetch no package, write nothing')
    .option('--jobs <number>', 'conversions at the same time (default: one a core)', wholeNumber(1))
    .option('--no-progress', 'no progress on the screen')
    .option('--no-config', 'ignore ./slimimage.yaml: flags alone describe the image');
  addCommonOptions(command).addHelpText('after', examples);
  command.optionsGroup('What goes into the image (on top of the file):');
  addConfigOptions(command, context.api);
  command.action((config: string | undefined, flags: BuildFlags) => build(config, flags, context));
}

async function build(config: string | undefined, flags: BuildFlags, { io, api }: Context): Promise<void> {
  const progress = makeProgress(io, flags);
  const { tag: tags, output: outputs, load, offline, store, jobs } = flags;
  const { env, cwd, signal } = io;
  const options = {
    tags,
    outputs,
    load,
    offline,
    store,
    jobs,
    env,
    cwd,
    signal,
    onEvent: progress.onEvent.bind(progress),
  };
  try {
    const spec = await readSpec(config, flags, { io, api });
    const lock = flags.lockFile ?? (flags.locked === true ? api.lockFileOf(spec) : undefined);
    if (flags.dryRun === true) {
      const plan = await api.planImage(spec, { ...options, lock });
      progress.close();
      io.stdout.write(flags.format === 'json' ? json(plan) : `${renderPlan(plan)}\n`);
      return;
    }
    const result = await api.buildImage(spec, { ...options, lock });
    progress.close();
    const style = makeStyle(io.stderr, env);
    if (!flags.quiet && flags.format === 'text')
      io.stderr.write(`${renderSummary(result, { verbose: flags.verbose, style })}\n`);
    io.stdout.write(flags.format === 'json' ? json(result) : `${result.reference}@${result.digest}\n`);
  } finally {
    progress.close();
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
