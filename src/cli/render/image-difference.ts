import {
  bytesOf,
  countFiles,
  countPackages,
  type FileChange,
  foldedTexts,
  foldFiles,
  groupFiles,
  type HistoryStep,
  type ImageDifference,
  type ImagePackageChange,
  imageText,
  layersText,
  otherPlatformsText,
  sameText,
  settingChange,
  settingText,
  sizesText,
  stepText,
  versionsText,
} from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import { formatSizeChange } from './size-change.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { count } from './units.ts';

export interface DifferenceTextOptions {
  readonly style: Style;
  /** Every file, and every package's. */
  readonly all: boolean;
}

/** Lines of a list without --all. */
const shown = 40;

/** What one image has otherwise than another, for people: what matters first. */
export function renderImageDifference(difference: ImageDifference, options: DifferenceTextOptions): string {
  const { style } = options;
  const { from, to, same, problems, findings } = difference;
  const head = style.strong(line(`${imageText(from)} -> ${imageText(to)}`));
  const others = otherPlatformsText(difference).map(line);
  const warnings = problems.map((problem) => style.warning(line(`warning: ${problem}`)));
  const found = findings === undefined ? [] : findingLines(findings, options);
  if (same) return [head, ...others, ...sameText(difference).map(line), ...found, ...warnings].join('\n');
  return [
    head,
    ...others,
    ...section('size', sizesText(difference.size), style),
    ...section('layers', [layersText(difference.layers)], style),
    ...platformLines(difference, style),
    ...configLines(difference, style),
    ...section('history', historyLines(difference.history), style),
    ...packageLines(difference.packages, style),
    ...fileLines(difference, options),
    ...found,
    ...warnings,
  ].join('\n');
}

/** Names come from images: they may hold what a terminal would obey, or pretend to be another line. */
function line(text: string): string {
  return withoutControls(text).replace(/[\t\n]/g, '\u{fffd}');
}

function section(title: string, lines: readonly string[], style: Style): readonly string[] {
  const [first] = lines;
  if (first === undefined) return [];
  const rest = lines.map((text) => `  ${line(text)}`);
  return [style.strong(title), ...rest];
}

function platformLines({ from, to }: ImageDifference, style: Style): readonly string[] {
  if (from.platform === to.platform) return [];
  return section('platform', [`${from.platform ?? 'none'} -> ${to.platform ?? 'none'}`], style);
}

function configLines({ config }: ImageDifference, style: Style): readonly string[] {
  return section(
    'config',
    config.map((change) => `${settingText(change)}: ${settingChange(change)}`),
    style,
  );
}

function historyLines(history: ImageDifference['history']): readonly string[] {
  const { removed, added } = history;
  const text = (sign: string) => (step: HistoryStep) =>
    `${sign} ${step.step}: ${stepText(step, history).slice(0, 300)}`;
  return [...removed.map(text('-')), ...added.map(text('+'))];
}

function packageLines(packages: readonly ImagePackageChange[], style: Style): readonly string[] {
  const rows = packages.map((change) => {
    const bytes = (change.to?.bytes ?? 0) - (change.from?.bytes ?? 0);
    return [change.change, line(change.name), line(versionsText(change)), formatSizeChange(bytes)];
  });
  return rows.length === 0 ? [] : [...section(`packages: ${countPackages(packages)}`, renderTable(rows, [3]), style)];
}

function fileLines({ files, packages }: ImageDifference, options: DifferenceTextOptions): readonly string[] {
  const { style, all } = options;
  const { unexplained, explained } = groupFiles(files.changes);
  const title = packages.length === 0 ? 'files' : 'files that no change of a package explains';
  const theirs = [...explained].flatMap(([name, changes]) =>
    all ? section(`files of ${line(name)}: ${countFiles(changes)}`, changeLines(changes, options), style) : [],
  );
  const summary = [...explained.values()].flat();
  return [
    ...(unexplained.length === 0
      ? []
      : section(`${title}: ${countFiles(unexplained)}`, changeLines(unexplained, options), style)),
    ...theirs,
    ...(all || summary.length === 0
      ? []
      : [`${style.strong('files of changed packages:')} ${countFiles(summary)} (--all lists them)`]),
    ...(files.timesOnly === 0 || files.changes.some(({ aspects }) => aspects.includes('time'))
      ? []
      : [
          `${count(files.timesOnly, 'path')} ${files.timesOnly === 1 ? 'differs' : 'differ'} in time alone (--times lists them)`,
        ]),
  ];
}

/** A line a change; folders that came or went as a whole in one, unless all is wanted. */
function changeLines(changes: readonly FileChange[], { all }: DifferenceTextOptions): readonly string[] {
  const lines = all ? changes.map((change) => ({ change, inside: 0, bytes: bytesOf(change) })) : foldFiles(changes);
  const most = all ? lines.length : shown;
  const rows = lines.slice(0, most).map((folded) => {
    const { change, packages } = folded.change;
    const owners = packages.length === 0 ? '' : `of ${packages.join(', ')}`;
    return [change, ...[...foldedTexts(folded), owners].map(line)];
  });
  const rest = lines.length - most;
  return [...renderTable(rows), ...(rest > 0 ? [`${count(rest, 'more line')} (--all lists them)`] : [])];
}

function findingLines(
  { gained, lost }: NonNullable<ImageDifference['findings']>,
  { style, all }: DifferenceTextOptions,
): readonly string[] {
  if (gained.length === 0 && lost.length === 0) return [];
  const rows = [
    ...gained.map((finding) => ['gained', finding.level, finding.rule, line(finding.message)]),
    ...lost.map((finding) => ['lost', finding.level, finding.rule, line(finding.message)]),
  ];
  const most = all ? rows.length : shown;
  const rest = rows.length - most;
  return section(
    `audit: ${gained.length} gained, ${lost.length} lost`,
    [...renderTable(rows.slice(0, most)), ...(rest > 0 ? [`${count(rest, 'more finding')} (--all lists them)`] : [])],
    style,
  );
}
