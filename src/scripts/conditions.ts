import { isKnown, type Tri } from './state.ts';

/** What is known of the files of a system where a package is about to be installed. */
export interface FileTests {
  /** @param operator of test(1): `-e`, `-f`, `-d`, `-x`, ... */
  test(operator: string, path: string): Tri;
}

export function not(value: Tri): Tri {
  return value === undefined ? undefined : !value;
}

export function and(a: Tri, b: Tri): Tri {
  if (a === false || b === false) return false;
  return a === true && b === true ? true : undefined;
}

export function or(a: Tri, b: Tri): Tri {
  return not(and(not(a), not(b)));
}

/** test(1), without its closing bracket. An expression that it would refuse is undefined. */
export function evaluateTest(words: readonly string[], files: FileTests): Tri {
  const parser = new TestParser(words, files);
  const value = parser.either();
  return parser.isAtEnd ? value : undefined;
}

export function unaryTest(operator: string, operand: string, files: FileTests): Tri {
  if (operator === '-n') return isNonEmpty(operand);
  if (operator === '-z') return not(isNonEmpty(operand));
  // Neither a terminal nor a set option: maintainer scripts run unattended.
  if (operator === '-t') return false;
  if (fileOperators.has(operator)) return isKnown(operand) ? files.test(operator, operand) : undefined;
  return undefined;
}

export function binaryTest(left: string, operator: string, right: string): Tri {
  if (operator === '=' || operator === '==') return isKnown(left + right) ? left === right : undefined;
  if (operator === '!=') return isKnown(left + right) ? left !== right : undefined;
  const compare = Object.hasOwn(numeric, operator) ? numeric[operator] : undefined;
  if (compare === undefined || !/^\s*-?[0-9]{1,15}\s*$/.test(left) || !/^\s*-?[0-9]{1,15}\s*$/.test(right))
    return undefined;
  return compare(Number(left), Number(right));
}

function isBinaryOperator(word: string | undefined): boolean {
  return (
    word !== undefined &&
    (['=', '==', '!=', '-nt', '-ot', '-ef', '<', '>', '=~'].includes(word) || Object.hasOwn(numeric, word))
  );
}

function isNonEmpty(text: string): Tri {
  if (text === '') return false;
  return /[^\0]/.test(text) ? true : undefined;
}

const fileOperators = new Set([
  ...[
    '-a',
    '-b',
    '-c',
    '-d',
    '-e',
    '-f',
    '-g',
    '-h',
    '-k',
    '-L',
    '-N',
    '-O',
    '-G',
    '-p',
    '-r',
    '-s',
    '-S',
    '-u',
    '-w',
    '-x',
  ],
]);

const numeric: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};

/** Brackets and negations within each other. */
const maxDepth = 50;

class TestParser {
  readonly #words: readonly string[];
  readonly #files: FileTests;
  #at = 0;
  #depth = 0;

  constructor(words: readonly string[], files: FileTests) {
    this.#words = words;
    this.#files = files;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#words.length;
  }

  either(): Tri {
    let value = this.#both();
    while (this.#words[this.#at] === '-o') {
      this.#at++;
      value = or(value, this.#both());
    }
    return value;
  }

  #both(): Tri {
    let value = this.#one();
    while (this.#words[this.#at] === '-a') {
      this.#at++;
      value = and(value, this.#one());
    }
    return value;
  }

  #one(): Tri {
    const [word, next, third] = this.#words.slice(this.#at, this.#at + 3);
    if (word === undefined) return false;
    if (third !== undefined && isBinaryOperator(next)) {
      this.#at += 3;
      return binaryTest(word, next ?? '', third);
    }
    if (this.#depth > maxDepth) return undefined;
    if (word === '!' && next !== undefined) return this.#inside(() => not(this.#one()));
    if (word === '(' && next !== undefined) {
      const value = this.#inside(() => this.either());
      if (this.#words[this.#at] === ')') this.#at++;
      return value;
    }
    if (/^-[a-zA-Z]$/.test(word) && next !== undefined && next !== '-a' && next !== '-o') {
      this.#at += 2;
      return unaryTest(word, next, this.#files);
    }
    this.#at++;
    return isNonEmpty(word);
  }

  #inside(read: () => Tri): Tri {
    this.#at++;
    this.#depth++;
    const value = read();
    this.#depth--;
    return value;
  }
}
