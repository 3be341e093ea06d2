import { compareStrings } from './text.ts';

/** The candidate that `word` most probably means, or undefined where none is close enough to be worth a question. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  return nearestNames(word, candidates, { max: 1 })[0];
}

export interface NearestOptions {
  /** How many names at most; 3 unless told. */
  readonly max?: number | undefined;
}

/** The names of `nearMatches`. */
export function nearestNames(
  word: string,
  candidates: Iterable<string>,
  options: NearestOptions = {},
): readonly string[] {
  return nearMatches(word, candidates, options).map(({ name }) => name);
}

export interface NearMatch {
  readonly name: string;
  /** Slips of the pen between the two. */
  readonly distance: number;
}

/**
 * The candidates that a person may have meant by `word`: nearest first, equally near ones by name. Distance is the
 * number of characters added, lost, changed or swapped with their neighbour (optimal string alignment), without regard
 * to case; a third of the word may be wrong, at least one
 * character and at most three. The word itself is not an answer.
 */
export function nearMatches(
  word: string,
  candidates: Iterable<string>,
  options: NearestOptions = {},
): readonly NearMatch[] {
  const max = options.max ?? 3;
  const wanted = word.slice(0, longestWord).toLowerCase();
  const allowed = Math.min(3, Math.max(1, Math.floor(wanted.length / 3)));
  const found: NearMatch[] = [];
  let bound = allowed;
  for (const name of candidates) {
    if (name === word || Math.abs(name.length - wanted.length) > bound) continue;
    const distance = editDistance(wanted, name.toLowerCase(), bound);
    if (distance > bound) continue;
    found.push({ name, distance });
    if (found.length <= max * 8) continue;
    // Enough were found: only those as near as the worst that would be shown still matter.
    found.sort(byDistance);
    found.length = max;
    bound = found[max - 1]?.distance ?? bound;
  }
  return found.sort(byDistance).slice(0, max);
}

/** Nobody mistypes a longer name, and a hostile one must not cost time. */
const longestWord = 100;

function byDistance(a: NearMatch, b: NearMatch): number {
  return a.distance - b.distance || compareStrings(a.name, b.name);
}

/** Distance of two strings, or `bound + 1` as soon as it is known to be above `bound`. */
function editDistance(a: string, b: string, bound: number): number {
  let beforeLast = new Uint16Array(b.length + 1);
  let last = new Uint16Array(b.length + 1);
  let current = new Uint16Array(b.length + 1);
  for (let column = 0; column <= b.length; column++) last[column] = column;
  for (let row = 1; row <= a.length; row++) {
    current[0] = row;
    let smallest = row;
    for (let column = 1; column <= b.length; column++) {
      const same = a.charCodeAt(row - 1) === b.charCodeAt(column - 1);
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      const swapped =
        row > 1 &&
        column > 1 &&
        a.charCodeAt(row - 1) === b.charCodeAt(column - 2) &&
        a.charCodeAt(row - 2) === b.charCodeAt(column - 1);
      if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current[column] = cost;
      if (cost < smallest) smallest = cost;
    }
    if (smallest > bound) return bound + 1;
    [beforeLast, last, current] = [last, current, beforeLast];
  }
  return at(last, b.length);
}

function at(row: Uint16Array, column: number): number {
  return row[column] as number;
}
