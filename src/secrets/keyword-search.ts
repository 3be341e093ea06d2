export interface Keyword<T> {
  /** At least four characters, each for the byte of its number; small letters where case is folded. */
  readonly text: string;
  readonly foldCase: boolean;
  readonly value: T;
}

/**
 * Finds many keywords at once, in time linear in the text, and mostly reads but every third byte: the algorithm of Wu and
 * Manber (1994) with blocks of two bytes.
 */
export class KeywordSearch<T> {
  readonly #keywords: ReadonlyMap<number, readonly Prepared<T>[]>;
  /** By two bytes: how far the window of `#width` bytes may move at least; 0 where a keyword may be in it. */
  readonly #shifts = new Uint8Array(1 << 16);
  /** By a hash of four bytes: 1 where a keyword may have them. A look into it costs less than one into the map. */
  readonly #filter = new Uint8Array(1 << 16);
  /** Bytes of the shortest keyword. */
  readonly #width: number;

  constructor(keywords: readonly Keyword<T>[]) {
    this.#width = Math.min(255, ...keywords.map(({ text }) => text.length));
    this.#shifts.fill(this.#width - 1);
    const byEnd = new Map<number, Prepared<T>[]>();
    for (const { text, foldCase, value } of keywords) {
      const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
      for (let at = 1; at < this.#width; at++) {
        const shift = this.#width - 1 - at;
        for (const first of casesOf(bytes[at - 1] ?? 0, foldCase)) {
          for (const second of casesOf(bytes[at] ?? 0, foldCase)) {
            const block = (first << 8) | second;
            this.#shifts[block] = Math.min(this.#shifts[block] ?? 0, shift);
          }
        }
      }
      const key = folded(bytes, this.#width);
      this.#filter[hashOf(key)] = 1;
      byEnd.set(key, [...(byEnd.get(key) ?? []), { bytes, foldCase, value }]);
    }
    this.#keywords = byEnd;
  }

  /** Calls for every keyword that begins at `from` or later and before `to`, and ends before `end`. */
  search(
    bytes: Uint8Array,
    range: { readonly from: number; readonly to: number; readonly end: number },
    found: (value: T, at: number) => void,
  ): void {
    const width = this.#width;
    const shifts = this.#shifts;
    const filter = this.#filter;
    const last = Math.min(range.to + width - 1, range.end);
    for (let at = range.from + width - 1; at < last; ) {
      const shift = shifts[((bytes[at - 1] as number) << 8) | (bytes[at] as number)] as number;
      if (shift > 0) {
        at += shift;
        continue;
      }
      at++;
      const key = folded(bytes, at);
      if (filter[hashOf(key)] === 0) continue;
      const start = at - width;
      for (const keyword of this.#keywords.get(key) ?? []) {
        if (start + keyword.bytes.length <= range.end && standsAt(bytes, start, keyword)) found(keyword.value, start);
      }
    }
  }
}

interface Prepared<T> {
  readonly bytes: Uint8Array;
  readonly foldCase: boolean;
  readonly value: T;
}

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
