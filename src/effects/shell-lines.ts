/** Stands in a word for what only a running shell could know. */
export const unknown = '\0';

/**
 * The simple commands of a maintainer script, each as its words, in the order of the text: quotes removed,
 * continuation lines joined, variables replaced whose last assignment above is literal. Anything else that expands
 * (`$1`, `$(...)`) leaves `unknown` in its word. Conditions and loops are not judged: what stands in a branch is listed.
 *
 * Not a shell (no functions, no globs, no here-document text): it finds calls that are written out, which is how
 * Debian's scripts call adduser, systemd-sysusers and dpkg-divert.
 */
export function shellCommands(script: string): readonly (readonly string[])[] {
  const reader = new Reader(script);
  const commands: (readonly string[])[] = [];
  for (let words = reader.next(); words !== undefined; words = reader.next()) {
    const command = reader.assign(words);
    if (command.length > 0) commands.push(command);
  }
  return commands;
}

/** Words before which a command may start. */
const leading = new Set([
  'if',
  'then',
  'else',
  'elif',
  'do',
  'while',
  'until',
  '!',
  '{',
  '}',
  'exec',
  'command',
  'fi',
  'done',
]);
const declaring = new Set(['local', 'export', 'readonly', 'declare']);
const assignment = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/;
/** Empty for dpkg that works on its own system. */
const known: readonly (readonly [string, string])[] = [['DPKG_ROOT', '']];

class Reader {
  readonly #text: string;
  #at = 0;
  readonly #variables = new Map<string, string>(known);
  /** End words of here-documents whose text starts at the next line. */
  #documents: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** Keeps the assignments of a command and returns what is left: a command's words, or nothing. */
  assign(words: readonly string[]): readonly string[] {
    let start = 0;
    while (leading.has(words[start] ?? '')) start++;
    const declares = declaring.has(words[start] ?? '');
    let at = declares ? start + 1 : start;
    for (; at < words.length; at++) {
      const match = assignment.exec(words[at] ?? '');
      if (match === null) break;
      this.#variables.set(match[1] ?? '', match[2] ?? '');
    }
    if (words[start] === 'for' || words[start] === 'read') {
      for (const name of words.slice(start + 1)) this.#variables.set(name, unknown);
    }
    return declares ? [] : words.slice(at);
  }

  /** Words up to the end of the command; undefined at the end of the text. May be empty. */
  next(): readonly string[] | undefined {
    if (this.#at >= this.#text.length) return undefined;
    const words: string[] = [];
    for (;;) {
      this.#skipBlanks();
      const char = this.#text[this.#at];
      if (char === undefined) return words;
      if (char === '\n') {
        this.#at++;
        this.#skipDocuments();
        return words;
      }
      if (';&|()'.includes(char)) {
        this.#at++;
        return words;
      }
      if (char === '#') this.#skipLine();
      else if (!this.#redirection()) {
        const word = this.#word();
        if (word !== undefined) words.push(word);
      }
    }
  }

  #skipBlanks(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === ' ' || char === '\t' || char === '\r') this.#at++;
      else if (char === '\\' && this.#text[this.#at + 1] === '\n') this.#at += 2;
      else return;
    }
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  /** `>/dev/null`, `2>&1`, `<<EOF`: read and dropped. */
  #redirection(): boolean {
    const operator = /[0-9]*(<<-?|>>|[<>]&?)/y;
    operator.lastIndex = this.#at;
    const match = operator.exec(this.#text);
    if (match === null) return false;
    this.#at = operator.lastIndex;
    this.#skipBlanks();
    const target = this.#word();
    if (match[1]?.startsWith('<<') && target !== undefined) this.#documents.push(target);
    return true;
  }

  #skipDocuments(): void {
    for (const end of this.#documents) {
      for (;;) {
        const start = this.#at;
        if (start >= this.#text.length) break;
        this.#skipLine();
        const line = this.#text.slice(start, this.#at);
        this.#at++;
        if (line.replace(/^\t+/, '') === end) break;
      }
    }
    this.#documents = [];
  }

  /** One word, or undefined for one that expands to nothing. */
  #word(): string | undefined {
    let word = '';
    let quoted = false;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || ' \t\r\n;&|()<>'.includes(char)) break;
      this.#at++;
      if (char === "'") {
        quoted = true;
        word += this.#until("'");
      } else if (char === '"') {
        quoted = true;
        word += this.#doubleQuoted();
      } else if (char === '\\') {
        const next = this.#text[this.#at++];
        if (next !== undefined && next !== '\n') word += next;
      } else if (char === '$' || char === '`') {
        word += this.#expansion(char);
      } else {
        word += char;
      }
    }
    return word === '' && !quoted ? undefined : word;
  }

  #until(end: string): string {
    const close = this.#text.indexOf(end, this.#at);
    const stop = close < 0 ? this.#text.length : close;
    const inside = this.#text.slice(this.#at, stop);
    this.#at = stop + 1;
    return inside;
  }

  #doubleQuoted(): string {
    let inside = '';
    for (;;) {
      const char = this.#text[this.#at++];
      if (char === undefined || char === '"') return inside;
      if (char === '\\') {
        const next = this.#text[this.#at++] ?? '';
        if (next !== '\n') inside += '$`"\\'.includes(next) ? next : `\\${next}`;
      } else {
        inside += char === '$' || char === '`' ? this.#expansion(char) : char;
      }
    }
  }

  /** After `$` or a backtick. */
  #expansion(kind: '$' | '`'): string {
    if (kind === '`') {
      this.#until('`');
      return unknown;
    }
    const char = this.#text[this.#at];
    if (char === '(') {
      this.#skipBalanced('(', ')');
      return unknown;
    }
    if (char === '{') {
      const start = this.#at + 1;
      this.#skipBalanced('{', '}');
      return this.#parameter(this.#text.slice(start, this.#at - 1));
    }
    const name = /[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]/y;
    name.lastIndex = this.#at;
    const match = name.exec(this.#text);
    if (match === null) return '$';
    this.#at = name.lastIndex;
    return this.#variables.get(match[0]) ?? unknown;
  }

  /** `${NAME}`, `${NAME:-default}`, `${NAME:+text}`. */
  #parameter(inside: string): string {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+])([\s\S]*))?$/.exec(inside);
    if (match === null) return unknown;
    const value = this.#variables.get(match[1] ?? '');
    const rest = /[$`"'\\]/.test(match[3] ?? '') ? unknown : (match[3] ?? '');
    if (match[2]?.endsWith('-')) return value === undefined || value === '' ? rest : value;
    if (match[2]?.endsWith('+')) return value === undefined ? unknown : value === '' ? '' : rest;
    return value ?? unknown;
  }

  /** Past the bracket that closes the one at the cursor; quotes inside are not looked into. */
  #skipBalanced(open: string, close: string): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at++];
      if (char === '\\') this.#at++;
      else if (char === open) depth++;
      else if (char === close && --depth === 0) return;
    }
  }
}
