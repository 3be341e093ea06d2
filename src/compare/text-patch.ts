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

export interface TextSides {
  readonly from: string;
  readonly to: string;
}

/**
 * What turns one text into another, line by line.
 * @param shown what stands in the patch for the lines of each, as many lines as there are; undefined: the lines themselves
 */
export function textPatch({ from, to }: TextSides, shown?: TextSides): TextPatch {
  if (from === to) return { hunks: '', shortest: true };
  const patch = structuredPatch('a', 'b', from, to, '', '', { context: contextLines, maxEditLength: mostEdits });
  const hunks = patch?.hunks ?? [wholePatch(from, to)];
  const lines = shown === undefined ? undefined : { from: shown.from.split('\n'), to: shown.to.split('\n') };
  const told = lines === undefined ? hunks : hunks.map((hunk) => showing(hunk, lines));
  return { hunks: told.map(formatHunk).join(''), shortest: patch !== undefined };
}

/** Lines of a hunk stand for those of the texts from its starts on. */
function showing(hunk: Hunk, shown: { readonly from: readonly string[]; readonly to: readonly string[] }): Hunk {
  let [old, fresh] = [hunk.oldStart, hunk.newStart];
  const lines = hunk.lines.map((line) => {
    const mark = line.slice(0, 1);
    if (mark === '\\') return line;
    const text = mark === '+' ? shown.to[fresh - 1] : shown.from[old - 1];
    if (mark !== '+') old++;
    if (mark !== '-') fresh++;
    return `${mark}${text ?? ''}`;
  });
  return { ...hunk, lines };
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

function wholePatch(from: string, to: string): Hunk {
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
  return {
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
  };
}

/** Lines with their ends. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function marked(mark: string, line: string): readonly string[] {
  return line.endsWith('\n') ? [`${mark}${line.slice(0, -1)}`] : [`${mark}${line}`, '\\ No newline at end of file'];
}
