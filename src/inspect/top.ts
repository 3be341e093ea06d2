/**
 * The first `count` of the values in this order, sorted. Linear for many values and a small count: no list of all of them is
 * sorted. Of equal ones the earlier comes first.
 */
export function topOf<T>(values: Iterable<T>, count: number, compare: (a: T, b: T) => number): readonly T[] {
  if (count <= 0) return [];
  const kept: T[] = [];
  let last: T | undefined;
  for (const value of values) {
    if (last !== undefined && kept.length === count && compare(value, last) >= 0) continue;
    kept.splice(placeOf(value, kept, compare), 0, value);
    if (kept.length > count) kept.pop();
    last = kept.at(-1);
  }
  return kept;
}

/** Behind all that are not greater: found by halves, for a count may be as large as the list. */
function placeOf<T>(value: T, kept: readonly T[], compare: (a: T, b: T) => number): number {
  let low = 0;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(value, kept[middle] as T) < 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
