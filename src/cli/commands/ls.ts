import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addCommonOptions, addRegistryOptions, type CommonOptions, wholeNumber } from '../options.ts';
import { renderJson } from '../render/json.ts';
import { renderLongList, renderTree } from '../render/tree.ts';
import { type RunningFlags, running } from '../running.ts';

interface ListFlags extends RunningFlags {
  readonly format: CommonOptions['format'];
  readonly long?: boolean;
  readonly depth?: number;
  readonly platform?: string;
  readonly layer?: string;
}

const examples = `
Examples:
  slimimage ls store:web                        the whole tree
  slimimage ls store:web /etc --depth 1         one folder
  slimimage ls oci:./image --long               modes, owners, sizes, times
  slimimage ls store:web --layer 2              what the second layer lists, with what it removes
  slimimage ls docker://registry.example/team/web:1.0 /app
  slimimage ls docker-archive:web.tar --format json

IMAGE is one of store:NAME, docker://HOST/REPO[:TAG|@DIGEST], docker-daemon:NAME, oci:DIR[:TAG], oci-archive:FILE,
docker-archive:FILE, tar:FILE, dir:FOLDER.`;

export function addListCommand(program: Command, context: Context): void {
  const command = program
    .command('ls')
    .summary('list the files of an image')
    .description('Lists the file tree that the layers of an image make.')
    .argument('<image>', 'image to look into')
    .argument('[path]', 'folder or file in it', '/')
    .option('-l, --long', 'a line a path with mode, owner, size and time')
    .addOption(new Option('--depth <number>', 'levels of folders to show').argParser(wholeNumber(1)))
    .option('--layer <layer>', 'one layer alone: its number, 1 the lowest, or its digest')
    .option('--platform <platform>', "platform of a multi-platform image (default: the machine's, else the first)")
    .option('--offline', 'ask no registry');
  addRegistryOptions(addCommonOptions(command)).addHelpText('after', examples);
  command.action((image: string, path: string, flags: ListFlags) => list(image, { path, flags, context }));
}

async function list(
  image: string,
  { path, flags, context }: { readonly path: string; readonly flags: ListFlags; readonly context: Context },
): Promise<void> {
  const { io, api } = context;
  const { platform, layer, depth = Number.POSITIVE_INFINITY } = flags;
  const all = await running(flags, io, (options) => api.listImage(image, { ...options, path, platform, layer }));
  // Links on the way lead elsewhere than `path` says; the first of the sorted paths lies right in the folder.
  const top = layer === undefined ? (all[0]?.path.replace(/\/?[^/]*$/, '') ?? path) : path;
  const base = top.split('/').filter((part) => part !== '').length;
  const entries = all.filter((entry) => entry.path.split('/').length - base <= depth);
  const lines =
    flags.format === 'json'
      ? [renderJson(entries)]
      : flags.long === true
        ? renderLongList(entries)
        : renderTree(entries, { top, depth });
  io.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
