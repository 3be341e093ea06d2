import { withoutControls } from '../util/printable.ts';

/** Characters of one foreign text in a document; longer ones are cut. */
const longest = 160;

/** One line, without what a terminal or a bidirectional trick would make of it. */
function oneLine(text: string, most: number): string {
  // What is cut in the middle of a pair of surrogates would be no text any more.
  const cut = text.length > most ? `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}...` : text;
  return withoutControls(cut)
    .replace(/[\t\n]/g, '\u{fffd}')
    .toWellFormed();
}

/** A line of a file, whose tabs are as good as any of its characters, and whose end may be that of DOS. */
export function shownLine(text: string, most: number): string {
  return text
    .replace(/\r$/, '')
    .split('\t')
    .map((part) => oneLine(part, most))
    .join('\t');
}

/**
 * Text from an image as a code span of Markdown (CommonMark 6.1): there neither markup, HTML, links
 * nor @mentions work. '' stays ''.
 */
export function codeSpan(text: string): string {
  if (text === '') return '';
  const safe = oneLine(text, longest);
  const runs = safe.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  // Without the blanks a backtick at an end would be taken for the fence; and blanks at both ends would be taken away.
  const padding = /^[ `]|[ `]$/.test(safe) ? ' ' : '';
  return `${fence}${padding}${safe}${padding}${fence}`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text from an image as text of HTML, in elements and in quoted attributes. */
export function htmlText(text: string, most: number = 1000): string {
  return escapeHtml(oneLine(text, most));
}

/** @param text without what a browser would obey beside markup */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
