import { unknown } from '../scripts/read-script.ts';
import type { ScriptCall } from './script-calls.ts';

export interface WrittenText {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
  readonly appends: boolean;
}

/**
 * What a command writes into a file by redirection, where that is literal: echo, printf without conversions but %s,
 * cat with a here-document, and a redirection alone. Undefined for any other.
 */
export function writtenText({ words, redirects, piped, text: written }: ScriptCall): WrittenText | undefined {
  const output = redirects.find(({ operator, descriptor = 1 }) => /^(>>?|>\|)$/.test(operator) && descriptor === 1);
  if (output === undefined || piped || !output.target.startsWith('/')) return undefined;
  const input = redirects.findLast(({ operator }) => operator.startsWith('<'));
  const text = outputOf(words, { input: input?.operator === '<<' ? input.target : undefined, written });
  if (text === undefined || text.includes(unknown) || output.target.includes(unknown)) return undefined;
  return { path: output.target, text, appends: output.operator === '>>' };
}

/** The files that a command writes by redirection, whatever is written. */
export function outputFiles({ redirects }: ScriptCall): readonly string[] {
  const files = redirects.filter(({ operator, target }) => operator.startsWith('>') && target.startsWith('/'));
  return files.map(({ target }) => target);
}

interface OutputOptions {
  readonly input: string | undefined;
  readonly written: string;
}

function outputOf([command = '', ...words]: readonly string[], { input, written }: OutputOptions): string | undefined {
  switch (command) {
    case '':
      // A redirection around a group or a function's call has the text of what is in it.
      return written.startsWith('>') ? '' : undefined;
    case ':':
    case 'true':
      return '';
    case 'cat':
      return words.length === 0 || (words.length === 1 && words[0] === '-') ? input : undefined;
    case 'echo':
      return echo(words);
    case 'printf':
      return printf(words);
    default:
      return undefined;
  }
}

/** As dash prints it: escapes count. */
function echo(words: readonly string[]): string | undefined {
  const quiet = words[0] === '-n';
  if (words[0]?.startsWith('-') === true && !quiet) return undefined;
  const text = escapes((quiet ? words.slice(1) : words).join(' '));
  return text === undefined || quiet ? text : `${text}\n`;
}

function printf([format = '', ...words]: readonly string[]): string | undefined {
  const text = escapes(format);
  if (text === undefined) return undefined;
  const values = [...words];
  let result = '';
  do {
    const left = values.length;
    let refused = false;
    result += text.replace(/%(.?)/g, (_, letter: string) => {
      if (letter === '%') return '%';
      if (letter !== 's') refused = true;
      return values.shift() ?? '';
    });
    if (refused || (values.length > 0 && values.length === left)) return undefined;
  } while (values.length > 0);
  return result;
}

const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' };

function escapes(text: string): string | undefined {
  let refused = false;
  const plain = text.replace(/\\(.?)/g, (whole, letter: string) => {
    const character = named[letter];
    if (character === undefined && /[abcefrvx0-9]/.test(letter)) refused = true;
    return character ?? whole;
  });
  return refused ? undefined : plain;
}
