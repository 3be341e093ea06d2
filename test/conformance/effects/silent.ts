import type { ScriptReport } from '../../../src/index.ts';
import type { Compared } from './compare.ts';

/**
 * Generated paths that are missing or different although no report tells of it: no line that is not reproduced names the
 * path, its base name or its folder, and the path is in no folder that is named after a package with such a line. What a
 * program makes that a script only starts is counted, too, where neither is so: better one too many.
 */
export function silentlyWrong(differences: readonly Compared[], scripts: readonly ScriptReport[]): readonly string[] {
  const told = scripts.flatMap(({ package: name, lines }) =>
    lines.filter(({ verdict }) => verdict === 'not-reproduced').map((line) => ({ name, line })),
  );
  return differences
    .filter(({ class: kind, outcome }) => kind !== 'packaged' && (outcome === 'missing' || outcome === 'different'))
    .map(({ path }) => path)
    .filter((path) => !told.some(({ name, line }) => tells(`${line.text} ${line.paths.join(' ')}`, name, path)));
}

function tells(text: string, name: string, path: string): boolean {
  const parts = path.split('/');
  const base = parts.at(-1) ?? '';
  const folder = parts.slice(0, -1).join('/');
  // `/etc` and `/usr/share` are in every script, and say nothing.
  const isTelling = parts.length > 3 || (parts.length === 3 && parts[0] === 'etc');
  return text.includes(base) || (isTelling && text.includes(`/${folder}`)) || parts.slice(0, -1).includes(name);
}
