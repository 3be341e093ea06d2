import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { addCommonOptions, addRegistryOptions } from '../options.ts';
import { type RunningFlags, running } from '../running.ts';

interface CatFlags extends RunningFlags {
  readonly platform?: string;
  readonly layer?: string;
}

const examples = `
Examples:
  slimimage cat store:web /etc/os-release
  slimimage cat docker://registry.example/team/web:1.0 /app/config.json
  slimimage cat docker-archive:web.tar /etc/passwd --layer 1     as the lowest layer has it

IMAGE is written as for slimimage ls. Links are followed inside the image.`;

export function addCatCommand(program: Command, context: Context): void {
  const command = program
    .command('cat')
    .summary('print a file of an image')
    .description('Writes the content of a file of an image to stdout, byte for byte.')
    .argument('<image>', 'image to look into')
    .argument('<path>', 'file in it')
    .option('--layer <layer>', 'as one layer has it: its number, 1 the lowest, or its digest')
    .option('--platform <platform>', "platform of a multi-platform image (default: the machine's, else the first)")
    .option('--offline', 'ask no registry');
  addRegistryOptions(addCommonOptions(command, ['bytes'])).addHelpText('after', examples);
  command.action((image: string, path: string, flags: CatFlags) => cat(image, { path, flags, context }));
}

async function cat(
  image: string,
  { path, flags, context }: { readonly path: string; readonly flags: CatFlags; readonly context: Context },
): Promise<void> {
  const { io, api } = context;
  const { platform, layer } = flags;
  const write = (bytes: Uint8Array) => io.stdout.write(bytes);
  await running(flags, io, (options) => api.readImageFile(image, path, { ...options, platform, layer, write }));
}
