import type { Command } from 'commander';
import type { ReadPaperOptions } from '../../index.ts';
import type { Context } from '../context.ts';
import { addCommonOptions, addRegistryOptions } from '../options.ts';
import { type RunningFlags, running } from '../running.ts';

interface SbomFlags extends RunningFlags {
  readonly format: NonNullable<ReadPaperOptions['kind']>;
  readonly provenance?: boolean;
  readonly platform?: string;
  readonly output?: string;
}

const examples = `
Examples:
  slimimage sbom store:web                                       SPDX 2.3 on stdout
  slimimage sbom docker://registry.example/team/web:1.0 --format cyclonedx -o web.cdx.json
  slimimage sbom oci-archive:web.tar --platform linux/arm64
  slimimage sbom store:web --provenance                          what it was made of

IMAGE is one of store:NAME, docker://HOST/REPO:TAG, oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, tar:FILE.`;

export function addSbomCommand(program: Command, context: Context): void {
  const command = program
    .command('sbom')
    .summary('print the SBOM or the provenance of an image')
    .description('Prints what is attached to an image that slimimage built, or lies beside it, unchanged.')
    .argument('<image>', 'image that it is about')
    .option('--provenance', 'the provenance in the place of an SBOM')
    .option('--platform <platform>', "platform of a multi-platform image (default: the machine's, else the only one)")
    .option('-o, --output <file>', 'write it to this file, not to stdout')
    .option('--offline', 'ask no registry');
  addRegistryOptions(addCommonOptions(command, ['spdx', 'spdx-3', 'cyclonedx'])).addHelpText('after', examples);
  command.action((image: string, flags: SbomFlags) => sbom(image, flags, context));
}

async function sbom(image: string, flags: SbomFlags, { io, api }: Context): Promise<void> {
  const { platform, output } = flags;
  const kind = flags.provenance === true ? 'provenance' : flags.format;
  const paper = await running(flags, io, (options) => api.readPaper(image, { ...options, kind, platform, output }));
  if (output === undefined) io.stdout.write(new TextDecoder('utf-8', { ignoreBOM: true }).decode(paper.bytes));
}
