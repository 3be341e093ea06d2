import { type Command, Option } from 'commander';
import { SlimimageError } from '../../errors.ts';
import type { ImageSpec, ResolvedPackages } from '../../index.ts';
import { addConfigOptions } from '../config-options.ts';
import type { Context } from '../context.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { makeProgress } from '../progress/progress.ts';
import { readSpec, type SpecFlags } from '../read-spec.ts';
import { renderClosureTable } from '../render/closure-table.ts';
import { renderClosureTree } from '../render/closure-tree.ts';

interface ResolveFlags extends Omit<CommonOptions, 'format'> {
  readonly format: 'table' | 'tree' | 'json';
  readonly arch?: string;
  readonly offline?: boolean;
  readonly progress: boolean;
  /** False for --no-config. */
  readonly config: string | boolean;
  readonly [flag: string]: unknown;
}

/** Keys of the configuration that decide about packages. */
const keys = [
  'from',
  'components',
  'suites',
  'packages',
  'omit',
  'dependencies',
  'recommends',
  'essential',
  'pins',
  'base',
  'on',
  'platforms',
  'mirrors',
  'snapshot',
] as const;

/** Where packages come from if neither a configuration nor a flag says so. */
const defaultFrom = 'debian/trixie';

const examples = `
Examples:
  slimimage resolve python3 --from debian/trixie      what apt would install, from Debian's archive of today
  slimimage resolve nginx --format tree               who needs what
  slimimage resolve 'nginx=1.26*' --arch arm64 --format json
  slimimage resolve                                   what ./slimimage.yaml brings into its image`;

export function addResolveCommand(program: Command, context: Context): void {
  const command = program
    .command('resolve')
    .summary('show the packages that a request brings')
    .description(
      'Resolves packages with all that they need, as apt would, and fetches none. Without packages it takes those of the configuration.',
    )
    .argument('[package...]', 'name, name=version, name/suite, name-, ./app.deb: in the place of the configured ones')
    .option('-c, --config <file>', 'configuration file, or the folder of one (default: ./slimimage.yaml)')
    .option('--no-config', 'ignore ./slimimage.yaml')
    .addOption(new Option('--arch <architecture>', "platform by Debian's name, such as arm64").conflicts('platform'))
    .option('--offline', 'use nothing but the local store')
    .option('--no-progress', 'no progress on the screen');
  addConfigOptions(command, context.api, keys);
  addCommonOptions(command, ['table', 'tree', 'json']).addHelpText('after', examples);
  command.action((packages: readonly string[], flags: ResolveFlags) => resolve(packages, flags, context));
}

async function resolve(packages: readonly string[], flags: ResolveFlags, { io, api }: Context): Promise<void> {
  refuseSeveral(flags);
  const progress = makeProgress(io, flags);
  try {
    const spec = await specOf(packages, flags, { io, api });
    const { offline, store } = flags;
    const { env, cwd, signal } = io;
    const onEvent = progress.onEvent.bind(progress);
    const closure = await api.resolvePackages(spec, { offline, store, env, cwd, signal, onEvent });
    progress.close();
    io.stdout.write(`${render(closure, flags)}\n`);
  } finally {
    progress.close();
  }
}

/** Packages of the command line stand alone, as apt's do: nothing beside them but what flags ask for. */
async function specOf(
  packages: readonly string[],
  flags: ResolveFlags,
  { io, api }: Pick<Context, 'io' | 'api'>,
): Promise<ImageSpec> {
  const named = typeof flags.config === 'string' ? flags.config : undefined;
  const given: SpecFlags = { ...flags, config: flags.config !== false };
  const chosen = flags.arch === undefined ? given : { ...given, platform: [flags.arch] };
  if (packages.length === 0) {
    const hint = 'Name packages, slimimage resolve python3, or a configuration, --config FILE.';
    return readSpec(named, chosen, { io, api, hint });
  }
  const configured = named !== undefined || (given.config && (await api.findConfig(io.cwd)) !== undefined);
  const from = flags['from'] ?? (configured ? undefined : defaultFrom);
  const spec = await readSpec(named, { ...chosen, from }, { io, api });
  const added = Array.isArray(flags['package']) ? flags['package'] : [];
  // Read as flags are: forms are checked, and paths are those of this folder, not of the configuration's.
  const asked = api.flagsToSpec({ from: defaultFrom, package: [...packages, ...added] }, { cwd: io.cwd });
  const { base, on } = flags;
  return {
    ...spec,
    packages: asked.packages,
    // The answer is apt's, unless candidates of a cut are asked for.
    dependencies: flags['dependencies'] === undefined && spec.dependencies === 'runtime' ? 'full' : spec.dependencies,
    base: base === 'debian' ? 'debian' : 'none',
    essential: flags['essential'] === true,
    on: on === undefined ? undefined : spec.on,
  };
}

function refuseSeveral({ arch, platform }: ResolveFlags): void {
  const flag = arch === undefined ? '--platform' : '--arch';
  const named = arch === undefined ? platform : [arch];
  const platforms = Array.isArray(named) ? named.flatMap((text: string) => text.split(',')) : [];
  if (platforms.length < 2) return;
  throw new SlimimageError({
    code: 'USAGE',
    message: `${flag} names ${platforms.join(' and ')}, but an answer is for one platform`,
    hint: 'Ask once for each.',
  });
}

function render(closure: ResolvedPackages, { format }: ResolveFlags): string {
  switch (format) {
    case 'json':
      return JSON.stringify(closure, undefined, 2);
    case 'tree':
      return renderClosureTree(closure);
    case 'table':
      return renderClosureTable(closure);
  }
}
