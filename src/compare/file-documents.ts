import { htmlPage } from './html-page.ts';
import { codeSpan, escapeHtml, htmlText, shownLine } from './markup.ts';
import type { FileDifference } from './types.ts';
import { fileTexts, imageText } from './words.ts';

/** Characters of a difference in a comment of a pull request, which holds 65,536; bytes of UTF-8 count in some places. */
const mostMarkdown = 16_000;

/** Lines in a page. */
const mostLines = 50_000;

/** What became of one file, as Markdown for a pull request. */
export function fileDifferenceMarkdown(difference: FileDifference): string {
  const title = `### ${codeSpan(difference.path)}: ${codeSpan(imageText(difference.from))} → ${codeSpan(imageText(difference.to))}`;
  const texts = fileTexts(difference).map((text) => `- ${codeSpan(text)}`);
  return [title, texts.join('\n'), ...fenced(patchLines(difference))].filter((part) => part !== '').join('\n\n');
}

function fenced(lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const shown: string[] = [];
  let room = mostMarkdown;
  for (const line of lines) {
    room -= line.length + 1;
    if (room < 0) break;
    shown.push(line);
  }
  // CommonMark 4.5: nothing but a fence as long ends it.
  const runs = shown.flatMap((line) => (line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(Math.max(2, ...runs) + 1);
  const rest = lines.length - shown.length;
  return [`${fence}diff\n${shown.join('\n')}\n${fence}`, ...(rest > 0 ? [`and ${rest} more lines`] : [])];
}

/** The same as a page of HTML that stands alone. */
export function fileDifferenceHtml(difference: FileDifference): string {
  const { path, from, to } = difference;
  const images = [from, to].map((image) => `<code>${htmlText(imageText(image))}</code>`).join(' → ');
  const lines = patchLines(difference);
  const rest = lines.length - mostLines;
  const patch = lines.slice(0, mostLines).map(patchLine).join('');
  return htmlPage(
    `${path}: ${imageText(from)} → ${imageText(to)}`,
    [
      `<h1><code>${htmlText(path)}</code>: ${images}</h1>\n`,
      ...fileTexts(difference).map((text) => `<p>${htmlText(text)}</p>\n`),
      ...(lines.length === 0 ? [] : [`<pre>${patch}</pre>\n`]),
      ...(rest > 0 ? [`<p>and ${rest} more lines</p>\n`] : []),
    ].join(''),
  );
}

function patchLine(line: string): string {
  const kind = /^(?:---|\+\+\+|@@) /.test(line)
    ? 'head'
    : line.startsWith('+')
      ? 'plus'
      : line.startsWith('-')
        ? 'minus'
        : '';
  const text = escapeHtml(line);
  return kind === '' ? `${text}\n` : `<span class="${kind}">${text}</span>\n`;
}

/** Characters of a line; what comes behind is cut. */
const longestLine = 4000;

function patchLines({ content }: FileDifference): readonly string[] {
  if (content.type !== 'text') return [];
  return content.patch
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => shownLine(line, longestLine));
}
