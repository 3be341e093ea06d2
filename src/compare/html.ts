import { formatBytes, formatSizeChange } from '../util/format-bytes.ts';
import { countFiles, groupFiles } from './fold-files.ts';
import { htmlPage } from './html-page.ts';
import { htmlText } from './markup.ts';
import type { ComparedLayer, FileChange, ImageDifference } from './types.ts';
import {
  aspectsText,
  countPackages,
  historyTitle,
  imageText,
  layersText,
  otherPlatformsText,
  pathText,
  sameText,
  settingChange,
  settingText,
  sizesText,
  stepText,
  versionsText,
} from './words.ts';

/** Rows of files in one page, and of one list before the rest of it is folded. */
const most = { files: 20_000, unfolded: 300 };

/** A difference as one page of HTML that stands alone. Whatever is from the images is text. */
export function differenceHtml(difference: ImageDifference): string {
  const { from, to, same } = difference;
  const title = `${imageText(from)} → ${imageText(to)}`;
  const images = [from, to].map((image) => `<code>${htmlText(imageText(image))}</code>`).join(' → ');
  const body = same ? [sameLines(difference)] : [summary(difference), ...sections(difference)];
  return htmlPage(title, [`<h1>${images}</h1>\n`, ...body, findings(difference), problems(difference)].join(''));
}

function sameLines(difference: ImageDifference): string {
  return [...sameText(difference), ...otherPlatformsText(difference)]
    .map((text) => `<p>${htmlText(text)}</p>\n`)
    .join('');
}

function summary(difference: ImageDifference): string {
  const { from, to, size, layers, packages, files } = difference;
  const rows = [
    ['Images', `${from.digest ?? 'no digest'} → ${to.digest ?? 'no digest'}`],
    [
      'Platform',
      from.platform === to.platform ? (to.platform ?? 'none') : `${from.platform ?? 'none'} → ${to.platform ?? 'none'}`,
    ],
    ...otherPlatformsText(difference).map((text) => ['Other platforms', text]),
    ['Size', sizesText(size).join(', ')],
    ['Layers', layersText(layers)],
    ['Packages', countPackages(packages)],
    ['Files', countFiles(files.changes)],
  ];
  const lines = rows.map(([name = '', text = '']) => `<dt>${name}</dt><dd>${htmlText(text)}</dd>`);
  return `<dl>\n${lines.join('\n')}\n</dl>\n`;
}

function sections(difference: ImageDifference): readonly string[] {
  const { config, history, packages, layers } = difference;
  return [
    section(
      `Packages: ${countPackages(packages)}`,
      table(
        ['change', 'package', 'version', 'size'],
        packages.map((change) => [
          change.change,
          code(change.name),
          code(versionsText(change)),
          formatSizeChange((change.to?.bytes ?? 0) - (change.from?.bytes ?? 0)),
        ]),
      ),
      packages.length > 0,
    ),
    section(
      `Config: ${config.length} changed`,
      table(
        ['setting', 'change'],
        config.map((change) => [code(settingText(change)), code(settingChange(change))]),
      ),
      config.length > 0,
    ),
    section(
      historyTitle(history),
      table(
        ['change', 'step', 'command'],
        [
          ...history.removed.map((step) => ['removed', String(step.step), code(stepText(step, history))]),
          ...history.added.map((step) => ['added', String(step.step), code(stepText(step, history))]),
        ],
      ),
      history.removed.length + history.added.length > 0,
    ),
    fileSections(difference),
    section(
      `Layers: ${layers.from.length} before, ${layers.to.length} after, ${layers.shared.count} shared`,
      `<h3>Before</h3>\n${layerTable(layers.from)}<h3>After</h3>\n${layerTable(layers.to)}`,
      true,
      false,
    ),
  ];
}

function code(text: string): string {
  return text === '' ? '' : `<code>${htmlText(text)}</code>`;
}

/** @param body of HTML */
function section(title: string, body: string, isThere: boolean, open = true): string {
  return isThere ? `<details${open ? ' open' : ''}><summary>${htmlText(title)}</summary>\n${body}</details>\n` : '';
}

