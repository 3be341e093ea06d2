import { withoutControls } from '../../util/printable.ts';

/** Text of an image on one line: a line break in a name makes no line of the answer. */
export function oneLine(text: string): string {
  return withoutControls(text).replace(/[\t\n]/g, '\u{fffd}');
}

/** Text of an image that has lines of its own. */
export function printable(text: string): string {
  return withoutControls(text);
}

/** At most so many columns, the end left out. */
export function shortened(text: string, width: number): string {
  const line = oneLine(text);
  return line.length <= width ? line : `${line.slice(0, Math.max(1, width - 3))}...`;
}

/** `12.3 %`; nothing is 0 %. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${((part / whole) * 100).toFixed(1)} %`;
}
