import { SlimimageError } from '../../errors.ts';
import { encodeUtf8 } from '../../util/text.ts';
import type { TypedValue, VariantValue } from './serialise.ts';
import { arrayOf, entryOf, maybeOf, parseType, tupleOf, type VariantType } from './type.ts';

/**
 * A value in GVariant's text format, of the type that is expected (GLib, "GVariant Text Format"); types are inferred
 * inside of variants only, as far as literals say them.
 * @throws SlimimageError GVARIANT_INVALID where the text is no value of the type.
 */
export function parseVariantText(text: string, type: VariantType): TypedValue {
  const reader = new Reader(text);
  const value = reader.value(type, 0);
  reader.end();
  return value;
}

const maxDepth = 64;

const keywordTypes: Readonly<Record<string, string>> = {
  boolean: 'b',
  byte: 'y',
  int16: 'n',
  uint16: 'q',
  int32: 'i',
  uint32: 'u',
  handle: 'h',
  int64: 'x',
  uint64: 't',
  double: 'd',
  string: 's',
  objectpath: 'o',
  signature: 'g',
};

const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  y: [0n, 255n],
  n: [-32768n, 32767n],
  q: [0n, 65535n],
  i: [-(2n ** 31n), 2n ** 31n - 1n],
  h: [-(2n ** 31n), 2n ** 31n - 1n],
  u: [0n, 2n ** 32n - 1n],
  x: [-(2n ** 63n), 2n ** 63n - 1n],
  t: [0n, 2n ** 64n - 1n],
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) throw this.#wrong('something follows the value');
  }

  /** Of the expected type, or, without one, of the type that the text says. */
  value(type: VariantType | undefined, depth: number): TypedValue {
    if (depth > maxDepth) throw this.#wrong('it is nested too deep');
    this.#space();
    const letter = this.#text[this.#at] ?? '';
    if (letter === '@') return this.#annotated(type, depth);
    const word = this.#match(/[a-z][a-z0-9]*/y);
    if (word !== undefined) {
      const quote = this.#text[this.#at];
      if (word === 'b' && (quote === '"' || quote === "'")) return this.#byteString(type);
      return this.#worded(word, type, depth);
    }
    if (type?.kind === 'maybe') return this.#just(type, depth);
    switch (letter) {
      case '[':
        return this.#array(type, depth);
      case '{':
        return this.#dictionary(type, depth);
      case '(':
        return this.#tuple(type, depth);
      case '<': {
        this.#at++;
        const value = this.value(undefined, depth + 1);
        this.#expect('>');
        return this.#checked(type, { type: parseType('v'), value });
      }
      case '"':
      case "'":
        return this.#string(type);
      default:
        return this.#number(type);
    }
  }

  #annotated(type: VariantType | undefined, depth: number): TypedValue {
    this.#at++;
    const text = this.#match(/[a-z(){}]+/y);
    if (text === undefined) throw this.#wrong('a type is missing after @');
    return this.#checked(type, this.value(parseType(text), depth + 1));
  }

  #worded(word: string, type: VariantType | undefined, depth: number): TypedValue {
    if (word === 'nothing' && type?.kind === 'maybe') return { type, value: { just: undefined } };
    if (word === 'just') {
      if (type !== undefined && type.kind !== 'maybe') throw this.#wrong('a maybe is not expected');
      const inner = this.value(type?.parts[0], depth + 1);
      return { type: type ?? maybeOf(inner.type), value: { just: inner.value } };
    }
    if (type?.kind === 'maybe') {
      this.#at -= word.length;
      return this.#just(type, depth);
    }
    if (word === 'true' || word === 'false')
      return this.#checked(type, { type: parseType('b'), value: word === 'true' });
    if (word === 'inf' || word === 'nan' || word === 'infinity') {
      return this.#checked(type, {
        type: parseType('d'),
        value: word === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY,
      });
    }
    const named = Object.hasOwn(keywordTypes, word) ? keywordTypes[word] : undefined;
    if (named === undefined) throw this.#wrong(`"${word}" is not known`);
    return this.#checked(type, this.value(parseType(named), depth + 1));
  }

  #just(type: VariantType, depth: number): TypedValue {
    return { type, value: { just: this.value(type.parts[0], depth + 1).value } };
  }

  #array(type: VariantType | undefined, depth: number): TypedValue {
    if (type !== undefined && type.kind !== 'array') throw this.#wrong('an array is not expected');
    this.#at++;
    let element = type?.parts[0];
    const values: VariantValue[] = [];
    while (!this.#closes(']', values.length)) {
      const item = this.value(element, depth + 1);
      element ??= item.type;
      values.push(item.value);
    }
    if (element === undefined) throw this.#wrong('an empty array needs a type');
    return { type: type ?? arrayOf(element), value: values };
  }

  /** `{key: value, ...}`, and `{key, value}` for one entry. */
  #dictionary(type: VariantType | undefined, depth: number): TypedValue {
    this.#at++;
    let entry = type?.kind === 'entry' ? type : type?.parts[0];
    if (type !== undefined && entry?.kind !== 'entry') throw this.#wrong('a dictionary is not expected');
    const values: VariantValue[] = [];
    while (!this.#closes('}', values.length)) {
      const key = this.value(entry?.parts[0], depth + 1);
      this.#space();
      const isSingle = values.length === 0 && this.#text[this.#at] === ',';
      if (!isSingle && this.#text[this.#at] !== ':') throw this.#wrong('a colon is missing');
      this.#at++;
      const value = this.value(entry?.parts[1], depth + 1);
      entry ??= entryOf(key.type, value.type);
      if (isSingle) {
        this.#expect('}');
        return this.#checked(type, { type: entry, value: [key.value, value.value] });
      }
      values.push([key.value, value.value]);
    }
    if (entry === undefined) throw this.#wrong('an empty dictionary needs a type');
    return this.#checked(type, { type: arrayOf(entry), value: values });
  }

  #tuple(type: VariantType | undefined, depth: number): TypedValue {
    if (type !== undefined && type.kind !== 'tuple') throw this.#wrong('a tuple is not expected');
    this.#at++;
    const members: TypedValue[] = [];
    while (!this.#closes(')', members.length)) {
      const part = type?.parts[members.length];
      if (type !== undefined && part === undefined) throw this.#wrong('a tuple has too many members');
      members.push(this.value(part, depth + 1));
    }
    if (type !== undefined && members.length < type.parts.length) throw this.#wrong('a tuple has too few members');
    return { type: type ?? tupleOf(members.map((member) => member.type)), value: members.map(({ value }) => value) };
  }

  #string(type: VariantType | undefined): TypedValue {
    const found = type ?? parseType('s');
    if (found.kind !== 'string') throw this.#wrong('a string is not expected');
    return { type: found, value: this.#quoted(unescapeString) };
  }

  /** NUL-terminated bytes. */
  #byteString(type: VariantType | undefined): TypedValue {
    const text = this.#quoted(unescapeBytes);
    const bytes = [...encodeUtf8(text)].length === text.length ? encodeUtf8(text) : latin1(text);
    return this.#checked(type, { type: parseType('ay'), value: [...bytes, 0] });
  }

  #number(type: VariantType | undefined): TypedValue {
    const text = this.#match(
      /[-+]?(?:0[xX][0-9a-fA-F]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|inf(?:inity)?)/y,
    );
    if (text === undefined) throw this.#wrong('a value is missing');
    const found = type ?? parseType(/^[-+]?(?:0[xX]|[0-9]+$)/.test(text) ? 'i' : 'd');
    if (found.text === 'd') return { type: found, value: toDouble(text) };
    const range = ranges[found.text];
    if (range === undefined || !/^[-+]?(?:0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text))
      throw this.#wrong(`${text} is no value of type ${found.text}`);
    const number = toInteger(text);
    if (number < range[0] || number > range[1]) throw this.#wrong(`${text} is out of the range of type ${found.text}`);
    return { type: found, value: number };
  }

  #quoted(unescaped: (text: string) => string): string {
    const text = this.#match(/"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y);
    if (text === undefined) throw this.#wrong('a string does not end');
    return unescaped(text.slice(1, -1));
  }

  /** Whether the list ends here; between its members stands a comma. */
  #closes(close: string, count: number): boolean {
    this.#space();
    if (this.#text[this.#at] === close) {
      this.#at++;
      return true;
    }
    if (count > 0) this.#expect(',');
    this.#space();
    // A tuple of one member ends with a comma.
    if (count > 0 && close === ')' && this.#text[this.#at] === close) {
      this.#at++;
      return true;
    }
    return false;
  }

  #checked(type: VariantType | undefined, found: TypedValue): TypedValue {
    if (type === undefined || type.text === found.type.text) return found;
    if (type.kind === 'maybe' && type.parts[0]?.text === found.type.text) return { type, value: { just: found.value } };
    throw this.#wrong(`a value of type ${type.text} is expected, not of ${found.type.text}`);
  }

  #expect(letter: string): void {
    this.#space();
    if (this.#text[this.#at] !== letter) throw this.#wrong(`${letter} is missing`);
    this.#at++;
  }

  #space(): void {
    this.#match(/\s+/y);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #wrong(reason: string): SlimimageError {
    const text = this.#text.trim().slice(0, 100);
    return new SlimimageError({ code: 'GVARIANT_INVALID', message: `"${text}" is no value of GVariant: ${reason}` });
  }
}

const shortEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function unescapeString(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g, (_, short, long, letter: string) => {
    const code = Number.parseInt(short ?? long ?? '', 16);
    if (!Number.isNaN(code)) return String.fromCodePoint(Math.min(code, 0x10ffff));
    return letter === '\n' ? '' : (shortEscapes[letter] ?? letter);
  });
}

/** C's escapes, octal numbers among them. */
function unescapeBytes(text: string): string {
  return text.replace(/\\(?:([0-7]{1,3})|([\s\S]))/g, (_, octal: string | undefined, letter: string) =>
    octal === undefined
      ? letter === '\n'
        ? ''
        : (shortEscapes[letter] ?? letter)
      : String.fromCharCode(Number.parseInt(octal, 8) & 0xff),
  );
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0xff);
}

function toInteger(text: string): bigint {
  const digits = text.replace(/^[-+]/, '');
  // strtoull with base 0: a leading zero is octal.
  const number = /^0[0-7]+$/.test(digits)
    ? BigInt(`0o${digits.slice(1)}`)
    : BigInt(/^0[0-9]+$/.test(digits) ? 0 : digits);
  return text.startsWith('-') ? -number : number;
}

function toDouble(text: string): number {
  if (/inf/.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const isHex = /^[-+]?0[xX]/.test(text);
  return isHex ? Number(toInteger(text)) : Number(text);
}
