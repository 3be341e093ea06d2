import { compareStrings } from '../../util/text.ts';
import type { CacheEntry } from './types.ts';

/** The order of entries in the file: the loader searches by halves, so it must be exactly that of glibc's cache.c. */
export function compareEntries(a: CacheEntry, b: CacheEntry): number {
  const names = compareLibraryNames(b.name, a.name);
  if (names !== 0) return names;
  if (a.flags !== b.flags) return b.flags - a.flags;
  if (a.hwcaps !== undefined && b.hwcaps !== undefined) return compareStrings(a.hwcaps.name, b.hwcaps.name);
  if (a.hwcaps !== undefined) return -1;
  return b.hwcaps === undefined ? 0 : 1;
}

/** glibc's _dl_cache_libcmp: runs of digits by their value, and a digit after every other character. */
export function compareLibraryNames(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length) {
    const left = a.charCodeAt(i);
    const right = j < b.length ? b.charCodeAt(j) : 0;
    if (isDigit(left)) {
      if (!isDigit(right)) return 1;
      const [first, second] = [digitsAt(a, i), digitsAt(b, j)];
      if (first.value !== second.value) return first.value - second.value;
      i = first.end;
      j = second.end;
    } else if (isDigit(right)) {
      return -1;
    } else if (left !== right) {
      return left - right;
    } else {
      i++;
      j++;
    }
  }
  return j < b.length ? -b.charCodeAt(j) : 0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** As an int of C, which wraps. */
function digitsAt(text: string, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let end = start;
  for (; end < text.length && isDigit(text.charCodeAt(end)); end++) {
    value = (Math.imul(value, 10) + text.charCodeAt(end) - 0x30) | 0;
  }
  return { value, end };
}
