import { SlimimageError } from '../../errors.ts';
import { decodeUtf8 } from '../../util/text.ts';

/** Where things are in a Packages file; nothing is decoded but what `Provides` says. Parallel lists, in file order. */
export interface PackagesScan {
  /** Byte offsets of each stanza; `ends` is past its last line. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Byte offsets of the value of `Package`. */
  readonly nameStarts: readonly number[];
  readonly nameEnds: readonly number[];
  /** Byte offsets of the values of all relation fields, one pair after another, in file order. */
  readonly relations: readonly number[];
  /** Stanzas with `Essential: yes`, ascending. */
  readonly essentials: readonly number[];
  /** Provided name -> stanzas that provide it, ascending, each once. */
  readonly provided: ReadonlyMap<string, readonly number[]>;
}

export interface ScanOptions {
  /** Bytes of one stanza at most. */
  readonly stanzaBytes: number;
}

/**
 * One pass over a Packages file, looking at the first bytes of each line.
 * @throws SlimimageError DEB822_INVALID for a stanza without a Package name, LIMIT_EXCEEDED for a huge one.
 */
export function scanPackages(bytes: Uint8Array, options: ScanOptions): PackagesScan {
  const scan = new Scan(bytes, options.stanzaBytes);
  const size = bytes.length;
  let at = 0;
  while (at < size) {
    let end = at;
    while (end < size && bytes[end] !== newline) end++;
    const first = bytes[at];
    if (end === at || (first === carriageReturn && end === at + 1)) scan.endStanza(at);
    else scan.line(at, end);
    at = end + 1;
  }
  scan.endStanza(size);
  return scan;
}

const newline = 10;
const carriageReturn = 13;
const tab = 9;
const space = 32;
const colon = 58;
const hyphen = 45;

class Scan implements PackagesScan {
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly nameStarts: number[] = [];
  readonly nameEnds: number[] = [];
  readonly relations: number[] = [];
  readonly essentials: number[] = [];
  readonly provided = new Map<string, number[]>();
  readonly #bytes: Uint8Array;
  readonly #largest: number;
  #start = -1;
  #nameStart = -1;
  #nameEnd = -1;
  #providesStart = -1;
  #providesEnd = -1;
  #essential = false;
  /** The field that continuation lines belong to, where it is one of relations. */
  #field: 'relation' | 'provides' | undefined;

  constructor(bytes: Uint8Array, largest: number) {
    this.#bytes = bytes;
    this.#largest = largest;
  }

  line(at: number, end: number): void {
    if (this.#start === -1) this.#start = at;
    const first = this.#bytes[at] as number;
    if (first === space || first === tab) {
      if (this.#field === undefined) return;
      this.relations[this.relations.length - 1] = end;
      if (this.#field === 'provides') this.#providesEnd = end;
      return;
    }
    this.#field = undefined;
    const fields = fieldsByInitial[first & upperCase];
    if (fields === undefined) return;
    const field = fields.find((name) => fieldIs(this.#bytes, at, name));
    if (field !== undefined) this.#startField(field, at, end);
  }

  #startField(field: string, at: number, end: number): void {
    const value = at + field.length;
    if (field === packageField) {
      if (this.#nameStart !== -1) throw badStanza(this.#start, 'names its package twice');
      this.#nameStart = skipBlanks(this.#bytes, value, end);
      this.#nameEnd = trimBlanks(this.#bytes, this.#nameStart, end);
      return;
    }
    if (field === essentialField) {
      this.#essential = decodeUtf8(this.#bytes.subarray(value, end)).trim().toLowerCase() === 'yes';
      return;
    }
    this.relations.push(value, end);
    this.#field = field === providesField ? 'provides' : 'relation';
    if (field !== providesField) return;
    this.#providesStart = value;
    this.#providesEnd = end;
  }

  endStanza(end: number): void {
    if (this.#start === -1) return;
    if (end - this.#start > this.#largest) {
      throw new SlimimageError({
        code: 'LIMIT_EXCEEDED',
        message: `The stanza at byte ${this.#start} of a Packages file has more than ${this.#largest} bytes`,
      });
    }
    if (!isName(this.#bytes, this.#nameStart, this.#nameEnd)) throw badStanza(this.#start, 'names no package');
    const stanza = this.starts.length;
    this.starts.push(this.#start);
    this.ends.push(end);
    this.nameStarts.push(this.#nameStart);
    this.nameEnds.push(this.#nameEnd);
    if (this.#providesStart !== -1) this.#provides(stanza);
    if (this.#essential) this.essentials.push(stanza);
    this.#essential = false;
    this.#start = this.#nameStart = this.#nameEnd = this.#providesStart = -1;
    this.#field = undefined;
  }

  #provides(stanza: number): void {
    const text = decodeUtf8(this.#bytes.subarray(this.#providesStart, this.#providesEnd));
    for (const part of text.split(',')) {
      const name = providedName.exec(part)?.[1];
      if (name === undefined) continue;
      const stanzas = this.provided.get(name);
      if (stanzas === undefined) this.provided.set(name, [stanza]);
      else if (stanzas.at(-1) !== stanza) stanzas.push(stanza);
    }
  }
}

/** Field names are compared without regard to case: this bit makes ASCII letters capital. */
const upperCase = 0xdf;
const packageField = 'PACKAGE:';
const providesField = 'PROVIDES:';
const essentialField = 'ESSENTIAL:';
const relationFields = [
  'DEPENDS:',
  'PRE-DEPENDS:',
  'RECOMMENDS:',
  'SUGGESTS:',
  'CONFLICTS:',
  'BREAKS:',
  'REPLACES:',
  'ENHANCES:',
];
const fieldsByInitial: (readonly string[] | undefined)[] = [];
for (const field of [packageField, providesField, essentialField, ...relationFields]) {
  const initial = field.charCodeAt(0);
  fieldsByInitial[initial] = [...(fieldsByInitial[initial] ?? []), field];
}
const providedName = /^\s*([0-9A-Za-z][0-9A-Za-z+._-]*)/;
const longestName = 255;

function fieldIs(bytes: Uint8Array, at: number, field: string): boolean {
  const last = field.length - 1;
  if (bytes[at + last] !== colon) return false;
  for (let i = 1; i < last; i++) {
    const expected = field.charCodeAt(i);
    const byte = bytes[at + i] as number;
    if ((expected === hyphen ? byte : byte & upperCase) !== expected) return false;
  }
  return true;
}

function skipBlanks(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] as number) <= space) at++;
  return at;
}

function trimBlanks(bytes: Uint8Array, start: number, from: number): number {
  let end = from;
  while (end > start && (bytes[end - 1] as number) <= space) end--;
  return end;
}

function isName(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === -1 || end <= start || end - start > longestName) return false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte <= space || byte > 126) return false;
  }
  return true;
}

function badStanza(start: number, problem: string): SlimimageError {
  return new SlimimageError({
    code: 'DEB822_INVALID',
    message: `The stanza at byte ${start} of a Packages file ${problem}`,
  });
}
