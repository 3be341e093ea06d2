import type { Compared, Outcome } from './compare.ts';
import { irrelevantClasses } from './irrelevant.ts';
import type { SetResult } from './run.ts';

const outcomes: readonly Outcome[] = ['different', 'missing', 'extra'];

/** Per class: equal, different, missing, extra, and the share that is equal; then the sums. */
export function tableOf(results: readonly SetResult[]): readonly string[] {
  const names = new Set(
    results.flatMap(({ equal, differences }) => [...Object.keys(equal), ...differences.map((one) => one.class)]),
  );
  const rows = [...names].sort(byPackagedLast).map((name) => rowOf(name, results, (one) => one === name));
  return aligned([['class', 'equal', ...outcomes, '% equal'], ...rows, rowOf('generated, all', results, isGenerated)]);
}

/** Percent of the generated relevant paths and accounts that are equal. */
export function agreement(results: readonly SetResult[], fits: (kind: string) => boolean = isGenerated): number {
  const { equal, all } = counts(results, fits);
  return all === 0 ? 100 : (100 * equal) / all;
}

export function isGenerated(kind: string): boolean {
  return kind !== 'packaged';
}

/** `99.85 % of ... of 79 sets are equal; 68 sets throughout, the lowest has 95.2 % (NAME)`. */
export function summaryOf(results: readonly SetResult[]): string {
  const shares = results.map((result) => ({ set: result.set, share: agreement([result]) }));
  const whole = shares.filter(({ share }) => share === 100).length;
  const [lowest] = shares.toSorted((a, b) => a.share - b.share);
  const least = lowest === undefined ? '' : `, the lowest has ${lowest.share.toFixed(1)} % (${lowest.set})`;
  return `${agreement(results).toFixed(2)} % of the generated paths and accounts of ${results.length} sets are equal; ${whole} sets throughout${least}`;
}

/** Set-id bits that were not compared, and what no build tells of, by name. */
export function silentLines(results: readonly SetResult[]): readonly string[] {
  const masked = new Set(results.flatMap((one) => one.masked ?? []));
  const silent = grouped(results.flatMap(({ set, silent: paths = [] }) => paths.map((path) => [path, set] as const)));
  const unknown = results.filter((one) => one.silent === undefined && one.differences.length > 0).map(({ set }) => set);
  return [
    `set-user-ID and set-group-ID bits not compared: ${masked.size} paths (special-permissions: gives them)`,
    `silently wrong, missing or different and told by no report: ${silent.size} paths`,
    ...[...silent].map(([path, sets]) => `  ${path} (${setNames(sets)})`),
    ...(unknown.length === 0 ? [] : [`  not judged, compared before: ${setNames(unknown)}`]),
  ];
}

/** A line a set, worst first. */
export function setLines(results: readonly SetResult[]): readonly string[] {
  const rows = results
    .map((result) => ({ result, share: agreement([result]), ...counts([result], isGenerated) }))
    .sort((a, b) => a.share - b.share)
    .map(({ result, share, equal, all }) => [
      result.set,
      String(result.packages),
      `${equal} of ${all}`,
      share.toFixed(1),
      String(result.differences.filter((one) => !isGenerated(one.class)).length),
      result.unsteady === undefined ? 'one run' : String(result.unsteady.length),
      String(result.stops.length),
    ]);
  return aligned([['set', 'packages', 'generated equal', '%', 'packaged differing', 'unsteady', 'stops'], ...rows]);
}

/** Everything, as Markdown: each difference by name, with the sets that have it. */
export function reportOf(results: readonly SetResult[]): string {
  const parts = [
    `# Effects: mmdebstrap and slimimage over ${results.length} sets`,
    '```',
    ...tableOf(results),
    '```',
    summaryOf(results),
    '',
    '```',
    ...silentLines(results),
    '```',
    '',
    ...differenceLines(results),
    '## Sets',
    '```',
    ...setLines(results),
    '```',
    '## Irrelevant',
    ...irrelevantClasses.map(({ name, because }) => `- ${name}: ${irrelevantCount(results, name)} paths; ${because}`),
    '',
    '## Differ between two runs of mmdebstrap',
    ...[...new Set(results.flatMap(({ unsteady = [] }) => unsteady))].sort().map((path) => `- ${path}`),
    '',
    '## What stopped a build',
    ...results.flatMap(({ set, stops }) => stops.map((stop) => `- ${set}: ${stop}`)),
    '',
    '## What builds warned of',
    ...[...grouped(results.flatMap(({ set, warnings }) => warnings.map((text) => [text, set] as const)))].map(
      ([text, sets]) => `- ${text} (${setNames(sets)})`,
    ),
  ];
  return `${parts.join('\n')}\n`;
}

/** Every difference by name, with its sets, by classes. */
export function differenceLines(results: readonly SetResult[]): readonly string[] {
  const all = results.flatMap(({ set, differences }) => differences.map((one) => [one, set] as const));
  const names = [...new Set(all.map(([one]) => one.class))].sort(byPackagedLast);
  return names.flatMap((name) => {
    const lines = grouped(all.filter(([one]) => one.class === name).map(([one, set]) => [lineOf(one), set] as const));
    const sorted = [...lines].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
    return [`## ${name}`, ...sorted.map(([line, sets]) => `- ${line} (${setNames(sets)})`), ''];
  });
}

function lineOf({ outcome, path, detail }: Compared): string {
  return `${outcome}: ${path}: ${detail}`;
}

function grouped(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of pairs) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}

function setNames(sets: readonly string[]): string {
  return sets.length > 4 ? `${sets.length} sets: ${sets.slice(0, 3).join(', ')}, ...` : sets.join(', ');
}

function irrelevantCount(results: readonly SetResult[], name: string): number {
  return results.reduce((sum, { irrelevant }) => sum + (irrelevant[name] ?? 0), 0);
}

function rowOf(title: string, results: readonly SetResult[], fits: (kind: string) => boolean): readonly string[] {
  const { equal, by } = counts(results, fits);
  return [title, String(equal), ...by.map(String), agreement(results, fits).toFixed(2)];
}

function counts(results: readonly SetResult[], fits: (kind: string) => boolean) {
  const differences = results.flatMap((result) => result.differences).filter((one) => fits(one.class));
  const equal = results
    .flatMap((result) => Object.entries(result.equal))
    .reduce((sum, [kind, count]) => sum + (fits(kind) ? count : 0), 0);
  const by = outcomes.map((outcome) => differences.filter((one) => one.outcome === outcome).length);
  return { equal, by, all: equal + differences.length };
}

function byPackagedLast(a: string, b: string): number {
  const [x, y] = [isGenerated(a), isGenerated(b)];
  if (x !== y) return x ? -1 : 1;
  return a < b ? -1 : 1;
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  );
}
