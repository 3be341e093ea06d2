import type { Command } from 'commander';
import type { CopyResult } from '../../index.ts';
import type { Context } from '../context.ts';
import { addCommonOptions, addRegistryOptions, type CommonOptions } from '../options.ts';
import { renderJson } from '../render/json.ts';
import { renderSent } from '../render/sent.ts';
import { count, formatBytes } from '../render/units.ts';
import { type RunningFlags, running } from '../running.ts';

interface CopyFlags extends RunningFlags {
  readonly format: CommonOptions['format'];
  readonly all?: boolean;
  readonly platform?: string;
  readonly referrers: boolean;
}

const examples = `
Examples:
  slimimage copy store:web docker://registry.example/team/web:1.0    push it, with SBOM, provenance and signatures
  slimimage copy docker://registry.example/team/web:1.0 oci:./web     pull it
  slimimage copy docker://old.example/web:1.0 docker://new.example/web:1.0
  slimimage copy docker://registry.example/web:1.0 docker-archive:web.tar --platform linux/arm64
  slimimage copy docker-daemon:web:dev store:web

SOURCE and DESTINATION: store:NAME, docker://HOST/REPO[:TAG|@DIGEST], oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME],
docker-daemon:NAME, tar:FILE, dir:FOLDER.`;

export function addCopyCommand(program: Command, context: Context): void {
  const command = program
    .command('copy')
    .summary('copy an image between registries, files, engines and the local store')
    .description(
      'Copies an image with all of its platforms and its papers. Digests stay the same where the form keeps them.',
    )
    .argument('<source>', 'image to copy')
    .argument('<destination>', 'where to')
    .option('--all', 'all platforms, which is the default: refuse a form that holds only one')
    .option('--platform <platform>', 'this platform of a multi-platform image alone')
    .option('--no-referrers', 'leave SBOMs, provenance and signatures behind')
    .option('--offline', 'ask no registry')
    .option('--no-progress', 'no progress on the screen');
  addRegistryOptions(addCommonOptions(command)).addHelpText('after', examples);
  command.action((source: string, destination: string, flags: CopyFlags) =>
    copy(source, destination, { flags, context }),
  );
}

async function copy(
  source: string,
  destination: string,
  { flags, context }: { readonly flags: CopyFlags; readonly context: Context },
): Promise<void> {
  const { io, api } = context;
  const { all, platform, referrers, format } = flags;
  const result = await running(flags, io, (options) =>
    api.copyImage(source, destination, { ...options, all, platform, referrers }),
  );
  if (!flags.quiet && format === 'text') io.stderr.write(`${summaryOf(result)}\n`);
  io.stdout.write(`${format === 'json' ? renderJson(result) : `${result.reference}@${result.digest}`}\n`);
}

function summaryOf({ blobs, bytes, referrers, note }: CopyResult): string {
  const size = bytes === undefined ? [] : [formatBytes(bytes)];
  const parts =
    blobs === undefined
      ? ['written', ...size]
      : [renderSent({ ...blobs, bytes }), ...(referrers > 0 ? [count(referrers, 'referrer')] : [])];
  return [parts.join(', '), ...(note === undefined ? [] : [`note: ${note}`])].join('\n');
}
