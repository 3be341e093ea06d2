import { type FileDifference, fileTexts } from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import type { Style } from './style.ts';

/** What became of one file: what differs beside its content, then the unified difference. */
export function renderFileDifference(difference: FileDifference, { style }: { readonly style: Style }): string {
  const { path, content } = difference;
  const lines = fileTexts(difference).map((text) => style.strong(line(`${path}: ${text}`)));
  return [...lines, ...(content.type === 'text' ? patchLines(content.patch, style) : [])].join('\n');
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