/** @param rows cells of HTML, the first of them the kind of change, by which rows are filtered */
function table(head: readonly string[], rows: readonly (readonly string[])[], name = 'list'): string {
  const heads = head.map((name) => `<th scope="col">${htmlText(name)}</th>`).join('');
  const lines = rows.map((cells) => {
    const [kind = ''] = cells;
    const ofKind = /^[a-z]+$/.test(kind) ? ` class="${kind}"` : '';
    return `<tr${ofKind}>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>\n`;
  });
  return `<table class="${name}"><thead><tr>${heads}</tr></thead><tbody>\n${lines.join('')}</tbody></table>\n`;
}

const kinds = ['changed', 'added', 'removed', 'moved'] as const;

/** What nobody upgraded first; then each package's, folded. */
function fileSections({ files, packages }: ImageDifference): string {
  if (files.changes.length === 0 && files.timesOnly === 0) return '';
  const { unexplained, explained } = groupFiles(files.changes);
  const title = packages.length === 0 ? 'Files' : 'Files that no change of a package explains';
  const boxes = kinds.map((kind) => `<label><input type="checkbox" id="${kind}" checked> ${kind}</label>`).join(' ');
  let room = most.files;
  const take = (changes: readonly FileChange[]) => {
    const taken = changes.slice(0, room);
    room -= taken.length;
    return taken;
  };
  const first = take(unexplained);
  const theirs = [...explained].map(([name, changes]) => {
    const taken = take(changes);
    return taken.length === 0 ? '' : section(`${name}: ${countFiles(changes)}`, fileTable(taken), true, false);
  });
  const left = files.changes.length - (most.files - room);
  const all = [...explained.values()].flat();
  return [
    `<p class="filter">Show files that are ${boxes}</p>\n`,
    section(`${title}: ${countFiles(unexplained)}`, foldedTable(first), unexplained.length > 0),
    section(`Files of changed packages: ${countFiles(all)}`, theirs.join(''), all.length > 0, false),
    left > 0 ? `<p>${left} more files are left out here; --format json has all of them.</p>\n` : '',
    files.timesOnly > 0 ? `<p>Paths that differ in time alone: ${files.timesOnly}.</p>\n` : '',
  ].join('');
}

function foldedTable(changes: readonly FileChange[]): string {
  const rest = changes.slice(most.unfolded);
  const more =
    rest.length === 0 ? '' : section(`${rest.length} more: ${countFiles(rest)}`, fileTable(rest), true, false);
  return `${fileTable(changes.slice(0, most.unfolded))}${more}`;
}

function fileTable(changes: readonly FileChange[]): string {
  return table(
    ['change', 'path', 'what', 'of package'],
    changes.map((change) => [
      change.change,
      code(pathText(change)),
      htmlText(aspectsText(change)),
      htmlText(change.packages.join(', ')),
    ]),
    'files',
  );
}

function layerTable(layers: readonly ComparedLayer[]): string {
  return table(
    ['', 'layer', 'size', 'command'],
    layers.map(({ shared, diffId, size, createdBy }, index) => [
      shared ? 'shared' : 'own',
      `${index + 1} ${code(diffId)}`,
      formatBytes(size),
      code((createdBy ?? '').slice(0, 500)),
    ]),
  );
}

function findings({ findings: found }: ImageDifference): string {
  if (found === undefined) return '';
  const { gained, lost } = found;
  const row = (what: string) => (finding: (typeof gained)[number]) => [
    what,
    finding.level,
    code(finding.rule),
    htmlText(finding.message),
  ];
  return section(
    `Audit: ${gained.length} gained, ${lost.length} lost`,
    table(['', 'level', 'rule', 'finding'], [...gained.map(row('gained')), ...lost.map(row('lost'))]),
    gained.length + lost.length > 0,
  );
}

function problems({ problems: texts }: ImageDifference): string {
  return texts.map((text) => `<p class="problem">${htmlText(text)}</p>\n`).join('');
}
