import type { LockDifference, PackageChange, PlatformDifference } from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import { formatSizeChange, formatTotal } from './size-change.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

/** What changed from one lock to another, for people. */
export function renderLockDifference(
  { same, inputs, releases, platforms }: LockDifference,
  { style }: { readonly style: Style },
): string {
  if (same) return 'no difference';
  const lines = [
    ...section('configuration', inputs, style),
    ...section('archives', renderTable(releases.map(releaseRow)), style),
    ...platforms.flatMap((platform) => platformLines(platform, style)),
  ];
  return lines.join('\n');
}

function section(title: string, lines: readonly string[], style: Style): readonly string[] {
  return lines.length === 0 ? [] : [style.strong(title), ...lines.map((line) => `  ${line}`)];
}

function releaseRow({ archive, suite, from, to }: LockDifference['releases'][number]): readonly string[] {
  const dates = (side: readonly string[]) => (side.length === 0 ? 'none' : side.join(', '));
  return [[archive, suite].filter((part) => part !== '').join('/'), `${dates(from)} -> ${dates(to)}`];
}

function platformLines(difference: PlatformDifference, style: Style): readonly string[] {
  const { platform, change, packages, donors, requests, accounts, cuts, size, installedSize } = difference;
  if (change === 'none') return [`${style.strong(platform)}  no difference`];
  const came = change === 'changed' ? '' : `, platform ${change}`;
  const totals = `${formatTotal(size, 'to download')}, ${formatTotal(installedSize, 'installed')}`;
  return [
    `${style.strong(platform)}  ${countChanges(packages)}${came}; ${totals}`,
    ...[
      ...renderTable(packages.map(packageRow), [3]),
      ...renderTable(
        donors.map((donor) => [...packageRow(donor), 'read, not installed']),
        [3],
      ),
      ...requests.map(({ name, from, to }) => `${name}: requests were ${words(from)}, are ${words(to)}`),
      ...accounts.map(({ type, name, from, to }) => `${type} ${name}: ${idWords(from, 'was')}, ${idWords(to, 'is')}`),
      ...cuts.map(cutLine),
      ...imageLines(difference),
    ].map((line) => `  ${line}`),
  ];
}

/** What is cut otherwise than before. */
export function cutLine({ name, from, to }: PlatformDifference['cuts'][number]): string {
  if (to === undefined) return `${name}: was cut, is in the image unless it was removed`;
  const why = `${to.grade}: ${withoutControls(to.because)}`;
  return from === undefined ? `${name}: is cut now (${why})` : `${name}: is cut as before, now ${why}`;
}

/** The image below, and those that files are copied from. */
export function imageLines({ on, images }: Pick<PlatformDifference, 'on' | 'images'>): readonly string[] {
  const digests = (from: string | null | undefined, to: string | null | undefined) =>
    `was ${from ?? 'none'}, is ${to ?? 'none'}`;
  return [
    ...(on === undefined ? [] : [`image below: ${digests(on.from, on.to)}`]),
    ...images.map(({ image, from, to }) => `files from ${withoutControls(image)}: ${digests(from, to)}`),
  ];
}

const order = ['upgraded', 'downgraded', 'rebuilt', 'added', 'removed', 'moved'] as const;

/** `2 upgraded, 1 added`; `no package changed`. */
export function countChanges(changes: readonly PackageChange[]): string {
  const counts = order.map((kind) => [changes.filter(({ change }) => change === kind).length, kind] as const);
  const texts = counts.filter(([number]) => number > 0).map(([number, kind]) => `${number} ${kind}`);
  return texts.length === 0 ? 'no package changed' : texts.join(', ');
}

function packageRow(change: PackageChange): readonly string[] {
  const { name, from, to } = change;
  const bytes = (to?.installedSize ?? 0) - (from?.installedSize ?? 0);
  return [change.change, name, versionWords(change), formatSizeChange(bytes), placeWords(change)];
}

/** `8.14.1-2 -> 8.14.1-3`, or the one version that there is. */
export function versionWords({ from, to }: PackageChange): string {
  const versions = [from?.version, to?.version].filter((version) => version !== undefined);
  return [...new Set(versions)].join(' -> ');
}

export function placeWords({ change, from, to }: PackageChange): string {
  const places = (change === 'moved' ? [from, to] : [to ?? from]).map((side) =>
    [side?.archive, side?.suite].filter((part) => part !== undefined && part !== '').join('/'),
  );
  return [...new Set(places)].join(' -> ');
}

function words(requests: readonly string[]): string {
  return requests.length === 0 ? 'none' : withoutControls(requests.join(' and '));
}

function idWords(id: number | undefined, verb: 'was' | 'is'): string {
  return id === undefined ? `${verb} not there` : `${verb} ${id}`;
}
