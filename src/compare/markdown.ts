import type { LockDifference } from '../lock/compare-locks.ts';
import { formatSizeChange } from '../util/format-bytes.ts';
import { countFiles, foldFiles, groupFiles } from './fold-files.ts';
import { codeSpan } from './markup.ts';
import type { FileChange, ImageDifference } from './types.ts';
import {
  countPackages,
  foldedTexts,
  historyTitle,
  imageText,
  layersText,
  otherPlatformsText,
  sameText,
  settingChange,
  settingText,
  sizesText,
  stepText,
  versionsText,
} from './words.ts';

/** Lines of each list: a comment of a pull request holds 65,536 characters. */
const most = { packages: 80, files: 60, config: 40, history: 20, findings: 40, problems: 10 };

/**
 * A difference as Markdown for a pull request (GitHub's and GitLab's): what matters in sight, the rest folded. Whatever is from the
 * images stands in code spans, where it can do nothing.
 */
export function differenceMarkdown(difference: ImageDifference): string {
  const { from, to, same, config, history, packages, findings, problems } = difference;
  const title = `### ${codeSpan(imageText(from))} → ${codeSpan(imageText(to))}`;
  const found =
    findings === undefined || findings.gained.length + findings.lost.length === 0
      ? []
      : section(`Audit: ${findings.gained.length} gained, ${findings.lost.length} lost`, findingTable(findings), {
          open: findings.gained.length > 0,
        });
  const trouble = list(
    problems.map((problem) => codeSpan(problem)),
    most.problems,
  );
  if (same)
    return document([
      title,
      ...sameText(difference).map((text) => codeFree(text)),
      ...otherPlatformsText(difference).map(codeSpan),
      ...found,
      ...trouble,
    ]);
  return document([
    title,
    list([
      `**Size**: ${sizesText(difference.size).join(', ')}`,
      `**Layers**: ${layersText(difference.layers)}`,
      ...(from.platform === to.platform
        ? []
        : [`**Platform**: ${codeSpan(from.platform ?? 'none')} → ${codeSpan(to.platform ?? 'none')}`]),
      ...otherPlatformsText(difference).map((text) => `**Other platforms**: ${codeSpan(text)}`),
      `**Packages**: ${countPackages(packages)}`,
      `**Files**: ${countFiles(difference.files.changes)}`,
    ]).join('\n'),
    ...section(`Packages: ${countPackages(packages)}`, packageTable(packages), { open: packages.length <= 20 }),
    ...section(
      `Config: ${config.length} changed`,
      table(
        ['setting', 'change'],
        config.map((change) => [codeSpan(settingText(change)), codeSpan(settingChange(change))]),
        most.config,
      ),
      { open: config.length > 0 && config.length <= 20 },
    ),
    ...section(
      historyTitle(history),
      list(
        [
          ...history.removed.map((step) => `removed ${step.step}: ${codeSpan(stepText(step, history))}`),
          ...history.added.map((step) => `added ${step.step}: ${codeSpan(stepText(step, history))}`),
        ],
        most.history,
      ),
      { open: false },
    ),
    ...fileSections(difference),
    ...found,
    ...trouble,
  ]);
}

/** The same of two locks. */
export function lockDifferenceMarkdown({ same, inputs, releases, platforms }: LockDifference): string {
  if (same) return document(['No difference.']);
  return document([
    ...section('Configuration', list(inputs.map(codeSpan), most.config), { open: true }),
    ...section(
      'Archives',
      table(
        ['suite', 'before', 'after'],
        releases.map(({ archive, suite, from, to }) =>
          [`${archive}/${suite}`, from.join(', '), to.join(', ')].map(codeSpan),
        ),
        most.config,
      ),
      { open: false },
    ),
    ...platforms.flatMap(({ platform, packages, installedSize }) => {
      const rows = packages.map(({ name, change, from, to }) => [
        change,
        codeSpan(name),
        codeSpan([...new Set([from?.version, to?.version].filter((one) => one !== undefined))].join(' → ')),
        formatSizeChange((to?.installedSize ?? 0) - (from?.installedSize ?? 0)),
      ]);
      const title = `Packages of ${platform.replace(/[^a-z0-9/._-]/gi, '?')}: ${packages.length} changed, ${formatSizeChange(installedSize.to - installedSize.from)}`;
      return section(title, table(['change', 'package', 'version', 'size'], rows, most.packages), { open: true });
    }),
  ]);
}

function document(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

/** A sentence of ours that may hold a digest. */
function codeFree(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** @param title of our own words: it stands in HTML */
function section(title: string, lines: readonly string[], { open }: { readonly open: boolean }): readonly string[] {
  if (lines.length === 0) return [];
  // Behind the blank line Markdown counts again.
  return [`<details${open ? ' open' : ''}><summary>${title}</summary>`, lines.join('\n'), '</details>'];
}

function list(items: readonly string[], limit: number = items.length): readonly string[] {
  const rest = items.length - limit;
  return [...items.slice(0, limit).map((item) => `- ${item}`), ...(rest > 0 ? [`- and ${rest} more`] : [])];
}

function table(head: readonly string[], rows: readonly (readonly string[])[], limit: number): readonly string[] {
  if (rows.length === 0) return [];
  // GFM 4.10: in tables a bar ends the cell, even in a code span.
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rest = rows.length - limit;
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.slice(0, limit).map(line),
    ...(rest > 0 ? ['', `and ${rest} more`] : []),
  ];
}

function packageTable(packages: ImageDifference['packages']): readonly string[] {
  const rows = packages.map((change) => [
    change.change,
    codeSpan(change.name),
    codeSpan(versionsText(change)),
    formatSizeChange((change.to?.bytes ?? 0) - (change.from?.bytes ?? 0)),
  ]);
  return table(['change', 'package', 'version', 'size'], rows, most.packages);
}

function findingTable({ gained, lost }: NonNullable<ImageDifference['findings']>): readonly string[] {
  const rows = [
    ...gained.map((finding) => ['gained', finding] as const),
    ...lost.map((finding) => ['lost', finding] as const),
  ];
  return table(
    ['', 'level', 'rule', 'finding'],
    rows.map(([what, { level, rule, message }]) => [what, level, codeSpan(rule), codeSpan(message)]),
    most.findings,
  );
}

function fileSections({ files, packages }: ImageDifference): readonly string[] {
  const { unexplained, explained } = groupFiles(files.changes);
  const theirs = [...explained].map(([name, changes]) => `${codeSpan(name)}: ${countFiles(changes)}`);
  const title = packages.length === 0 ? 'Files' : 'Files that no change of a package explains';
  return [
    ...section(`${title}: ${countFiles(unexplained)}`, fileTable(unexplained), { open: unexplained.length <= 40 }),
    ...section(
      `Files of ${explained.size} changed packages: ${countFiles([...explained.values()].flat())}`,
      list(theirs, most.packages),
      {
        open: false,
      },
    ),
  ];
}

function fileTable(changes: readonly FileChange[]): readonly string[] {
  const rows = foldFiles(changes).map((folded) => {
    const { change, packages } = folded.change;
    return [change, ...foldedTexts(folded).map(codeSpan), packages.map(codeSpan).join(', ')];
  });
  return table(['change', 'path', 'what', 'of package'], rows, most.files);
}
