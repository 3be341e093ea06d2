import type { Inspection } from '../../index.ts';
import { oneLine, percent } from './inspect-text.ts';
import { count, formatBytes } from './units.ts';

/** What one would look for in all that follows: who it runs as, what is over, what is lost, what nobody vouches for. */
export function renderSummary(inspection: Inspection): readonly string[] {
  return [
    ...userLine(inspection),
    ...startLines(inspection),
    ...supportLine(inspection),
    ...weightLines(inspection),
    ...packageLines(inspection),
  ];
}

function userLine({ settings, users: { runsAs } }: Inspection): readonly string[] {
  if (settings === undefined) return [];
  if (runsAs === undefined) return [`it can't start: the image has no account ${oneLine(settings.user)}`];
  const name = runsAs.name === undefined ? `uid ${runsAs.uid}` : `${oneLine(runsAs.name)} (uid ${runsAs.uid})`;
  return [runsAs.uid === 0 ? 'runs as root' : `runs as ${name}`];
}

function startLines({ entrypoint }: Inspection): readonly string[] {
  return (
    (entrypoint?.programs ?? [])
      // Words of a shell's command may be its own.
      .filter(({ role, file }) => role !== 'argument' && file?.executable !== true)
      .slice(0, 3)
      .map(({ name, file }) => `${oneLine(name)} ${file === undefined ? 'is not there' : 'is not executable'}`)
  );
}

function supportLine({ distribution }: Inspection): readonly string[] {
  const { support } = distribution ?? {};
  if (support === undefined || support.status === 'supported') return [];
  const { release, status, until, extended } = support;
  if (status === 'ended') return [`support of ${release} ended ${extended?.until ?? until}`];
  return [
    `support of ${release} ended ${until}; ${extended?.by ?? 'extended support'} goes on until ${extended?.until}`,
  ];
}

function weightLines({ waste, contents }: Inspection): readonly string[] {
  const { duplicates } = contents;
  const carried = waste.bytes + contents.bytes;
  return [
    ...(waste.bytes === 0
      ? []
      : [
          `waste: ${formatBytes(waste.bytes)} that no path shows any more, ${percent(waste.bytes, carried)} of what the layers carry`,
        ]),
    ...(duplicates.bytes === 0
      ? []
      : [`duplicates: ${formatBytes(duplicates.bytes)}, ${percent(duplicates.bytes, contents.bytes)} of the image`]),
  ];
}

function packageLines({ packages, contents }: Inspection): readonly string[] {
  const { unowned, problems, count: packaged } = packages;
  if (packaged === 0) return ['no package database: nothing vouches for its files'];
  const missing = packages.packages.reduce((sum, one) => sum + one.missing, 0);
  return [
    `of no package: ${formatBytes(unowned.bytes)} in ${count(unowned.files, 'file')}, ${percent(unowned.bytes, contents.bytes)} of the image`,
    ...(missing === 0 ? [] : [`missing: ${count(missing, 'file')} of packages`]),
    ...(problems.length === 0 ? [] : [`damaged: ${count(problems.length, 'line')} about the package database below`]),
  ];
}
