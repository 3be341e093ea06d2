/**
 * The first `count` of the values in this order, sorted. Linear for many values and a small count: no list of all of them is
 * sorted. Of equal ones the earlier comes first.
 */
export function topOf<T>(values: Iterable<T>, count: number, compare: (a: T, b: T) => number): readonly T[] {
  if (count <= 0) return [];
  const kept: T[] = [];
  let last: T | undefined;
  for (const value of values) {
    if (kept.length === count && last !== undefined && compare(value, last) >= 0) continue;
    let at = kept.length;
    while (at > 0 && compare(value, kept[at - 1] as T) < 0) at--;
    kept.splice(at, 0, value);
    if (kept.length > count) kept.pop();
    last = kept.at(-1);
  }
  return kept;
}
