import { SlimimageError } from '../errors.ts';
import { compile, type Expression, maxSteps } from './automaton.ts';

/**
 * A text of a pin as apt matches it, without regard to case: `/.../` is a POSIX extended regular expression that is
 * found anywhere, anything else a glob (fnmatch: `*`, `?`, `[a-z]`) for the whole. Neither can be made to hang: they
 * are no regular expressions of JavaScript.
 * @throws SlimimageError CONFIG_INVALID
 */
export function compileExpression(text: string): (value: string) => boolean {
  const regular = isRegular(text);
  if (text.length > maxLength) throw invalid(text, `it has more than ${maxLength} characters`);
  const parser = new Parser(text, regular ? text.slice(1, -1) : text);
  const found = compile(regular ? parser.regular() : parser.glob());
  if (found === undefined) throw invalid(text, `it takes more than ${maxSteps} steps`);
  return (value) => found(value.toLowerCase());
}

/** Whether a name in a pin stands for more than itself. */
export function isExpression(text: string): boolean {
  return isRegular(text) || /[*?[]/.test(text);
}

const maxLength = 255;

function isRegular(text: string): boolean {
  return text.length > 1 && text.startsWith('/') && text.endsWith('/');
}

class Parser {
  readonly #whole: string;
  readonly #text: string;
  #at = 0;

  constructor(whole: string, text: string) {
    this.#whole = whole;
    this.#text = text;
  }

  glob(): Expression {
    const parts: Expression[] = [{ type: 'start' }];
    while (this.#at < this.#text.length) {
      if (this.#take('*')) parts.push({ type: 'repeat', part: anything, min: 0, max: Number.POSITIVE_INFINITY });
      else if (this.#take('?')) parts.push(anything);
      else if (this.#text[this.#at] === '[' && this.#text.indexOf(']', this.#at + 2) !== -1)
        parts.push(this.#set('!^'));
      else parts.push(literal((this.#take('\\') ? this.#next() : undefined) ?? this.#next() ?? '\\'));
    }
    return { type: 'sequence', parts: [...parts, { type: 'end' }] };
  }

  regular(): Expression {
    const expression = this.#choice();
    if (this.#at < this.#text.length) throw this.#wrong('a ) closes nothing');
    return expression;
  }

  #choice(): Expression {
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    return { type: 'choice', parts };
  }

  #sequence(): Expression {
    const parts: Expression[] = [];
    while (this.#at < this.#text.length && !['|', ')'].includes(this.#text[this.#at] as string)) {
      parts.push(this.#repeated(this.#atom()));
    }
    return { type: 'sequence', parts };
  }

  #atom(): Expression {
    if (this.#text[this.#at] === '[') return this.#set('^');
    const character = this.#next() as string;
    switch (character) {
      case '(': {
        const inner = this.#choice();
        if (!this.#take(')')) throw this.#wrong('a ( is not closed');
        return inner;
      }
      case '.':
        return anything;
      case '^':
        return { type: 'start' };
      case '$':
        return { type: 'end' };
      case '\\': {
        const escaped = this.#next();
        // What \d and its like mean differs from tool to tool.
        if (escaped === undefined || /[0-9a-z]/i.test(escaped)) throw this.#wrong('a \\ stands before no sign');
        return literal(escaped);
      }
      case '*':
      case '+':
      case '?':
      case '{':
        throw this.#wrong(`there is nothing for ${character} to repeat`);
      default:
        return literal(character);
    }
  }

  #repeated(part: Expression): Expression {
    let repeated = part;
    for (;;) {
      const times = this.#times();
      if (times === undefined) return repeated;
      repeated = { type: 'repeat', part: repeated, ...times };
    }
  }

  #times(): { min: number; max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { min: 0, max: 1 };
    if (!this.#take('{')) return undefined;
    const close = this.#text.indexOf('}', this.#at);
    const [all, least, comma, most] = /^(\d{1,3})(,(\d{1,3})?)?$/.exec(this.#text.slice(this.#at, close)) ?? [];
    if (close === -1 || all === undefined) throw this.#wrong('a { begins no {number}, {least,} or {least,most}');
    this.#at = close + 1;
    const min = Number(least);
    if (comma === undefined) return { min, max: min };
    const max = most === undefined ? Number.POSITIVE_INFINITY : Number(most);
    if (max < min) throw this.#wrong('a {least,most} has more at least than at most');
    return { min, max };
  }

  /** POSIX 9.3.5: a `]` that comes first is one of the set, and so is a `-` at an end. */
  #set(negations: string): Expression {
    this.#at++;
    const negated = negations.includes(this.#text[this.#at] ?? ' ');
    if (negated) this.#at++;
    const members: ((character: string) => boolean)[] = [];
    for (let first = true; first || this.#text[this.#at] !== ']'; first = false) members.push(this.#member());
    this.#at++;
    const fits = (character: string): boolean => members.some((member) => member(character));
    return {
      type: 'letter',
      fits: (code) => {
        const lower = String.fromCharCode(code);
        return (fits(lower) || fits(lower.toUpperCase())) !== negated;
      },
    };
  }

  #member(): (character: string) => boolean {
    const rest = this.#text.slice(this.#at);
    const [all, name] = /^\[:([a-z]+):\]/.exec(rest) ?? [];
    if (all !== undefined) {
      const pattern = classes[name ?? ''];
      if (pattern === undefined) throw this.#wrong(`there is no class [:${name}:]`);
      this.#at += all.length;
      return (character) => pattern.test(character);
    }
    if (/^\[[.=]/.test(rest)) throw this.#wrong('[. and [= are not understood');
    const first = this.#next();
    if (first === undefined) throw this.#wrong('a [ is not closed');
    if (this.#text[this.#at] !== '-' || [']', undefined].includes(this.#text[this.#at + 1])) {
      return (character) => character === first;
    }
    this.#at++;
    const last = this.#next() as string;
    if (last < first) throw this.#wrong(`the range ${first}-${last} is the wrong way round`);
    return (character) => first <= character && character <= last;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #next(): string | undefined {
    return this.#text[this.#at++];
  }

  #wrong(problem: string): SlimimageError {
    return invalid(this.#whole, problem);
  }
}

const anything: Expression = { type: 'letter', fits: () => true };

const classes: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9a-z]/i,
  alpha: /[a-z]/i,
  digit: /[0-9]/,
  lower: /[a-z]/,
  upper: /[A-Z]/,
  punct: /[!-/:-@[-`{-~]/,
};

function literal(character: string): Expression {
  const code = character.toLowerCase().charCodeAt(0);
  return { type: 'letter', fits: (other) => other === code };
}

function invalid(text: string, problem: string): SlimimageError {
  return new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `"${text.slice(0, 80)}" cannot be understood: ${problem}`,
    hint: 'a name, a glob such as libnginx-*, or a POSIX regular expression such as /^libnginx-/',
  });
}
