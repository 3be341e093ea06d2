import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { renderJson } from '../render/json.ts';
import { renderTable } from '../render/table.ts';
import { count, formatBytes } from '../render/units.ts';

const examples = `
Examples:
  slimimage catalog                                      the images, what they are for and what they weigh
  slimimage build catalog/nginx -t web:dev --load        one as it is
  slimimage build catalog/nginx-debug -t debug --load    the same with a shell as the entrypoint

  # slimimage.yaml: one with an application on top
  extends: catalog/python3
  files: ["./app:/app"]
  cmd: [/app/main.py]`;

export function addCatalogCommand(program: Command, context: Context): void {
  const command = program
    .command('catalog')
    .summary('list the images that are ready to use')
    .description(
      'Lists the images of the catalogue: what they are for, the packages asked for, packages and bytes in all.',
    );
  addCommonOptions(command)
    .addHelpText('after', examples)
    .action((flags: CommonOptions) => list(flags, context));
}

async function list({ format }: CommonOptions, { io, api }: Context): Promise<void> {
  const images = await api.listCatalog({ cwd: io.cwd });
  const rows = images.map(({ reference, title, packages, size }) => [
    reference,
    size === undefined ? '' : formatBytes(size.bytes),
    size === undefined ? '' : count(size.packages, 'package'),
    title,
    packages.join(' '),
  ]);
  const lines = [...renderTable(rows, [1, 2]), 'each with a shell: catalog/NAME-debug'];
  io.stdout.write(format === 'json' ? `${renderJson(images)}\n` : `${lines.join('\n')}\n`);
}
