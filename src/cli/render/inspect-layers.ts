import type { ChangeCount, Inspection, LayerReport, PackageChanges } from '../../index.ts';
import { oneLine, shortened } from './inspect-text.ts';
import { renderTable } from './table.ts';
import { count, formatBytes } from './units.ts';

/** Packages that are named of one layer. */
const named = 6;

/** A row for each layer, and what it did to the packages below it. */
export function renderLayers({ layers }: Inspection, { verbose }: { readonly verbose: boolean }): readonly string[] {
  const hasBlobs = layers.some(({ compressedSize }) => compressedSize !== undefined);
  const head = ['#', 'SIZE', ...(hasBlobs ? ['BLOB'] : []), 'ADDED', 'CHANGED', 'REMOVED', 'WASTED', 'MADE BY'];
  const rows = layers.map((layer) => [
    String(layer.number),
    formatBytes(layer.size),
    ...(hasBlobs ? [layer.compressedSize === undefined ? '' : formatBytes(layer.compressedSize)] : []),
    counted(layer.added),
    counted(layer.changed),
    counted(layer.removed),
    layer.lostBytes === 0 ? '-' : formatBytes(layer.lostBytes),
    shortened(layer.command ?? 'the history does not say', verbose ? 10_000 : 70),
  ]);
  const right = [0, 1, 2, 3, 4, 5, ...(hasBlobs ? [6] : [])];
  const [title = '', ...lines] = renderTable([head, ...rows], right);
  return [title, ...lines.flatMap((line, at) => [line, ...details(layers[at], verbose)])];
}

function counted({ paths }: ChangeCount): string {
  return paths === 0 ? '-' : String(paths);
}

function details(layer: LayerReport | undefined, verbose: boolean): readonly string[] {
  if (layer === undefined) return [];
  const most = verbose ? Number.POSITIVE_INFINITY : named;
  const ids = verbose
    ? [`diff ID ${layer.diffId}`, ...(layer.digest === undefined ? [] : [`blob ${layer.digest}`])]
    : [];
  return [...ids, ...packageLines(layer.packages, most)].map((line) => `     ${line}`);
}

function packageLines({ added, removed, changed }: PackageChanges, most: number): readonly string[] {
  return [
    ...line(
      `+ ${count(added.length, 'package')}`,
      added.map(({ name }) => name),
      most,
    ),
    ...line(
      `- ${count(removed.length, 'package')}`,
      removed.map(({ name }) => name),
      most,
    ),
    ...line(
      `~ ${count(changed.length, 'package')}`,
      changed.map(({ name, from, to }) => `${name} ${from} -> ${to}`),
      most,
    ),
  ];
}

function line(title: string, names: readonly string[], most: number): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > most ? `, ${names.length - most} more` : '';
  return [`${title}: ${names.slice(0, most).map(oneLine).join(', ')}${more}`];
}
