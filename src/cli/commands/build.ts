import { type Command, InvalidArgumentError, Option } from 'commander';
import { SlimimageError } from '../../errors.ts';
import type { BuildOptions } from '../../index.ts';
import type { Context } from '../context.ts';
import { collect } from '../options.ts';
import { readSpec } from '../read-spec.ts';
import { renderJson } from '../render/json.ts';
import { renderPlan } from '../render/plan.ts';
import { makeStyle } from '../render/style.ts';
import { renderSummary } from '../render/summary.ts';
import { addRunOptions, type RunFlags, runningToAnswer } from '../running.ts';

interface BuildFlags extends RunFlags {
  readonly tag?: readonly string[];
  readonly output?: readonly string[];
  readonly load?: boolean;
  readonly push?: boolean;
  readonly sbom?: readonly string[];
  readonly provenance: boolean;
  readonly attach?: boolean;
  readonly sign?: string;
  readonly metadataFile?: string;
  readonly dryRun?: boolean;
  readonly locked?: boolean;
  readonly lockFile?: string;
}

const examples = `
Examples:
  slimimage build                                     the image of ./slimimage.yaml
  slimimage build api/slimimage.yaml -t api:1.0       that one, called api:1.0
  slimimage build --from debian/trixie -p nginx -t web:dev --load
  slimimage build --platform linux/amd64,linux/arm64 -o oci:./image
  slimimage build -o docker-archive:web.tar -o tar:rootfs.tar
  slimimage build -t registry.example/team/api:1.0 --push --sign cosign.key
  slimimage build --dry-run                           what would go in
  slimimage build --locked                            exactly what slimimage.lock.json says`;

export function addBuildCommand(program: Command, context: Context): void {
  const command = program
    .command('build')
    .summary('make an image')
    .description('Makes an image from a configuration file, from flags, or from a file with flags on top.')
    .argument(
      '[config]',
      'configuration file, the folder of one, or an image of the catalogue: catalog/nginx (default: ./slimimage.yaml)',
    )
    .option('-t, --tag <reference>', 'name of the image (repeatable)', collect)
    .option(
      '-o, --output <target>',
      'where it goes: store:, oci:, oci-archive:, docker-archive:, tar:, dir:, docker:// (repeatable)',
      collect,
    )
    .option('--load', 'load it into Docker or Podman')
    .option('--push', 'send it to the registries that -t names, with its papers')
    .addOption(
      new Option(
        '--sbom <format>',
        'SBOM that goes with it: spdx, spdx-3, cyclonedx, or none (repeatable; default: spdx and cyclonedx)',
      ).argParser(collectSbom),
    )
    .option('--no-provenance', 'make no provenance')
    .option('--attach', 'put the papers into the layouts of -o oci: as well')
    .option('--sign <key>', 'sign image and papers with this private key: a file, or env://NAME')
    .option('--metadata-file <file>', 'write digests and names as JSON, as docker buildx does')
    .option('--locked', 'take exactly the packages of the lock (slimimage.lock.json beside slimimage.yaml)')
    .option('--lock-file <file>', 'take those of this lock')
    .option('--dry-run', 'show what would go in, fetch no package, write nothing');
  addRunOptions(command, { api: context.api, examples });
  command.action((config: string | undefined, flags: BuildFlags) => build(config, flags, context));
}

async function build(config: string | undefined, flags: BuildFlags, { io, api }: Context): Promise<void> {
  const { tag: tags, output: outputs, dryRun, format } = flags;
  const { load, push, attach, sign, provenance, metadataFile } = flags;
  const sboms = sbomsOf(flags.sbom);
  const style = makeStyle(io.stderr, io.env);
  const answer = await runningToAnswer(flags, io, async (options) => {
    const spec = await readSpec(config, flags, { io, api });
    const lock = flags.lockFile ?? (flags.locked === true ? api.lockFileOf(spec) : undefined);
    const delivery = { tags, outputs, load, push, attach, metadataFile, sboms, provenance, sign };
    if (dryRun === true) {
      const plan = await api.planImage(spec, { ...options, ...delivery, lock });
      return { json: plan, text: renderPlan(plan), summary: undefined };
    }
    const result = await api.buildImage(spec, { ...options, ...delivery, lock });
    const summary = renderSummary(result, { verbose: flags.verbose, style });
    return { json: result, text: `${result.reference}@${result.digest}`, summary };
  });
  if (answer.summary !== undefined && !flags.quiet && format === 'text') io.stderr.write(`${answer.summary}\n`);
  io.stdout.write(`${format === 'json' ? renderJson(answer.json) : answer.text}\n`);
}

type Sboms = NonNullable<BuildOptions['sboms']>;

const sbomFormats: Sboms = ['spdx', 'spdx-3', 'cyclonedx'];

function collectSbom(value: string, before: readonly string[] | undefined): readonly string[] {
  if (value === 'none' || sbomFormats.some((format) => format === value)) return [...(before ?? []), value];
  throw new InvalidArgumentError(`Allowed choices are ${[...sbomFormats, 'none'].join(', ')}.`);
}

/** Undefined: the usual ones. */
function sbomsOf(values: readonly string[] | undefined): Sboms | undefined {
  if (values?.includes('none') === true && values.length > 1) {
    const message = `--sbom none makes none, and there is --sbom ${values.find((value) => value !== 'none') ?? 'none'} too`;
    throw new SlimimageError({ code: 'USAGE', message, hint: 'Leave one of them out.' });
  }
  return values === undefined ? undefined : sbomFormats.filter((format) => values.includes(format));
}
