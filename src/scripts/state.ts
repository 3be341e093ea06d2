import type { Function as FunctionNode } from 'unbash';

/** Stands in a word for what only running the script would tell. */
export const unknown = '\0';

export function isKnown(text: string): boolean {
  return !text.includes(unknown);
}

/** Yes, no, or what nobody knows before the script runs. */
export type Tri = boolean | undefined;

/** Characters of one value: more is `unknown`. */
const maxValue = 16_384;

/** What a shell knows at one point of a script. Branches that may run have a copy, joined again behind them. */
export class ShellState {
  readonly #variables: Map<string, string>;
  readonly #functions: Map<string, FunctionNode>;
  /** `$1`, `$2`, ...; undefined where nobody knows. */
  arguments: readonly string[] | undefined;
  /** The working folder, absolute; undefined where nobody knows. dpkg runs scripts in the root. */
  folder: string | undefined = '/';
  /** A file was read in that may have set any variable. */
  sourced: boolean;

  constructor(variables: Iterable<readonly [string, string]>, parameters: readonly string[] | undefined) {
    this.#variables = new Map(variables);
    this.#functions = new Map();
    this.arguments = parameters;
    this.sourced = false;
  }

  get size(): number {
    return this.#variables.size + this.#functions.size;
  }

  get(name: string): string {
    const value = this.#variables.get(name);
    if (value !== undefined) return value;
    return this.sourced || environment.has(name) ? unknown : '';
  }

  isSet(name: string): Tri {
    if (this.#variables.has(name)) return true;
    return this.sourced || environment.has(name) ? undefined : false;
  }

  set(name: string, value: string): void {
    this.#variables.set(name, value.length > maxValue ? unknown : value.replace(/\0+/g, unknown));
  }

  unset(name: string): void {
    this.#variables.set(name, '');
  }

  define(name: string, body: FunctionNode): void {
    this.#functions.set(name, body);
  }

  functionOf(name: string): FunctionNode | undefined {
    return this.#functions.get(name);
  }

  copy(): ShellState {
    const copy = new ShellState(this.#variables, this.arguments);
    for (const [name, body] of this.#functions) copy.#functions.set(name, body);
    copy.sourced = this.sourced;
    copy.folder = this.folder;
    return copy;
  }

  /** Takes over what is true whichever of the states came about. What is known in one beats what is not in another. */
  join(states: readonly ShellState[]): void {
    const [first, ...others] = states;
    if (first === undefined) return;
    this.#take(first);
    for (const other of others) {
      for (const name of new Set([...this.#variables.keys(), ...other.#variables.keys()])) {
        this.set(name, joined(this.#variables.get(name), other.#variables.get(name)));
      }
      for (const [name, body] of other.#functions) this.#functions.set(name, body);
      if (this.arguments?.join('\n') !== other.arguments?.join('\n')) this.arguments = undefined;
      this.sourced ||= other.sourced;
      if (this.folder !== other.folder) this.folder = undefined;
    }
  }

  #take(other: ShellState): void {
    if (other === this) return;
    this.#variables.clear();
    for (const [name, value] of other.#variables) this.#variables.set(name, value);
    for (const [name, body] of other.#functions) this.#functions.set(name, body);
    this.arguments = other.arguments;
    this.sourced = other.sourced;
    this.folder = other.folder;
  }
}

function joined(a: string | undefined, b: string | undefined): string {
  if (a === undefined || b === undefined) return a ?? b ?? '';
  if (a === b || !isKnown(b)) return a;
  return isKnown(a) ? unknown : b;
}

/** Variables that come from outside. */
const environment = new Set([
  ...['HOME', 'PATH', 'USER', 'LOGNAME', 'PWD', 'OLDPWD', 'SHELL', 'TERM', 'LANG', 'LANGUAGE', 'LC_ALL', 'DISPLAY'],
  ...['RET', 'RANDOM', 'HOSTNAME', 'PPID', 'IFS', 'TMPDIR', 'DPKG_RUNNING_VERSION', 'SECONDS', 'LINENO', 'OPTARG'],
]);
