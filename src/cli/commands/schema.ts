import type { Command } from 'commander';
import type { Context } from '../context.ts';

const examples = `
Examples:
  slimimage schema > slimimage.schema.json

  # In slimimage.yaml, for editors with a YAML language server:
  # yaml-language-server: $schema=./slimimage.schema.json`;

export function addSchemaCommand(program: Command, { io, api }: Context): void {
  program
    .command('schema')
    .summary('print the JSON Schema of slimimage.yaml')
    .description('Prints the JSON Schema of slimimage.yaml, with which editors complete and check it.')
    .addHelpText('after', examples)
    .action(async () => void io.stdout.write(await api.configJsonSchemaText()));
}
