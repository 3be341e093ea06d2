import type { Command } from 'commander';
import type { SignReport } from '../../index.ts';
import type { Context } from '../context.ts';
import { addCommonOptions, addRegistryOptions, type CommonOptions } from '../options.ts';
import { renderJson } from '../render/json.ts';
import { signedName } from '../render/signed-names.ts';
import { renderTable } from '../render/table.ts';
import { type RunningFlags, running } from '../running.ts';

interface SignFlags extends RunningFlags {
  readonly format: CommonOptions['format'];
  readonly key: string;
  readonly papers?: boolean;
}

const examples = `
Examples:
  slimimage sign docker://registry.example/team/api:1.0 --key cosign.key
  slimimage sign store:web --key env://SIGNING_KEY        before it is copied; signatures go along
  slimimage sign oci:./image --key key.pem --no-papers    the image alone

Signs the image, each of its platforms, and their SBOMs and provenance; in a registry or a layout those of them that the local store has
attached to the image too. Keys are PEM files of openssl or cosign; SLIMIMAGE_KEY_PASSWORD or COSIGN_PASSWORD has the password of an encrypted one. To verify:
  cosign verify --key cosign.pub --insecure-ignore-tlog registry.example/team/api:1.0`;

export function addSignCommand(program: Command, context: Context): void {
  const command = program
    .command('sign')
    .summary('sign an image with a local key')
    .description('Signs an image and its papers in the way that cosign verifies, where the image is.')
    .argument('<image>', 'store:NAME, oci:DIR[:TAG] or docker://HOST/REPO:TAG')
    .requiredOption('--key <key>', 'private key: a file as PEM, or env://NAME')
    .option('--papers', 'sign its SBOMs and provenance too where the local store does not have them')
    .option('--no-papers', 'sign the image alone, not its SBOMs and provenance')
    .option('--no-progress', 'no progress on the screen');
  addRegistryOptions(addCommonOptions(command)).addHelpText('after', examples);
  command.action((image: string, flags: SignFlags) => sign(image, flags, context));
}

async function sign(image: string, flags: SignFlags, { io, api }: Context): Promise<void> {
  const { key, papers, format } = flags;
  const report = await running(flags, io, (options) => api.signImage(image, { ...options, key, papers }));
  io.stdout.write(`${format === 'json' ? renderJson(report) : renderReport(report)}\n`);
}

function renderReport({ signatures }: SignReport): string {
  const rows = signatures.map(({ outcome, predicateType, platform = '', subject }) => [
    outcome === 'signed' ? 'signed' : 'was signed',
    signedName(predicateType),
    platform,
    subject,
  ]);
  return renderTable(rows).join('\n');
}
