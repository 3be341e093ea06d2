import type { Command } from 'commander';

/** What a shell has to know of one command. */
export interface CommandWords {
  /** From the program: `[]`, `['cache', 'ls']`. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly flags: readonly FlagWords[];
  /** Words that its arguments may be; empty: files. */
  readonly values: readonly string[];
}

export interface FlagWords {
  readonly long: string;
  readonly short: string | undefined;
  readonly description: string;
  /** `none`: a switch. `file`: anything, files are offered. */
  readonly value: 'none' | 'file' | readonly string[];
}

/** The command tree, flat, the program first. */
export function wordsOf(program: Command): readonly CommandWords[] {
  return visit(program, []);
}

function visit(command: Command, path: readonly string[]): readonly CommandWords[] {
  const own: CommandWords = {
    path,
    commands: command.commands.map((child) => ({
      name: child.name(),
      description: child.summary() || child.description(),
    })),
    flags: [
      ...command.options.flatMap(({ long, short, description, required, optional, argChoices, flags }) => {
        // `--base <debian|none>` names its words in its flags.
        const named = /<([a-z]+(?:\|[a-z]+)+)>/.exec(flags)?.[1]?.split('|');
        const value = required || optional ? (argChoices ?? named ?? ('file' as const)) : ('none' as const);
        return long ? [{ long, short, description, value }] : [];
      }),
      { long: '--help', short: '-h', description: 'explain the command', value: 'none' },
    ],
    values: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  };
  return [own, ...command.commands.flatMap((child) => visit(child, [...path, child.name()]))];
}
