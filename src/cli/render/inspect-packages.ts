import type { Inspection, PackageFiles } from '../../index.ts';
import { oneLine } from './inspect-text.ts';
import { renderTable } from './table.ts';
import { count, formatBytes } from './units.ts';

/** Every package, biggest first. */
export function renderPackages({ packages }: Inspection): string {
  const { problems } = packages;
  return [
    ...packageTable(packages.packages),
    `${count(packages.count, 'package')}, ${formatBytes(packages.bytes)} in ${count(packages.files, 'file')}`,
    ...problems.map((problem) => `warning: ${oneLine(problem)}`),
  ].join('\n');
}

export function packageTable(packages: readonly PackageFiles[]): readonly string[] {
  if (packages.length === 0) return [];
  const gone = packages.some(({ missing }) => missing > 0);
  const rows = packages.map((one) => [
    formatBytes(one.bytes),
    String(one.files),
    ...(gone ? [one.missing === 0 ? '' : String(one.missing)] : []),
    oneLine(one.name),
    oneLine(one.version),
    oneLine(one.architecture),
    one.automatic === true ? 'automatic' : '',
  ]);
  return renderTable(
    [['SIZE', 'FILES', ...(gone ? ['GONE'] : []), 'PACKAGE', 'VERSION', 'ARCH'], ...rows],
    gone ? [0, 1, 2] : [0, 1],
  );
}
