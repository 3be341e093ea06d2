/** Stands in a word for what only a running shell could know. */
export const unknown = '\0';

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
export const declaring: ReadonlySet<string> = new Set(['local', 'export', 'readonly', 'declare']);
export const assignment = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/;

/** The words at the head of a command that are the shell's own. */
export function keywords(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word) => !leading.has(word));
  return end < 0 ? words : words.slice(0, end);
}

/** Characters of a word, and of all words together, that expansion may make: `X=$X$X` doubles with every line. */
const maxWord = 4096;
const maxExpanded = 4_000_000;

/** Reads a shell script command by command: quotes removed, continuation lines joined, variables replaced. */
export class ShellReader {
  readonly #text: string;
  #at = 0;
  readonly #variables: Map<string, string>;
  /** End words of here-documents whose text starts at the next line. */
  #documents: string[] = [];
  #expanded = 0;

  /** @param variables what is known of them, by name; may change between the calls */
  constructor(text: string, variables: Map<string, string>) {
    this.#text = text;
    this.#variables = variables;
  }

  get at(): number {
    return this.#at;
  }

  /** Goes on elsewhere; here-documents that were due are not read any more. */
  moveTo(at: number): void {
    this.#at = at;
    this.#documents = [];
  }

  /** The name of a function whose definition begins here; then the cursor is behind its `{`. */
  definition(): string | undefined {
    const head = /[ \t]*([A-Za-z_][A-Za-z0-9_-]*)[ \t]*\(\)\s*\{(?=\s)/y;
    head.lastIndex = this.#at;
    const match = head.exec(this.#text);
    if (match !== null) this.#at = head.lastIndex;
    return match?.[1];
  }

  /**
   * Words up to the end of the command; undefined at the end of the text. May be empty. Assignments in front of a
   * command count from the next word on: `a=$1 b=$a`.
   */
  next(): readonly string[] | undefined {
    let inFront = true;
    return this.#command((word) => {
      const match = inFront ? assignment.exec(word) : null;
      if (match !== null) this.#variables.set(match[1] ?? '', match[2] ?? '');
      else inFront &&= leading.has(word) || declaring.has(word);
    });
  }

  /** As `next`, without a trace. */
  skip(): readonly string[] | undefined {
    return this.#command(() => undefined);
  }

  #command(onWord: (word: string) => void): readonly string[] | undefined {
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
        if (word === undefined) continue;
        words.push(word);
        onWord(word);
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
        word = this.#grow(word, this.#doubleQuoted());
      } else if (char === '\\') {
        const next = this.#text[this.#at++];
        if (next !== undefined && next !== '\n') word += next;
      } else if (char === '$' || char === '`') {
        word = this.#grow(word, this.#expansion(char));
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
        inside = char === '$' || char === '`' ? this.#grow(inside, this.#expansion(char)) : inside + char;
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
    const match = /^([A-Za-z_][A-Za-z0-9_]*|[0-9]+)(?:(:?[-+])([\s\S]*))?$/.exec(inside);
    if (match === null) return unknown;
    const value = this.#variables.get(match[1] ?? '');
    const rest = this.#default(match[3] ?? '');
    if (match[2]?.endsWith('-')) return value === undefined || value === '' ? rest : value;
    if (match[2]?.endsWith('+')) return value === undefined ? unknown : value === '' ? '' : rest;
    return value ?? unknown;
  }

  /** Text inside of `${...}`: plain variables are replaced, anything else that expands makes it unknown. */
  #default(text: string): string {
    const plain = text.replace(/\$([A-Za-z_][A-Za-z0-9_]*|[0-9])/g, (_, name: string) => {
      return this.#variables.get(name) ?? unknown;
    });
    return /[$`"'\\]/.test(plain) || plain.includes(unknown) || plain.length > maxWord ? unknown : plain;
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

  #grow(word: string, more: string): string {
    this.#expanded += more.length;
    const tooLong = word.length + more.length > maxWord || this.#expanded > maxExpanded;
    return word + (tooLong ? unknown : more);
  }
}
