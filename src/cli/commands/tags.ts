import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { addCommonOptions, addRegistryOptions, type CommonOptions } from '../options.ts';
import { renderJson } from '../render/json.ts';
import { type RunningFlags, running } from '../running.ts';

interface TagsFlags extends RunningFlags {
  readonly format: CommonOptions['format'];
  readonly all?: boolean;
  readonly delete?: string;
}

const examples = `
Examples:
  slimimage tags docker://registry.example/team/web
  slimimage tags docker://registry.example/team/web --delete 1.0
  slimimage tags registry.example/team/web --delete sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`;

export function addTagsCommand(program: Command, context: Context): void {
  const command = program
    .command('tags')
    .summary('list the tags of a repository, or remove one')
    .description('Lists the tags of a repository of a registry, one a line, or removes one of them.')
    .argument('<repository>', 'docker://HOST/REPOSITORY')
    .option(
      '--all',
      'list the tags sha256-... too, that papers and signatures have where the registry keeps no lists of them',
    )
    .option('--delete <reference>', 'remove this tag, or by its digest an image with all of its tags');
  addRegistryOptions(addCommonOptions(command)).addHelpText('after', examples);
  command.action((repository: string, flags: TagsFlags) => tags(repository, flags, context));
}

async function tags(repository: string, flags: TagsFlags, { io, api }: Context): Promise<void> {
  const isJson = flags.format === 'json';
  const { delete: unwanted } = flags;
  if (unwanted !== undefined) {
    const gone = await running(flags, io, (options) => api.deleteTag(repository, unwanted, options));
    if (isJson) io.stdout.write(`${renderJson(gone)}\n`);
    else if (!flags.quiet) io.stderr.write(`removed ${gone.deleted} from ${gone.repository}${restOf(gone.deleted)}\n`);
    return;
  }
  const found = await running(flags, io, (options) => api.listTags(repository, options));
  const shown = flags.all === true ? [...found.tags, ...found.referrerTags] : found.tags;
  io.stdout.write(isJson ? `${renderJson(found)}\n` : shown.map((tag) => `${tag}\n`).join(''));
}

function restOf(deleted: string): string {
  return deleted.startsWith('sha256:') ? '; papers and signatures that it had stay' : '';
}
