import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandWords } from '../../src/cli/completion/words.ts';
import { projectRoot } from './source-code.ts';

/** A text for people: Markdown, or an example with comments. */
export interface Document {
  /** Relative to the project's root. */
  readonly path: string;
  readonly text: string;
}

export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** 1-based, of the first line of code. */
  readonly line: number;
}

/** A command line of slimimage that a document names. */
export interface NamedCommand {
  readonly line: number;
  /** After `slimimage`. */
  readonly words: readonly string[];
}

export function readDocuments(...globs: readonly string[]): readonly Document[] {
  return globSync([...globs], { cwd: projectRoot })
    .sort()
    .map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') }));
}

export function codeBlocks(text: string): readonly CodeBlock[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ index, 1: language = '', 2: code = '' }) => ({
    language,
    code,
    line: text.slice(0, index).split('\n').length + 1,
  }));
}

/** Code between single backticks, outside of blocks. */
export function inlineCode(text: string): readonly { readonly code: string; readonly line: number }[] {
  const prose = text.replace(/^```.*?^```$/gms, (block) => block.replace(/[^\n]/g, ' '));
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(({ index, 1: code = '' }) => ({
    code,
    line: prose.slice(0, index).split('\n').length,
  }));
}

/** Commands in blocks and between backticks of Markdown; in other files those of comments. */
export function namedCommands({ path, text }: Document): readonly NamedCommand[] {
  const lines = path.endsWith('.md')
    ? [
        ...codeBlocks(text).flatMap(({ code, line }) =>
          code.split('\n').map((one, at) => ({ code: one, line: line + at })),
        ),
        ...inlineCode(text),
      ]
    : text.split('\n').map((code, at) => ({ code: code.replace(/^(?:#|\/\/)/, ''), line: at + 1 }));
  return lines.flatMap(({ code, line }) => commandsOf(code).map((words) => ({ line, words })));
}

/** The calls of slimimage in a line of shell: behind a prompt, after `&&`, in `$(...)`; without redirections and comments. */
function commandsOf(line: string): readonly (readonly string[])[] {
  return line
    .replace(/^\s*\$ /, '')
    .split(/&&|\||;|\$\(|\)/)
    .flatMap((part) => {
      const call =
        /^\s*(?:[A-Z_]+=\S+ )*(?:npx slimimage|npm (?:--prefix \S+ )?run (?:--silent )?slimimage --|node bin\/slimimage\.js|slimimage)(?:\s+(.*))?$/.exec(
          part,
        );
      if (call === null) return [];
      const rest = (call[1] ?? '').replace(/\s(?:#|>|2>).*$/, '');
      return [[...rest.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word.replace(/^(["'])(.*)\1$/, '$2'))];
    });
}

/** What is wrong with a command line for the program that has these commands, or undefined. */
export function problemOf(words: readonly string[], commands: readonly CommandWords[]): string | undefined {
  let command = commands.find(({ path }) => path.length === 0);
  const pending = [...words];
  while (pending.length > 0) {
    const word = pending.shift() as string;
    if (word.length > 1 && word.startsWith('-')) {
      const [name = '', given] = word.split(/=(.*)/s);
      const flag = command?.flags.find(({ long, short }) => [long, short].includes(name));
      const place = ['slimimage', ...(command?.path ?? [])].join(' ');
      if (flag === undefined) return `${place} has no ${name}`;
      const value = flag.value === 'none' ? undefined : (given ?? pending.shift());
      if (flag.value !== 'none' && value === undefined) return `${place} ${name} has no value`;
      if (Array.isArray(flag.value) && !flag.value.includes(value)) return `${place} ${name} can't be ${value}`;
    } else if ((command?.commands.length ?? 0) > 0) {
      const path = [...(command?.path ?? []), word].join(' ');
      command = commands.find((candidate) => candidate.path.join(' ') === path);
      if (command === undefined) return `there is no command ${path}`;
    } else if (command !== undefined && command.values.length > 0 && !command.values.includes(word)) {
      // Capitals stand for something that the reader puts there.
      if (word !== word.toUpperCase()) return `slimimage ${command.path.join(' ')} does not know ${word}`;
    }
  }
  return undefined;
}

/** Anchors of a Markdown file's headings, as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const prose = text.replace(/^```.*?^```$/gms, '');
  const headings = [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
