import { readGoStrings } from './go-strings.ts';

export interface SettingsContext {
  readonly shell: readonly string[];
  readonly names: ReadonlySet<string>;
}

/**
 * What builders write of an instruction that sets something, as a Dockerfile has it. They print Go's values: `["a" "b"]`,
 * `[/data]`, `map[80/tcp:{}]`, `&{["CMD" "x"] "30s" "0s" "0s" '\x03'}`. What is written in no such way stays as it is.
 */
export function readSettings(keyword: string, text: string, context: SettingsContext): string {
  switch (keyword) {
    case 'CMD':
    case 'ENTRYPOINT':
      return commandText(text, context.shell);
    case 'SHELL':
    case 'VOLUME':
      return listText(text);
    case 'EXPOSE':
      return text.replace(/^(?:map)?\[(.*)\]$/s, '$1').replaceAll(':{}', '');
    case 'ENV':
    case 'LABEL':
      return assignmentsText(text, context.names);
    case 'HEALTHCHECK':
      return healthcheckText(text);
    default:
      return text;
  }
}

/** `["sh", "-c", "x"]` as a command in a Dockerfile: what a shell runs as the bare text. */
export function commandOf(words: readonly string[], shell: readonly string[]): string {
  const isShellForm = words.length === shell.length + 1 && shell.every((word, at) => words[at] === word);
  const last = words.at(-1);
  return isShellForm && last !== undefined && !last.startsWith('[') ? last : jsonList(words);
}

export function jsonList(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}

/** `NAME=value` with quotes where the value needs them. */
export function assignment(name: string, value: string): string {
  return /^[\w.,:;/@%+=~^-]*$/.test(value)
    ? `${name}=${value}`
    : `${name}="${value.replace(/[\\"$]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

function commandText(text: string, shell: readonly string[]): string {
  const words = readGoStrings(text.replace(/^&?\{(.*)\}$/s, '$1'));
  return words === undefined ? text : commandOf(words, shell);
}

function listText(text: string): string {
  const words = readGoStrings(text) ?? /^\[([^"]*)\]$/s.exec(text)?.[1]?.split(' ').filter(Boolean);
  return words === undefined ? text : jsonList(words);
}

/** Where one assignment ends and the next begins is not written: the names that the config has tell it. */
function assignmentsText(text: string, names: ReadonlySet<string>): string {
  const starts = [...text.matchAll(/(?:^|\s)([^\s="]+)=/g)].filter(
    ({ 1: name = '', index }) => index === 0 || names.has(name),
  );
  if (starts.length === 0) return text;
  return starts
    .map((start, at) => {
      const from = start.index + start[0].length;
      const value = text.slice(from, starts[at + 1]?.index ?? text.length);
      const bare = /^"((?:[^"\\]|\\.)*)"$/s.exec(value);
      return bare === null ? assignment(start[1] ?? '', value) : `${start[1]}=${value}`;
    })
    .join(' ');
}

const durations = ['interval', 'timeout', 'start-period', 'start-interval'];

function healthcheckText(text: string): string {
  const [, list = '', rest = ''] =
    /^&?\{(\[.*\])((?: "[0-9a-zµ.]*"| '(?:\\x[0-9a-f]+|\\.|[^'])')*)\}$/s.exec(text) ?? [];
  const test = readGoStrings(list);
  if (test === undefined) return text;
  const options = [...rest.matchAll(/"([^"]*)"/g)].flatMap(([, value = ''], at) =>
    value === '0s' || value === '' ? [] : [`--${durations[at]}=${shortDuration(value)}`],
  );
  const retries = retriesOf(rest);
  const flags = [...options, ...(retries === 0 ? [] : [`--retries=${retries}`])].map((flag) => `${flag} `).join('');
  const [kind, ...words] = test;
  if (kind === 'NONE') return 'NONE';
  return `${flags}CMD ${kind === 'CMD-SHELL' ? words.join(' ') : jsonList(words)}`;
}

function shortDuration(text: string): string {
  return text.replace(/(?<=[hm])0[ms](?:0s)?$/, '');
}

/** Go prints the number as a character: `'\x03'`. */
function retriesOf(rest: string): number {
  const named: Readonly<Record<string, number>> = {
    '\\a': 7,
    '\\b': 8,
    '\\t': 9,
    '\\n': 10,
    '\\v': 11,
    '\\f': 12,
    '\\r': 13,
  };
  const character = /'(.*)'/s.exec(rest)?.[1];
  if (character === undefined) return 0;
  const hex = /^\\x([0-9a-f]+)$/.exec(character)?.[1];
  return hex === undefined ? (named[character] ?? character.charCodeAt(0)) : Number.parseInt(hex, 16);
}
