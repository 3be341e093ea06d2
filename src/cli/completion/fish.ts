import type { CommandWords } from './words.ts';

/** A completion script for fish. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap((command) => [...commandLines(command), ...flagLines(command)]);
  return `# fish completion for slimimage\n${lines.join('\n')}\n`;
}

function commandLines(command: CommandWords): readonly string[] {
  const when = condition(command);
  return [
    ...command.commands.map(
      ({ name, description }) => `complete -c slimimage -n ${when} -f -a ${quoted(name)} -d ${quoted(description)}`,
    ),
    ...(command.values.length === 0
      ? []
      : [`complete -c slimimage -n ${when} -f -a ${quoted(command.values.join(' '))}`]),
  ];
}

function flagLines(command: CommandWords): readonly string[] {
  return command.flags.map(({ long, short, description, value }) => {
    const names = `-l ${long.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}`;
    const argument = value === 'none' ? '' : value === 'file' ? ' -r' : ` -x -a ${quoted(value.join(' '))}`;
    return `complete -c slimimage -n ${condition(command)} ${names}${argument} -d ${quoted(description)}`;
  });
}

function condition({ path, commands }: CommandWords): string {
  const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`);
  const unseen =
    commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(' ')}`];
  return quoted([...seen, ...unseen].join('; and '));
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
