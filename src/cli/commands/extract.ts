import { type Command, Option } from 'commander';
import { SlimimageError } from '../../errors.ts';
import type { ExtractTarget } from '../../index.ts';
import type { Context } from '../context.ts';
import { addCommonOptions, addRegistryOptions, type CommonOptions } from '../options.ts';
import { renderJson } from '../render/json.ts';
import { count, formatBytes } from '../render/units.ts';
import { type RunningFlags, running } from '../running.ts';

interface ExtractFlags extends RunningFlags {
  readonly format: CommonOptions['format'];
  readonly output: string;
  readonly tar?: boolean;
  readonly platform?: string;
  readonly layer?: string;
}

const examples = `
Examples:
  slimimage extract store:web /etc/nginx -o nginx-config    the folder, as nginx-config/etc/nginx
  slimimage extract oci:./image -o rootfs                   everything
  slimimage extract store:web /app -o app.tar --tar         a tar, with owners and devices as they are
  slimimage extract store:web /app -o - | tar -tv
  slimimage extract store:web --layer 3 -o third            what one layer brings

IMAGE is written as for slimimage ls.`;

export function addExtractCommand(program: Command, context: Context): void {
  const command = program
    .command('extract')
    .summary('take files out of an image')
    .description('Writes files and folders of an image into a new folder, under the paths that they have in the image.')
    .argument('<image>', 'image to take them from')
    .argument('[paths...]', 'files and folders in it (default: everything)')
    .addOption(
      new Option('-o, --output <folder>', 'new or empty folder to write to; -: a tar on stdout').makeOptionMandatory(),
    )
    .option('--tar', 'the output is a tar file, not a folder')
    .option('--layer <layer>', 'what one layer brings: its number, 1 the lowest, or its digest')
    .option('--platform <platform>', "platform of a multi-platform image (default: the machine's, else the first)")
    .option('--offline', 'ask no registry');
  addRegistryOptions(addCommonOptions(command)).addHelpText('after', examples);
  command.action((image: string, paths: readonly string[], flags: ExtractFlags) =>
    extract(image, { paths, flags, context }),
  );
}

async function extract(
  image: string,
  {
    paths,
    flags,
    context,
  }: { readonly paths: readonly string[]; readonly flags: ExtractFlags; readonly context: Context },
): Promise<void> {
  const { io, api } = context;
  const { platform, layer, output } = flags;
  const chosen = { platform, layer, paths: paths.length === 0 ? undefined : paths, target: targetOf(flags, context) };
  const report = await running(flags, io, (options) => api.extractImage(image, { ...options, ...chosen }));
  if (output === '-') return;
  if (flags.format === 'json') io.stdout.write(`${renderJson(report)}\n`);
  else if (!flags.quiet)
    io.stderr.write(`${count(report.paths, 'path')}, ${formatBytes(report.bytes)}, in ${output}\n`);
}

function targetOf({ output, tar }: ExtractFlags, { io }: Context): ExtractTarget {
  if (output === '-' && io.stdout.isTTY === true) {
    const hint = 'Send it to a program or a file: slimimage extract IMAGE -o - | tar -t';
    throw new SlimimageError({ code: 'USAGE', message: 'a tar is not written to a terminal', hint });
  }
  if (output === '-') return { type: 'stream', write: (bytes) => io.stdout.write(bytes) };
  return tar === true ? { type: 'tar', file: output } : { type: 'folder', folder: output };
}
