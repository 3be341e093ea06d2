import type { CommandWords } from './words.ts';

/** A completion script for fish. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  // `cache ls` has `ls` in it too: a command that has commands of its own hides its namesakes at the top.
  const parents = commands
    .filter(({ path, commands: own }) => path.length === 1 && own.length > 0)
    .map(({ path }) => path[0] ?? '');
  const lines = commands.flatMap((command) => {
    const when = condition(command, parents);
    return [...commandLines(command, when), ...flagLines(command, when)];
  });
  return `# fish completion for slimimage\n${lines.join('\n')}\n`;
}

function commandLines(command: CommandWords, when: string): readonly string[] {
  return [
    ...command.commands.map(
      ({ name, description }) => `complete -c slimimage -n ${when} -f -a ${quoted(name)} -d ${quoted(description)}`,
    ),
    ...(command.values.length === 0
      ? []
      : [`complete -c slimimage -n ${when} -f -a ${quoted(command.values.join(' '))}`]),
  ];
}

function flagLines(command: CommandWords, when: string): readonly string[] {
  return command.flags.map(({ long, short, description, value }) => {
    const names = `-l ${long.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}`;
    const argument = value === 'none' ? '' : value === 'file' ? ' -r' : ` -x -a ${quoted(value.join(' '))}`;
    return `complete -c slimimage -n ${when} ${names}${argument} -d ${quoted(description)}`;
  });
}

function condition({ path, commands }: CommandWords, parents: readonly string[]): string {
  const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`);
  const unseen =
    commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(' ')}`];
  const others = path.length === 1 ? parents.filter((name) => name !== path[0]) : [];
  const apart = others.length === 0 ? [] : [`not __fish_seen_subcommand_from ${others.join(' ')}`];
  return quoted([...seen, ...unseen, ...apart].join('; and '));
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
