import { assignment, declaring, keywords, ShellReader, unknown } from './shell-words.ts';

export { unknown } from './shell-words.ts';

/**
 * The simple commands of a maintainer script, each as its words, in the order in which they would run: quotes removed,
 * continuation lines joined, variables replaced whose last assignment above is literal, loops over literal words and
 * calls of the script's own functions written out. Anything else that expands (`$1` of the script, `$(...)`) leaves
 * `unknown` in its word. Conditions are not judged: what stands in a branch is listed.
 *
 * Not a shell (no globs, no here-document text, no arithmetic): it finds the calls of adduser, systemd-sysusers and
 * dpkg-divert that Debian's scripts make.
 */
export function shellCommands(script: string): readonly (readonly string[])[] {
  return new Walk(script).run();
}

/** Empty for dpkg that works on its own system. */
const known: readonly (readonly [string, string])[] = [['DPKG_ROOT', '']];

/** Characters read again after which loops and functions are no longer followed: no real script comes near. */
const maxReread = 500_000;
/** Calls within calls. */
const maxCalls = 16;
const positions = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

interface Loop {
  readonly name: string;
  /** What is left to go through. */
  readonly values: readonly string[];
  /** Where the body begins. */
  readonly start: number;
}

interface Call {
  readonly start: number;
  /** Where the script goes on. */
  readonly back: number;
  readonly arguments: ReadonlyMap<string, string | undefined>;
  /** Loops that are open around the call. */
  readonly loops: number;
  /** Braces that are open in the body. */
  depth: number;
}

class Walk {
  readonly #variables = new Map<string, string>(known);
  readonly #reader: ShellReader;
  readonly #functions = new Map<string, number>();
  readonly #calls: Call[] = [];
  readonly #commands: (readonly string[])[] = [];
  #loops: Loop[] = [];
  #reread = 0;
  #balanced = true;

  constructor(script: string) {
    this.#reader = new ShellReader(script, this.#variables);
  }

  run(): readonly (readonly string[])[] {
    for (;;) {
      const name = this.#balanced ? this.#reader.definition() : undefined;
      if (name !== undefined) {
        this.#define(name);
        continue;
      }
      const words = this.#reader.next();
      if (words === undefined) return this.#commands;
      const command = this.#assign(this.#follow(words));
      if (command.length > 0) this.#commands.push(command);
      this.#call(command);
    }
  }

  /** Passes over a function's body: it counts where it is called. After one without end none is looked for. */
  #define(name: string): void {
    const start = this.#reader.at;
    for (let depth = 1; depth > 0; ) {
      const words = this.#reader.skip();
      if (words === undefined) {
        this.#balanced = false;
        this.#reader.moveTo(start);
        return;
      }
      for (const word of keywords(words)) depth += word === '{' ? 1 : word === '}' ? -1 : 0;
    }
    this.#functions.set(name, start);
  }

  /** Keeps account of loops and of the function's end; returns the words behind the keywords. */
  #follow(words: readonly string[]): readonly string[] {
    const heads = keywords(words);
    for (const word of heads) {
      const call = this.#calls.at(-1);
      if (word === 'while' || word === 'until') this.#loops.push({ name: '', values: [], start: 0 });
      else if (word === 'done') this.#repeat();
      else if (word === '{' && call !== undefined) call.depth += 1;
      else if (word === '}' && call !== undefined) {
        call.depth -= 1;
        if (call.depth === 0) this.#return(call);
      }
    }
    const rest = words.slice(heads.length);
    if (rest[0] === 'for') this.#enter(rest);
    return rest;
  }

  /** `for NAME in WORD...` */
  #enter([, name = '', , ...words]: readonly string[]): void {
    const values = words.flatMap((word) => word.split(/[ \t\n]+/)).filter((word) => word !== '');
    const clear = values.length > 0 && !values.some((value) => value.includes(unknown) || /[*?[]/.test(value));
    const [first = unknown, ...rest] = clear ? values : [];
    this.#variables.set(name, first);
    this.#loops.push({ name, values: rest, start: this.#reader.at });
  }

  /** `done`: once more, while there are words left. */
  #repeat(): void {
    if (this.#loops.length <= (this.#calls.at(-1)?.loops ?? 0)) return;
    const loop = this.#loops.pop();
    const [value, ...values] = loop?.values ?? [];
    if (loop === undefined || value === undefined || this.#reread > maxReread) return;
    this.#reread += this.#reader.at - loop.start;
    this.#variables.set(loop.name, value);
    this.#loops.push({ ...loop, values });
    this.#reader.moveTo(loop.start);
  }

  /** Returns what a command is without its assignments: its words, or nothing. */
  #assign(words: readonly string[]): readonly string[] {
    const declares = declaring.has(words[0] ?? '');
    const first = words.findIndex((word, at) => !(declares && at === 0) && !assignment.test(word));
    if (words[0] === 'read') for (const name of words.slice(1)) this.#variables.set(name, unknown);
    if (words[0] === 'shift' || (words[0] === 'set' && words.includes('--'))) this.#setArguments(new Map());
    return declares || first < 0 ? [] : words.slice(first);
  }

  /** Goes on in a function's body where the command is a call of one. */
  #call([name = '', ...words]: readonly string[]): void {
    const start = this.#functions.get(name);
    if (start === undefined || this.#calls.length >= maxCalls || this.#reread > maxReread) return;
    const before = new Map(positions.map((position) => [position, this.#variables.get(position)]));
    this.#calls.push({ start, back: this.#reader.at, arguments: before, loops: this.#loops.length, depth: 1 });
    this.#setArguments(new Map(positions.map((position, at) => [position, words[at] ?? ''])));
    this.#reader.moveTo(start);
  }

  #return(call: Call): void {
    this.#calls.pop();
    this.#reread += this.#reader.at - call.start;
    this.#loops = this.#loops.slice(0, call.loops);
    this.#setArguments(call.arguments);
    this.#reader.moveTo(call.back);
  }

  #setArguments(values: ReadonlyMap<string, string | undefined>): void {
    for (const position of positions) {
      const value = values.get(position);
      if (value === undefined) this.#variables.delete(position);
      else this.#variables.set(position, value);
    }
  }
}
