import type { Inspection } from '../../index.ts';
import { oneLine } from './inspect-text.ts';

/** The files of a package, of none (`none`), or those that are missing (`missing`), one a line; [] where there is none. */
export function renderFiles({ packages }: Inspection, which: string): readonly string[] {
  if (which === 'none') return (packages.unowned.paths ?? []).map(oneLine);
  if (which === 'missing')
    return packages.packages.flatMap(({ name, missingPaths = [] }) =>
      missingPaths.map((path) => oneLine(`${name}: ${path}`)),
    );
  return packages.packages
    .filter(({ name, architecture }) => [name, `${name}:${architecture}`].includes(which))
    .flatMap(({ paths = [] }) => paths.map(oneLine));
}

/** What a layer added (+), changed (~) and removed (-), one path a line; [] where it did nothing. */
export function renderChanges({ layers }: Inspection): readonly string[] {
  return layers.flatMap(({ changes }) => {
    if (changes === undefined) return [];
    const signed = [
      ...changes.added.map((path) => ({ sign: '+', path })),
      ...changes.changed.map((path) => ({ sign: '~', path })),
      ...changes.removed.map((path) => ({ sign: '-', path })),
    ];
    return signed.map(({ sign, path }) => `${sign} ${oneLine(path)}`);
  });
}
