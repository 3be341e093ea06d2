import type { Window } from './types.ts';

/** Bytes of a window as characters of the same numbers, at most 4096; what lies outside is left away. */
export function charactersOf({ bytes, end }: Pick<Window, 'bytes' | 'end'>, from: number, to: number): string {
  const part = bytes.subarray(Math.max(0, from), Math.min(to, end, from + 4096));
  return String.fromCharCode.apply(null, part as unknown as number[]);
}

const shownName = 40;

/**
 * What may be shown before a secret: the name that it is assigned to, `AWS_KEY=`, and nothing else of the line, in which other
 * secrets may stand.
 */
export function nameBefore(window: Window, at: number): string {
  const text = charactersOf(window, at - shownName - 8, at);
  const [, name = '', operator = ''] = /([A-Za-z_][\w.-]{0,39})["']?\s{0,3}(=|:)\s{0,3}["']?$/.exec(text) ?? [];
  return name === '' ? '' : `${name}${operator}`;
}

/** Letters, digits and `_`: what goes on with a token before or after it. */
export function isWordByte(code: number | undefined): boolean {
  if (code === undefined) return false;
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}
