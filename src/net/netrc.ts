import { Secret } from './secret.ts';

/** One `machine` (or `default`) of a netrc-like file. */
export interface NetrcEntry {
  /** As written: a host name, in auth.conf also `[scheme://]host[:port][/path]`; undefined for `default`. */
  readonly machine: string | undefined;
  readonly login: string | undefined;
  readonly password: Secret | undefined;
}

export interface NetrcFile {
  readonly entries: readonly NetrcEntry[];
  /** What could not be understood, with line numbers and without any of the file's words: they may be secrets. */
  readonly problems: readonly string[];
}

/**
 * Reads a `.netrc` (the inetutils manual's form and curl's quoted values) or apt's `auth.conf` (apt_auth.conf(5)):
 * words separated by white space, `#` comments where a keyword is due, `macdef` skipped up to an empty line.
 * Total: a broken file gives fewer entries and says so in `problems`.
 */
export function parseNetrc(text: string): NetrcFile {
  const entries: OpenEntry[] = [];
  const problems: string[] = [];
  let pending: Field | undefined;
  let inMacro = false;

  text.split(/\r\n|\n|\r/).forEach((content, index) => {
    const line = index + 1;
    if (inMacro) {
      inMacro = content.trim() !== '';
      return;
    }
    for (let at = skipBlanks(content, 0); at < content.length; at = skipBlanks(content, at)) {
      if (pending === undefined && content[at] === '#') return;
      const word = wordAt(content, at);
      at = word.end;
      if (!word.closed) problems.push(`line ${line}: a quotation mark is not closed`);
      if (pending !== undefined) {
        if (!setField(entries, pending, word.text)) problems.push(`line ${line}: "${pending}" before any "machine"`);
        pending = undefined;
      } else if (isField(word.text)) pending = word.text;
      else if (word.text === 'default') entries.push({ machine: undefined, login: undefined, password: undefined });
      else if (word.text === 'macdef') {
        inMacro = true;
        return;
      } else problems.push(`line ${line}: a word that is none of ${keywords}`);
    }
  });
  if (pending !== undefined) problems.push(`the last line: "${pending}" without a value`);
  return { entries, problems };
}

interface OpenEntry {
  machine: string | undefined;
  login: string | undefined;
  password: Secret | undefined;
}

type Field = 'machine' | 'login' | 'password' | 'account';
const fields: ReadonlySet<string> = new Set<Field>(['machine', 'login', 'password', 'account']);
const keywords = 'machine, default, login, password, account, macdef';

function isField(word: string): word is Field {
  return fields.has(word);
}

/** False where the field belongs to no entry. The first value of a field counts, as in curl and apt. */
function setField(entries: OpenEntry[], field: Field, value: string): boolean {
  if (field === 'machine') {
    entries.push({ machine: value, login: undefined, password: undefined });
    return true;
  }
  const entry = entries.at(-1);
  if (entry === undefined) return false;
  if (field === 'login') entry.login ??= value;
  if (field === 'password') entry.password ??= new Secret(value);
  return true;
}

function skipBlanks(content: string, start: number): number {
  let at = start;
  while (at < content.length && isBlank(content.charCodeAt(at))) at++;
  return at;
}

/** Space, tab, vertical tab, form feed. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0b || code === 0x0c;
}

interface Word {
  readonly text: string;
  readonly end: number;
  readonly closed: boolean;
}

function wordAt(content: string, start: number): Word {
  if (content[start] === '"') return quotedWordAt(content, start);
  let end = start;
  while (end < content.length && !isBlank(content.charCodeAt(end))) end++;
  return { text: content.slice(start, end), end, closed: true };
}

/** curl's quoting: \" \\ \n \r \t inside quotation marks. */
function quotedWordAt(content: string, start: number): Word {
  let text = '';
  let at = start + 1;
  while (at < content.length && content[at] !== '"') {
    if (content[at] === '\\' && at + 1 < content.length) {
      const escaped = content[at + 1] as string;
      text += escapes.get(escaped) ?? escaped;
      at += 2;
    } else text += content[at++];
  }
  return { text, end: at + 1, closed: at < content.length };
}

const escapes = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
