import type { BuildPlan, PlatformPlan } from '../../index.ts';
import { renderTable } from './table.ts';
import { count, formatBytes } from './units.ts';

/** What a build would put in, as a table for each platform. */
export function renderPlan(plan: BuildPlan): string {
  return plan.platforms.map((platform) => renderPlatform(platform).join('\n')).join('\n\n');
}

function renderPlatform({ platform, packages }: PlatformPlan): readonly string[] {
  const download = packages.reduce((sum, { size }) => sum + size, 0);
  const installed = packages.reduce((sum, { installedBytes }) => sum + installedBytes, 0);
  const rows = packages.map(({ name, version, installedBytes, archive, suite, requested, because, candidate }) => [
    formatBytes(installedBytes),
    name,
    version,
    [archive, suite].filter((part) => part !== '').join('/'),
    `${requested ? 'requested' : because === undefined ? 'base' : `for ${because}`}${candidate ? ', may be cut' : ''}`,
  ]);
  return [
    `${platform}  ${count(packages.length, 'package')}, ${formatBytes(download)} to download, ${formatBytes(installed)} installed`,
    ...renderTable(rows, [0]).map((line) => `  ${line}`),
  ];
}
