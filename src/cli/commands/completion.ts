import { Argument, type Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { wordsOf } from '../completion/words.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { Context } from '../context.ts';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

const examples = `
Examples:
  eval "$(slimimage completion bash)"                                     in ~/.bashrc
  slimimage completion zsh > "\${fpath[1]}/_slimimage"                     once
  slimimage completion fish > ~/.config/fish/completions/slimimage.fish   once`;

export function addCompletionCommand(program: Command, { io }: Context): void {
  program
    .command('completion')
    .summary('print the shell completion')
    .description('Prints a script that completes commands and flags in your shell.')
    .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(scripts)))
    .addHelpText('after', examples)
    .action((shell: keyof typeof scripts) => void io.stdout.write(scripts[shell](wordsOf(program))));
}
