import type { ClosurePackage, ResolvedPackages } from '../../index.ts';
import { renderTable } from './table.ts';
import { count, formatBytes } from './units.ts';

/** The packages of a closure: size on disk, name, version, suite, who brought it in. */
export function renderClosureTable({ platform, packages }: ResolvedPackages): string {
  const rows = packages.map((one) => [
    formatBytes(one.installedSize),
    one.name,
    one.version,
    [one.archive, one.suite].filter((part) => part !== '').join('/'),
    `${broughtBy(one)}${one.candidate ? ', may be cut' : ''}`,
  ]);
  return [`${platform}  ${closureTotals(packages)}`, ...renderTable(rows, [0]).map((line) => `  ${line}`)].join('\n');
}

/** `12 packages, 3.4 MB to download, 12.8 MB installed`. */
export function closureTotals(packages: readonly ClosurePackage[]): string {
  const download = packages.reduce((sum, { size }) => sum + size, 0);
  const installed = packages.reduce((sum, { installedSize }) => sum + installedSize, 0);
  return `${count(packages.length, 'package')}, ${formatBytes(download)} to download, ${formatBytes(installed)} installed`;
}

function broughtBy({ requestedBy }: ClosurePackage): string {
  const [first] = requestedBy;
  if (first === undefined) return '';
  if (first.type === 'request') return 'requested';
  if (first.type === 'base') return 'base';
  const names = new Set(requestedBy.flatMap((reason) => ('from' in reason ? [reason.from] : [])));
  return `for ${first.from}${names.size > 1 ? ` and ${names.size - 1} more` : ''}`;
}
