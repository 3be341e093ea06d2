import { limits } from '../limits.ts';
import type { SecretHit } from '../view/types.ts';
import { lineDetectors } from './file-rules.ts';
import { KeywordSearch } from './keyword-search.ts';
import { byteOrderOf, NarrowText } from './narrow-text.ts';
import { detectors, secretRules } from './rules.ts';
import { type Detector, type FoundSecret, reach, type SecretPlace, type Window } from './types.ts';

/** Bytes that are looked at in one go, between those that are looked back at and ahead to. */
const stride = 256 * 1024;
/** A file with a NUL before this byte is no text. */
const textProbe = 8 * 1024;
/** Secrets that are told of one file. */
const mostHits = 100;
/** Places of one file that are judged: a file of nothing but keywords is somebody's attempt to keep us busy. */
const mostPlaces = 100_000;

const inTexts = searchFor(detectors);
const inBinaries = searchFor(detectors.filter((detector) => detector.inBinaries === true));
const ranks = new Map(secretRules.map(({ id }, rank) => [id, rank]));

interface Place extends FoundSecret {
  readonly line: number;
}

/**
 * Looks for secrets in one file after another, each given in pieces of any size. Memory is bounded by one window; of each file at most
 * `limits.secretBytes` are looked at.
 */
export class SecretScanner {
  readonly #bytes = new Uint8Array(reach.behind + stride + reach.ahead);
  #where: SecretPlace = 'file';
  #path = '';
  #filled = 0;
  /** Where in the window the part begins that nobody has looked at. */
  #from = 0;
  /** Offset in the file of the window's first byte. */
  #base = 0;
  /** Lines that end before `#counted`, a place of the window. */
  #lines = 0;
  #counted = 0;
  #room = 0;
  #isText: boolean | undefined;
  /** The first byte of the file, where it came alone. */
  #head: number | undefined;
  #narrow: NarrowText | undefined;
  #begun = false;
  #found: Place[] = [];
  /** Places that may still be judged. */
  #places = 0;

  /** @param path relative to the root; '' where the text is no file */
  begin(path: string, where: SecretPlace = 'file'): void {
    this.#path = path;
    this.#where = where;
    this.#filled = this.#from = this.#base = this.#lines = this.#counted = 0;
    this.#room = limits.secretBytes;
    this.#isText = undefined;
    this.#head = this.#narrow = undefined;
    this.#begun = false;
    this.#found = [];
    this.#places = mostPlaces;
  }

  /** The bytes are copied. */
  data(piece: Uint8Array): void {
    const part = piece.length > this.#room ? piece.subarray(0, this.#room) : piece;
    this.#room -= part.length;
    if (!this.#begun && part.length > 0) {
      if (this.#head === undefined && part.length === 1) {
        this.#head = part[0];
        return;
      }
      this.#beginText(part);
    }
    this.#add(this.#narrow?.narrow(part) ?? part);
  }

  /** With the second byte it is known whether the text is in UTF-16. */
  #beginText(part: Uint8Array): void {
    const head = this.#head;
    const order = head === undefined ? byteOrderOf(part[0], part[1]) : byteOrderOf(head, part[0]);
    this.#begun = true;
    this.#narrow = order && new NarrowText(order);
    if (head === undefined) return;
    const alone = Uint8Array.of(head);
    this.#add(this.#narrow?.narrow(alone) ?? alone);
  }

  #add(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#bytes.length - this.#filled);
      this.#bytes.set(part, this.#filled);
      this.#filled += part.length;
      rest = rest.subarray(part.length);
      if (this.#filled === this.#bytes.length) this.#advance();
    }
  }

  /** In the order of the file, at most a hundred. */
  end(): readonly SecretHit[] {
    if (!this.#begun && this.#head !== undefined) this.#beginText(new Uint8Array());
    return this.endPlaces()
      .slice(0, mostHits)
      .map(({ rule, line, excerpt }) => ({ rule, line, excerpt }));
  }

  /** As `end`, with the offsets in the file: of a key's armour those of the line that begins it. At most some hundreds. */
  endPlaces(): readonly (FoundSecret & Pick<SecretHit, 'line'>)[] {
    this.#scan(this.#filled);
    return withoutOverlap(this.#found);
  }

  #advance(): void {
    const to = this.#bytes.length - reach.ahead;
    this.#scan(to);
    const start = to - reach.behind;
    this.#countLines(start);
    this.#counted = 0;
    this.#bytes.copyWithin(0, start);
    this.#filled -= start;
    this.#base += start;
    this.#from = reach.behind;
  }

  #scan(to: number): void {
    const bytes = this.#bytes;
    const from = this.#from;
    if (from >= to || this.#found.length > 5 * mostHits) return;
    this.#isText ??= bytes.subarray(0, Math.min(textProbe, this.#filled)).indexOf(0) < 0;
    const window: Window = { bytes, end: this.#filled, where: this.#where, path: this.#path };
    const search = this.#isText ? inTexts : inBinaries;
    search.search(bytes, { from, to, end: this.#filled }, (detector, at) => {
      if (this.#places-- > 0) this.#keep(detector.find(window, at));
    });
    if (!this.#isText || this.#where !== 'file') return;
    for (const { applies, find } of lineDetectors) {
      if (!applies(this.#path)) continue;
      for (let at = from; at < to; at++) {
        if (at === 0 || bytes[at - 1] === newline) this.#keep(find(window, at));
      }
    }
  }

  #keep(found: FoundSecret | undefined): void {
    if (found === undefined || this.#found.length > 5 * mostHits) return;
    this.#countLines(found.start);
    this.#found.push({ ...found, line: this.#lines + 1, start: this.#base + found.start, end: this.#base + found.end });
  }

  /** Forwards, or a few bytes back: a file of which nothing is told is not counted but at the ends of its windows. */
  #countLines(to: number): void {
    const bytes = this.#bytes;
    this.#lines += linesIn(bytes, this.#counted, to) - linesIn(bytes, to, this.#counted);
    this.#counted = to;
  }
}

const newline = 10;

/** Without a branch, which takes half the time of one that nobody can foretell. */
function linesIn(bytes: Uint8Array, from: number, to: number): number {
  let lines = 0;
  for (let at = from; at < to; at++) lines += (((bytes[at] as number) ^ newline) - 1) >>> 31;
  return lines;
}

function searchFor(wanted: readonly Detector[]): KeywordSearch<Detector> {
  return new KeywordSearch(
    wanted.flatMap((value) => value.keywords.map((text) => ({ text, foldCase: value.foldCase, value }))),
  );
}

/** Of secrets that lie over one another the one whose rule comes first. */
function withoutOverlap(found: readonly Place[]): readonly Place[] {
  const byRank = found.toSorted((a, b) => rankOf(a) - rankOf(b) || a.start - b.start);
  const kept: Place[] = [];
  for (const place of byRank) {
    if (!kept.some((other) => place.start < other.end && other.start < place.end)) kept.push(place);
  }
  return kept.sort((a, b) => a.start - b.start);
}

function rankOf({ rule }: Place): number {
  return ranks.get(rule) ?? ranks.size;
}
