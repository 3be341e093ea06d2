import { structuredPatch } from 'diff';

/** Lines that may differ before the shortest difference is no longer looked for: it bounds time and memory. */
const mostEdits = 3000;

const contextLines = 3;

export interface TextPatch {
  /** Hunks of the unified format (POSIX diff -U), without the lines that name the files. '' for equal texts. */
  readonly hunks: string;
  /** False where the texts are too different: everything between their common beginning and end counts as changed. */
  readonly shortest: boolean;
}

/** What turns one text into another, line by line. */
export function textPatch(from: string, to: string): TextPatch {
  if (from === to) return { hunks: '', shortest: true };
  const patch = structuredPatch('a', 'b', from, to, '', '', { context: contextLines, maxEditLength: mostEdits });
  if (patch === undefined) return { hunks: wholePatch(from, to), shortest: false };
  return { hunks: patch.hunks.map((hunk) => formatHunk(hunk)).join(''), shortest: true };
}

interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

function formatHunk({ oldStart, oldLines, newStart, newLines, lines }: Hunk): string {
  const header = `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`;
  return `${[header, ...lines].join('\n')}\n`;
}

/** An empty range stands behind the line before it. */
function range(start: number, lines: number): string {
  if (lines === 1) return String(start);
  return `${lines === 0 ? Math.max(0, start - 1) : start},${lines}`;
}

function wholePatch(from: string, to: string): string {
  const [before, after] = [linesOf(from), linesOf(to)];
  let top = 0;
  while (top < before.length && top < after.length && before[top] === after[top]) top++;
  let bottom = 0;
  const most = Math.min(before.length, after.length) - top;
  while (bottom < most && before.at(-1 - bottom) === after.at(-1 - bottom)) bottom++;
  const above = Math.min(contextLines, top);
  const below = Math.min(contextLines, bottom);
  const removed = before.slice(top, before.length - bottom);
  const added = after.slice(top, after.length - bottom);
  return formatHunk({
    oldStart: top - above + 1,
    oldLines: above + removed.length + below,
    newStart: top - above + 1,
    newLines: above + added.length + below,
    lines: [
      ...before.slice(top - above, top).flatMap((line) => marked(' ', line)),
      ...removed.flatMap((line) => marked('-', line)),
      ...added.flatMap((line) => marked('+', line)),
      ...before.slice(before.length - bottom, before.length - bottom + below).flatMap((line) => marked(' ', line)),
    ],
  });
}

/** Lines with their ends. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function marked(mark: string, line: string): readonly string[] {
  return line.endsWith('\n') ? [`${mark}${line.slice(0, -1)}`] : [`${mark}${line}`, '\\ No newline at end of file'];
}
