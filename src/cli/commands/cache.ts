import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { addCommonOptions, byteSize, type CommonOptions, collect } from '../options.ts';
import { renderJson } from '../render/json.ts';
import { renderTable } from '../render/table.ts';
import { count, formatBytes } from '../render/units.ts';

interface PruneFlags extends CommonOptions {
  readonly maxSize?: number;
  readonly keep?: readonly string[];
}

const examples = `
Examples:
  slimimage cache ls                       what is in the local store, and what it weighs
  slimimage cache prune --max-size 2GB     remove what was not used for longest until 2 GB are left
  slimimage cache prune                    remove everything that no image needs
  slimimage cache verify                   check every byte`;

export function addCacheCommand(program: Command, context: Context): void {
  const cache = program
    .command('cache')
    .summary('look after the local store')
    .description('The local store keeps images, downloads and converted packages.')
    .helpCommand(false)
    .addHelpText('after', examples);
  const options = (flags: CommonOptions) => ({ store: flags.store, env: context.io.env, signal: context.io.signal });

  const ls = cache.command('ls').description('Lists images and what takes room.');
  ls.addHelpText('after', exampleOf('slimimage cache ls --format json'));
  addCommonOptions(ls).action(async (flags: CommonOptions) => {
    const report = await context.api.surveyStore(options(flags));
    const { tags, blobs, contents, memo, partial, bytes, root } = report;
    const images = tags.map((tag) => [formatBytes(tag.bytes), `store:${tag.name}:${tag.tag}`, tag.descriptor.digest]);
    const parts = Object.entries({ blobs, contents, memo, partial }).map(([name, usage]) => [
      formatBytes(usage.bytes),
      name,
      String(usage.count),
    ]);
    answer(context, flags, {
      value: report,
      lines: [...renderTable(images, [0]), ...renderTable(parts, [0, 2]), `${formatBytes(bytes)} in ${root}`],
    });
  });

  const prune = cache
    .command('prune')
    .description('Removes what no image of the store needs, least recently used first.');
  prune.addHelpText('after', exampleOf('slimimage cache prune --max-size 2GB'));
  prune.option('--max-size <size>', 'keep up to this much, for example 2GB (default: only what images need)', byteSize);
  prune.option('--keep <image>', 'remove every image but this one (repeatable)', collect);
  addCommonOptions(prune).action(async (flags: PruneFlags) => {
    const { maxSize: maxBytes, keep } = flags;
    const keepTags = keep?.map((image) => image.replace(/^store:/, ''));
    const report = await context.api.pruneStore({ ...options(flags), maxBytes, keepTags });
    const { removed, removedBytes, removedTags, bytes } = report;
    const gone = [
      ...removedTags.map((tag) => `removed store:${tag}`),
      `removed ${count(removed, 'item')}, ${formatBytes(removedBytes)}`,
    ];
    answer(context, flags, { value: report, lines: [...gone, `${formatBytes(bytes)} left`] });
  });

  const verify = cache.command('verify').description('Checks that every byte of the store is what its name says.');
  verify.addHelpText('after', exampleOf('slimimage cache verify && slimimage build --offline'));
  addCommonOptions(verify).action(async (flags: CommonOptions) => {
    const report = await context.api.verifyStore(options(flags));
    const { blobs, bytes, damaged, brokenTags } = report;
    const lines = [
      ...damaged.map((digest) => `damaged: ${digest}`),
      ...brokenTags.map(({ name, tag, reason }) => `broken: store:${name}:${tag}: ${reason}`),
      `${count(blobs, 'blob')}, ${formatBytes(bytes)}, ${damaged.length} damaged, ${count(brokenTags.length, 'broken image')}`,
    ];
    if (damaged.length + brokenTags.length > 0) context.answerNo();
    answer(context, flags, { value: report, lines });
  });
}

function exampleOf(command: string): string {
  return `\nExamples:\n  ${command}`;
}

function answer(
  { io }: Context,
  { format }: CommonOptions,
  { value, lines }: { readonly value: unknown; readonly lines: readonly string[] },
): void {
  io.stdout.write(format === 'json' ? `${renderJson(value)}\n` : `${lines.join('\n')}\n`);
}
