import { type Expression, join } from './expression.ts';
import { spdxException, spdxName } from './spdx-name.ts';

export interface SynopsisNames {
  /** The `LicenseRef-...` that stands for a licence without an SPDX name. */
  readonly referenceOf: (name: string) => string;
  /** Whether the file has a text under the name that is not the licence which SPDX calls `id`. */
  readonly isOther: (name: string, id: string) => boolean;
}

/** Longer ones are no names but sentences. */
const maxLength = 1000;
const maxWords = 4;

/**
 * The first line of a License field: copyright-format 1.0, "License specification". `and` binds tighter than `or`, a comma less tight
 * than both. Undefined for what is no expression of names.
 */
export function parseSynopsis(synopsis: string, names: SynopsisNames): Expression | undefined {
  if (synopsis.length > maxLength) return undefined;
  const words = synopsis
    .replace(/\s+or(?:\s*\(?at your option\)?)?(?:\s+any)?\s+(?:later|newer)(?:\s+versions?)?(?=$|[\s,;)])/gi, '+')
    .replace(/[()]/g, ' $& ')
    .replace(/[,;]/g, ' , ')
    .replace(/\band\/or\b/gi, 'or')
    .split(/\s+/)
    .filter((word) => word !== '');
  const parser = new SynopsisParser(words, names);
  const parsed = parser.list();
  return parser.isDone ? parsed : undefined;
}

class SynopsisParser {
  readonly #words: readonly string[];
  readonly #names: SynopsisNames;
  #at = 0;
  #depth = 0;

  constructor(words: readonly string[], names: SynopsisNames) {
    this.#words = words;
    this.#names = names;
  }

  get isDone(): boolean {
    return this.#at === this.#words.length;
  }

  /** Parts between commas. Where a comma stands alone, the word before the last part counts; without any, all of them hold. */
  list(): Expression | undefined {
    let whole = this.#alternatives();
    let waiting: Expression[] = [];
    while (whole !== undefined && this.#take(',')) {
      if (this.isDone) break;
      const operator = this.#takeOperator();
      const part = this.#alternatives();
      if (part === undefined) return undefined;
      if (operator === undefined) waiting.push(part);
      else {
        whole = join(operator, [whole, ...waiting, part]);
        waiting = [];
      }
    }
    if (whole === undefined || waiting.length === 0) return whole;
    const last = waiting.at(-1);
    return join(last?.type === 'or' ? 'or' : 'and', [whole, ...waiting]);
  }

  #alternatives(): Expression | undefined {
    const terms: Expression[] = [];
    do {
      const term = this.#conjunction();
      if (term === undefined) return undefined;
      terms.push(term);
    } while (this.#take('or') || this.#take('|'));
    return join('or', terms);
  }

  #conjunction(): Expression | undefined {
    const terms: Expression[] = [];
    do {
      const term = this.#term();
      if (term === undefined) return undefined;
      terms.push(term);
    } while (this.#take('and') || this.#take('&'));
    return join('and', terms);
  }

  #term(): Expression | undefined {
    if (this.#take('(')) {
      this.#depth += 1;
      if (this.#depth > 20) return undefined;
      const inner = this.list();
      this.#depth -= 1;
      return inner !== undefined && this.#take(')') ? inner : undefined;
    }
    const name = this.#name();
    if (name === '' || name.split(' ').length > maxWords) return undefined;
    if (!this.#take('with')) return this.#leaf(name);
    const exception = this.#name();
    return exception === '' ? undefined : this.#withException(name, exception);
  }

  #withException(name: string, exception: string): Expression {
    const licence = spdxName(name);
    const known = licence === undefined ? undefined : spdxException(exception, licence);
    if (known !== undefined && licence !== undefined && /^[\w.+-]+$/.test(licence))
      return { type: 'leaf', text: `${licence} WITH ${known}` };
    return { type: 'leaf', text: this.#names.referenceOf(`${licence ?? name} with ${exception}`) };
  }

  #leaf(name: string): Expression {
    const licence = spdxName(name);
    if (licence === '(Artistic-1.0-Perl OR GPL-1.0-or-later)') return perlTerms;
    const isKnown = licence !== undefined && !this.#names.isOther(name, licence);
    return { type: 'leaf', text: isKnown ? licence : this.#names.referenceOf(name) };
  }

  /** Words up to the next one with a meaning. */
  #name(): string {
    const words: string[] = [];
    for (let word = this.#words[this.#at]; word !== undefined && !isOperator(word); word = this.#words[this.#at]) {
      words.push(word);
      this.#at += 1;
    }
    return words.join(' ');
  }

  #takeOperator(): 'and' | 'or' | undefined {
    if (this.#take('and') || this.#take('&')) return 'and';
    return this.#take('or') || this.#take('|') ? 'or' : undefined;
  }

  #take(word: string): boolean {
    if (this.#words[this.#at]?.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }
}

/** perlartistic(1), perlgpl(1) */
export const perlTerms: Expression = join('or', [
  { type: 'leaf', text: 'Artistic-1.0-Perl' },
  { type: 'leaf', text: 'GPL-1.0-or-later' },
]);

function isOperator(word: string): boolean {
  return ['and', 'or', 'with', '&', '|', '(', ')', ','].includes(word.toLowerCase());
}
