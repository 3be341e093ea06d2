import type { Inspection, LimitResult } from '../../index.ts';
import { renderLayers } from './inspect-layers.ts';
import { renderIdentity, renderSettings, renderStart } from './inspect-settings.ts';
import { renderSummary } from './inspect-summary.ts';
import { oneLine, printable, shortened } from './inspect-text.ts';
import {
  firstLines,
  indented,
  renderBiggest,
  renderDive,
  renderDuplicates,
  renderOwned,
  renderWaste,
} from './inspect-weight.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { count, formatBytes } from './units.ts';

/** All that is known of an image, section by section; those of which there is nothing to say are left out. */
export function renderInspection(
  inspection: Inspection,
  { style, verbose }: { readonly style: Style; readonly verbose: boolean },
): string {
  const { image, platform, entrypoint, limits, contents } = inspection;
  const top = contents.biggestFiles.length;
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['', renderIdentity(inspection)],
    ['In short', renderSummary(inspection)],
    ['Config', renderSettings(inspection, { verbose })],
    ['What it starts', entrypoint === undefined ? [] : renderStart(entrypoint)],
    ['Layers', renderLayers(inspection, { verbose })],
    ['Packages', renderOwned(inspection, top)],
    ['Users', renderUsers(inspection, { verbose })],
    ['What is big', renderBiggest(inspection)],
    ['Duplicates', renderDuplicates(inspection)],
    ['Waste', renderWaste(inspection)],
    ["dive's figures", renderDive(inspection)],
    ['Dockerfile', renderDockerfile(inspection, { verbose })],
    ['Limits', limits.map((limit) => limitLine(limit, style))],
  ];
  return [
    style.strong(`${oneLine(image)}${platform === undefined ? '' : ` (${oneLine(platform)})`}`),
    ...sections.flatMap(([title, lines]) =>
      lines.length === 0 ? [] : [...(title === '' ? [] : ['', style.strong(title)]), ...indented(lines)],
    ),
  ].join('\n');
}

/** Lines of the Dockerfile, and columns of each, that are shown among all the rest. */
const mostLines = 40;
const widest = 160;

function renderDockerfile({ dockerfile }: Inspection, { verbose }: { readonly verbose: boolean }): readonly string[] {
  const lines = dockerfile === undefined ? [] : printable(dockerfile.text).trimEnd().split('\n');
  if (verbose) return lines;
  const rest = lines.length - mostLines;
  const shown = lines.slice(0, mostLines).map((line) => shortened(line, widest));
  return rest <= 0 ? shown : [...shown, `... ${count(rest, 'more line')} (--dockerfile prints all of it)`];
}

function renderUsers({ users }: Inspection, { verbose }: { readonly verbose: boolean }): readonly string[] {
  const { accounts, strangers } = users;
  const shown = verbose ? accounts : accounts.filter(({ uid, paths }) => uid === 0 || uid >= 1000 || paths > 0);
  const rows = shown.map(({ name, uid, gid, group, home, shell, paths }) => [
    oneLine(name),
    `${uid}:${gid}`,
    oneLine(group ?? ''),
    oneLine(home),
    oneLine(shell),
    paths === 0 ? '' : count(paths, 'path'),
  ]);
  const rest = accounts.length - shown.length;
  const others = strangers.count - strangers.most.length;
  return [
    ...firstLines(renderTable(rows), verbose ? Number.POSITIVE_INFINITY : 30),
    ...(rest === 0 ? [] : [`${count(rest, 'more account')} without a file (--verbose lists them)`]),
    ...strangers.most.map(
      ({ type, id, paths, example }) =>
        `${type} ${id} owns ${count(paths, 'path')} and has no account: ${oneLine(example)}`,
    ),
    ...(others === 0 ? [] : [`${others} more without an account own something (--top lists more)`]),
  ];
}

function limitLine({ limit, actual, unit, failed }: LimitResult, style: Style): string {
  const verdict = failed ? style.error('failed') : style.good('passed');
  return `${verdict} ${oneLine(limit)}: ${actual === undefined ? 'this form of image does not say' : figure(actual, unit)}`;
}

function figure(value: number, unit: LimitResult['unit']): string {
  if (unit === 'bytes') return formatBytes(value);
  return unit === 'share' ? value.toFixed(4) : String(value);
}
