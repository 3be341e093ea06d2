import { maskSecrets, printable } from './problem.ts';

/** Characters of a long line that are shown at most. */
const width = 100;

/**
 * The line of `text` around `start` with a caret below each character of `start`..`end` on that line.
 * `line` and `column` count from 1; offsets are code units.
 */
export function excerptOf(
  text: string,
  range: { readonly start: number; readonly end: number; readonly line: number; readonly column: number },
): string {
  const lineStart = range.start - (range.column - 1);
  const lineBreak = text.slice(lineStart).search(/[\r\n]/);
  const lineEnd = lineBreak < 0 ? text.length : lineStart + lineBreak;
  const whole = maskSecrets(text.slice(lineStart, lineEnd)).replaceAll('\t', ' ');
  const first = range.column - 1;
  const last = Math.max(first + 1, Math.min(range.end, lineEnd) - lineStart);
  const cutBefore = first > width - 20 ? first - 40 : 0;
  const shown = printable(whole.slice(cutBefore, cutBefore + width));
  const lead = cutBefore > 0 ? '... ' : '';
  const trail = whole.length > cutBefore + width ? ' ...' : '';
  const number = String(range.line);
  const carets = '^'.repeat(Math.max(1, Math.min(last, cutBefore + width) - first));
  const indent = ' '.repeat(lead.length + first - cutBefore);
  return `  ${number} | ${lead}${shown}${trail}\n  ${' '.repeat(number.length)} | ${indent}${carets}`;
}
