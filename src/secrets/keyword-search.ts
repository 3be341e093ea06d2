export interface Keyword<T> {
  /** At least four characters, each for the byte of its number; small letters where case is folded. */
  readonly text: string;
  readonly foldCase: boolean;
  readonly value: T;
}

/** Bytes of the part of a keyword that is looked for. */
const width = 4;
const step = width - 1;
/** Where a part stands to a place of the search: its last byte is that of the place, the one after it, or the second one after it. */
const endsHere = 1;
const endsNext = 2;
const endsSecond = 4;

/**
 * Finds many keywords at once, in time linear in the text. Of each keyword four bytes are looked for, those that texts have least:
 * `sswo` for `password`. Wherever they stand, a pair of them ends at every third byte of the text: such a place is one where the pairs
 * before it, at it and after it all fit a keyword, which three tables tell without a branch.
 */
export class KeywordSearch<T> {
  /** By four bytes, as `folded` makes them. */
  readonly #keywords: ReadonlyMap<number, readonly Prepared<T>[]>;
  /** By two bytes, as bits: how a part may stand to a place that has them three and two bytes before it. */
  readonly #before = new Uint8Array(1 << 16).fill(endsSecond);
  /** The same of the byte before the place and its own. */
  readonly #at = new Uint8Array(1 << 16);
  /** The same of the two bytes after the place. */
  readonly #after = new Uint8Array(1 << 16).fill(endsHere);
  /** By a hash of four bytes: 1 where a keyword may have them. A look into it costs less than one into the map. */
  readonly #filter = new Uint8Array(1 << 16);
  /** Bytes of a keyword before its part, at most. */
  readonly #furthest: number;

  constructor(keywords: readonly Keyword<T>[]) {
    const byPart = new Map<number, Prepared<T>[]>();
    for (const { text, foldCase, value } of keywords) {
      const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
      const before = rarestPart(text);
      const cases = Array.from(bytes.subarray(before, before + width), (code) => casesOf(code, foldCase));
      this.#mark(cases);
      const key = folded(bytes, before + width);
      this.#filter[hashOf(key)] = 1;
      byPart.set(key, [...(byPart.get(key) ?? []), { bytes, foldCase, value, before }]);
    }
    this.#keywords = byPart;
    this.#furthest = Math.max(0, ...[...byPart.values()].flat().map(({ before }) => before));
  }

  #mark([first = [], second = [], third = [], fourth = []]: readonly (readonly number[])[]): void {
    mark(this.#before, [first, second], endsHere);
    mark(this.#at, [third, fourth], endsHere);
    mark(this.#before, [anyByte, first], endsNext);
    mark(this.#at, [second, third], endsNext);
    mark(this.#after, [fourth, anyByte], endsNext);
    mark(this.#at, [first, second], endsSecond);
    mark(this.#after, [third, fourth], endsSecond);
  }

  /** Calls for every keyword that begins at `from` or later and before `to`, and ends before `end`. */
  search(bytes: Uint8Array, range: SearchedRange, found: (value: T, at: number) => void): void {
    const before = this.#before;
    const here = this.#at;
    const after = this.#after;
    const last = Math.min(range.to + this.#furthest + step, range.end);
    for (let at = range.from + step; at < last; at += step) {
      const ends =
        (before[((bytes[at - 3] as number) << 8) | (bytes[at - 2] as number)] as number) &
        (here[((bytes[at - 1] as number) << 8) | (bytes[at] as number)] as number) &
        // Behind the last byte there is nothing, which counts as 0 here.
        (after[((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)] as number);
      if (ends === 0) continue;
      if ((ends & endsHere) !== 0) this.#look(bytes, at + 1, range, found);
      if ((ends & endsNext) !== 0) this.#look(bytes, at + 2, range, found);
      if ((ends & endsSecond) !== 0) this.#look(bytes, at + 3, range, found);
    }
  }

  /** Keywords whose part ends before `end`. */
  #look(bytes: Uint8Array, end: number, range: SearchedRange, found: (value: T, at: number) => void): void {
    if (end > range.end) return;
    const key = folded(bytes, end);
    if (this.#filter[hashOf(key)] === 0) return;
    for (const keyword of this.#keywords.get(key) ?? []) {
      const start = end - width - keyword.before;
      if (start < range.from || start >= range.to || start + keyword.bytes.length > range.end) continue;
      if (standsAt(bytes, start, keyword)) found(keyword.value, start);
    }
  }
}

interface SearchedRange {
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

interface Prepared<T> {
  readonly bytes: Uint8Array;
  readonly foldCase: boolean;
  readonly value: T;
  /** Bytes of the keyword before the part that is looked for. */
  readonly before: number;
}

const anyByte = Array.from({ length: 256 }, (_, code) => code);

function mark(
  table: Uint8Array,
  [firsts, seconds]: readonly [readonly number[], readonly number[]],
  ends: number,
): void {
  for (const first of firsts) {
    for (const second of seconds) table[(first << 8) | second] = (table[(first << 8) | second] ?? 0) | ends;
  }
}

/** Where the part of a keyword begins whose pairs are least often met in texts. */
function rarestPart(text: string): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let before = 0; before + width <= text.length; before++) {
    let met = 0;
    for (let at = before; at < before + step; at++) met += commonness(text.slice(at, at + 2).toLowerCase());
    if (met < least) [best, least] = [before, met];
  }
  return best;
}

/** Of two characters: the higher, the more often programs and their documentation have them; 0 for most. */
function commonness(pair: string): number {
  const rank = commonPairs.indexOf(pair);
  return rank < 0 ? 0 : commonPairs.length - rank;
}

/** The most common first. */
const commonPairs = [
  ...'in re on er en te or at st th nt se co ac es ti ar le et de ea is me ta al ca io ma he am ra ed it ke li as'.split(
    ' ',
  ),
  ...'tr ri ro nd pe an ne ns pa ng ct ex ec to ch ur na ai fi nc el si un ge ve ey pr no hi if ce ag ss ia od om'.split(
    ' ',
  ),
  ...'tu sy ef di rt la il ad ut op lo em pt ty po ic yp ts rs ig ou rr ll ga fo ha ck va'.split(' '),
];

/** The four bytes before `end`, capitals as small letters, as one number. */
function folded(bytes: Uint8Array, end: number): number {
  return (
    (lower(bytes[end - 4] as number) << 24) |
    (lower(bytes[end - 3] as number) << 16) |
    (lower(bytes[end - 2] as number) << 8) |
    lower(bytes[end - 1] as number)
  );
}

function hashOf(key: number): number {
  return Math.imul(key, 0x9e3779b1) >>> 16;
}

function standsAt<T>(bytes: Uint8Array, start: number, { bytes: keyword, foldCase }: Prepared<T>): boolean {
  for (let at = 0; at < keyword.length; at++) {
    const code = bytes[start + at] as number;
    if ((foldCase ? lower(code) : code) !== keyword[at]) return false;
  }
  return true;
}

function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

function casesOf(code: number, foldCase: boolean): readonly number[] {
  return foldCase && code >= 97 && code <= 122 ? [code, code - 32] : [code];
}
