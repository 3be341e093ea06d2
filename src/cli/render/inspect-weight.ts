import type { Inspection } from '../../index.ts';
import { packageTable } from './inspect-packages.ts';
import { oneLine, percent } from './inspect-text.ts';
import { renderTable } from './table.ts';
import { count, formatBytes } from './units.ts';

/** What belongs to packages and what to none. */
export function renderOwned({ packages, contents }: Inspection, top: number): readonly string[] {
  const { unowned } = packages;
  const owned = `${formatBytes(packages.bytes)} in ${count(packages.files, 'file')}`;
  const missing = packages.packages.reduce((sum, one) => sum + one.missing, 0);
  const most = packages.packages.slice(0, top);
  const rest =
    packages.count > most.length && most.length > 0
      ? [`${packages.count - most.length} more (--packages lists them)`]
      : [];
  return [
    packages.count === 0 ? 'no package database' : `${count(packages.count, 'package')}: ${owned}`,
    ...indented([...packageTable(most), ...rest]),
    ...(missing === 0 ? [] : [`${count(missing, 'file')} that packages list and the image has not`]),
    ...(packages.problems.length === 0 ? [] : packages.problems.map((problem) => `warning: ${oneLine(problem)}`)),
    `of no package: ${formatBytes(unowned.bytes)} in ${count(unowned.files, 'file')}, ${percent(unowned.bytes, contents.bytes)} of the image`,
    ...indented(
      renderTable(
        unowned.folders.map(({ path, files, bytes }) => [formatBytes(bytes), count(files, 'file'), oneLine(path)]),
        [0, 1],
      ),
    ),
  ];
}

export function renderBiggest({ contents }: Inspection): readonly string[] {
  return [
    ...section(
      'biggest files',
      contents.biggestFiles.map(({ path, bytes, layer }) => [formatBytes(bytes), `layer ${layer}`, oneLine(path)]),
    ),
    ...section(
      'biggest folders',
      contents.biggestFolders.map(({ path, bytes, files }) => [
        formatBytes(bytes),
        count(files, 'file'),
        oneLine(path),
      ]),
    ),
  ];
}

export function renderDuplicates({ contents: { duplicates } }: Inspection): readonly string[] {
  if (duplicates.contents === 0) return [];
  return [
    `${count(duplicates.contents, 'content')} more than once: ${formatBytes(duplicates.bytes)} that one copy of each would save`,
    ...indented(
      renderTable(
        duplicates.biggest.map(({ wasted, copies, paths }) => [
          formatBytes(wasted),
          `${copies} x`,
          paths.slice(0, 3).map(oneLine).join(', '),
        ]),
        [0, 1],
      ),
    ),
  ];
}

/** Exact: each byte with who wrote it and who took it away. */
export function renderWaste({ waste, contents, layers }: Inspection): readonly string[] {
  if (waste.bytes === 0) return [`nothing: every byte of every layer is a file of the image`];
  const title = (number: number) => {
    const command = layers[number - 1]?.command;
    return command === undefined ? '' : `: ${oneLine(command).slice(0, 40)}`;
  };
  const pairs = waste.pairs.map(({ bytes, files, writtenBy, lostBy }) => [
    formatBytes(bytes),
    count(files, 'file'),
    `written by layer ${writtenBy}`,
    lostBy === writtenBy ? 'twice in its own tar' : `gone with layer ${lostBy}${title(lostBy)}`,
  ]);
  return [
    `${formatBytes(waste.bytes)} in ${count(waste.files, 'file')}, ${percent(waste.bytes, waste.bytes + contents.bytes)} of what the layers carry`,
    ...indented(firstLines(renderTable(pairs, [0, 1]), 20)),
    ...indented(
      renderTable(
        waste.biggest.map(({ path, bytes, writtenBy, lostBy }) => [
          formatBytes(bytes),
          `${writtenBy} -> ${lostBy}`,
          oneLine(path),
        ]),
        [0],
      ),
    ),
  ];
}

export function renderDive({ dive }: Inspection): readonly string[] {
  if (dive === undefined) return [];
  const { efficiency, wastedBytes, userWastedPercent, inefficiencies } = dive;
  const share =
    userWastedPercent === undefined
      ? 'no layer of the user'
      : `${(userWastedPercent * 100).toFixed(2)} % of the user's bytes`;
  return [
    `efficiency ${(efficiency * 100).toFixed(4)} %, ${formatBytes(wastedBytes)} (${wastedBytes} bytes) wasted, ${share}`,
    ...indented(
      renderTable(
        inefficiencies.map((one) => [formatBytes(one.cumulativeSize), `${one.count} x`, oneLine(one.path)]),
        [0, 1],
      ),
    ),
  ];
}

function section(title: string, rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : [title, ...indented(renderTable(rows, [0, 1]))];
}

/** A made-up image may have any number of them. */
export function firstLines(lines: readonly string[], most: number): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most), `${lines.length - most} more`];
}

export function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
