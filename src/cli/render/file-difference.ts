import { aspectText, contentNotes, type FileDifference, imageText, programText } from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import type { Style } from './style.ts';

/** What became of one file: what differs beside its content, then the unified difference. */
export function renderFileDifference(difference: FileDifference, { style }: { readonly style: Style }): string {
  const { path, same, from, to, aspects, before, after, content } = difference;
  if (same) return line(`${path} is the same in ${imageText(from)} and ${imageText(to)}`);
  const told =
    before === undefined || after === undefined
      ? [`is only in ${imageText(before === undefined ? to : from)}`]
      : aspects
          .filter((aspect) => aspect !== 'content' && aspect !== 'size')
          .map((aspect) => aspectText(aspect, before, after));
  const lines = told.map((text) => style.strong(line(`${path}: ${text}`)));
  switch (content.type) {
    case 'same':
      return lines.join('\n');
    case 'text': {
      return [...lines, ...contentNotes(content), ...patchLines(content.patch, style)].join('\n');
    }
    case 'binary':
    case 'large': {
      const why = content.type === 'binary' ? 'is no text' : 'is too large to be compared as text';
      const sides = [before, after].map((state) =>
        state?.sha256 === undefined ? 'not there' : `${state.size} bytes, sha256:${state.sha256}`,
      );
      return [
        ...lines,
        line(`${path} ${why}`),
        ...sides.map((text, index) => `${index === 0 ? '-' : '+'} ${text}`),
        ...content.program.map((change) => `  ${line(programText(change))}`),
      ].join('\n');
    }
  }
}

function line(text: string): string {
  return withoutControls(text).replace(/[\t\n]/g, '\u{fffd}');
}

/** A carriage return at the end of a line is of the file, and no terminal minds it there. */
function patchLines(patch: string, style: Style): readonly string[] {
  return patch
    .replace(/\n$/, '')
    .split('\n')
    .map((text) => {
      const safe = text.endsWith('\r') ? `${withoutControls(text.slice(0, -1))}\r` : withoutControls(text);
      if (/^(?:---|\+\+\+|@@) /.test(safe)) return style.strong(safe);
      if (safe.startsWith('+')) return style.good(safe);
      return safe.startsWith('-') ? style.warning(safe) : safe;
    });
}
