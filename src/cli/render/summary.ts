import type { BuildResult, BuiltPackage, BuiltPaper, MergeNote, PlatformResult, WrittenOutput } from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import { scriptLines } from './scripts.ts';
import { renderSent } from './sent.ts';
import { signedName } from './signed-names.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { count, formatBytes, formatDuration } from './units.ts';

/** Packages, left-out groups and stripped files that are shown of each without --verbose. */
const shown = 12;

export interface SummaryOptions {
  readonly verbose: boolean;
  readonly style: Style;
}

/** What a person wants to know of a build: what went in, what it weighs, what was left out. */
export function renderSummary(result: BuildResult, options: SummaryOptions): string {
  const { style } = options;
  const lines = result.platforms.flatMap((platform) => [...renderPlatform(platform, options), '']);
  const about = [
    ...(result.papers.length > 0 ? [paperLine(result.papers)] : []),
    ...(result.signatures.length > 0 ? [signedLine(result.signatures)] : []),
  ];
  if (about.length > 0) lines.push(...about, '');
  for (const { target, bytes, note, sent } of result.outputs) {
    const size = bytes === undefined ? '' : ` (${formatBytes(bytes)})`;
    const notes = [...(sent === undefined ? [] : [sentText(sent)]), ...(note === undefined ? [] : [note])];
    const verb = sent === undefined ? 'written' : 'pushed';
    lines.push(`${style.good(verb)} ${target}${size}${notes.length === 0 ? '' : `: ${notes.join('; ')}`}`);
  }
  for (const { message, hint } of result.warnings) {
    lines.push(
      `${style.warning('warning:')} ${withoutControls(message)}${hint === undefined ? '' : `\n  ${withoutControls(hint)}`}`,
    );
  }
  const milliseconds = result.timings.reduce((sum, timing) => sum + timing.milliseconds, 0);
  if (milliseconds > 0) lines.push(style.faint(`done in ${formatDuration(milliseconds)}${phases(result, options)}`));
  return lines.join('\n');
}

function renderPlatform(platform: PlatformResult, options: SummaryOptions): readonly string[] {
  const { style } = options;
  const { packages, layers, files } = platform;
  const size = sum(layers.map((layer) => layer.size));
  const compressed = sum(layers.map((layer) => layer.compressedSize));
  const what = [
    ...(packages.length > 0 ? [count(packages.length, 'package')] : []),
    ...(files.count > 0 ? [`${count(files.count, 'file')} of your own (${formatBytes(files.bytes)})`] : []),
  ];
  return [
    `${style.strong(platform.platform)}  ${[...what, `${formatBytes(size)}, ${formatBytes(compressed)} compressed`].join(', ')}`,
    ...indent(packageLines(packages, options)),
    ...indent(layerLines(platform, options)),
    ...indent(cutLines(platform, options)),
    ...indent(scriptLines(platform, options)),
    ...indent(bytecodeLines(platform, options)),
    ...indent(omittedLines(platform, options)),
    ...indent(strippedLines(platform, options)),
    ...indent(noteLines(platform, options)),
  ];
}

function packageLines(packages: readonly BuiltPackage[], { verbose, style }: SummaryOptions): readonly string[] {
  const bySize = packages.toSorted((a, b) => b.installedBytes - a.installedBytes);
  const top = verbose || bySize.length <= shown + 3 ? bySize : bySize.slice(0, shown);
  const rest = bySize.slice(top.length);
  const rows = top.map(({ name, version, installedBytes, requested }) => [
    formatBytes(installedBytes),
    requested ? style.strong(name) : name,
    version,
  ]);
  if (rest.length > 0) {
    const bytes = formatBytes(sum(rest.map(({ installedBytes }) => installedBytes)));
    rows.push([bytes, style.faint(`${rest.length} more (--verbose lists them)`)]);
  }
  return renderTable(rows, [0]);
}

function layerLines({ layers }: PlatformResult, options: SummaryOptions): readonly string[] {
  return layers.map(({ digest, size, compressedSize, what }) => {
    const short = digest.slice(0, 'sha256:'.length + 12);
    const holds = what === undefined ? ', of the image below' : `: ${contentsText(what, options)}`;
    return `layer ${short}  ${formatBytes(size)}, ${formatBytes(compressedSize)} compressed${holds}`;
  });
}

/** Packages that are named of each layer. */
const named = 4;

function contentsText(
  { packages, files }: NonNullable<PlatformResult['layers'][number]['what']>,
  { verbose }: SummaryOptions,
): string {
  const top = verbose || packages.length <= named + 1 ? packages : packages.slice(0, named);
  const more = packages.length - top.length;
  const texts = [
    ...top,
    ...(more > 0 ? [`${more} more packages`] : []),
    ...(packages.length === 0 && files.generated > 0 ? [count(files.generated, 'generated file')] : []),
    ...(files.own > 0 ? [`${count(files.own, 'file')} of your own`] : []),
  ];
  return texts.length === 0 ? 'folders alone' : texts.join(', ');
}

function omittedLines({ omitted, leftOut }: PlatformResult, { verbose }: SummaryOptions): readonly string[] {
  const groups = verbose ? omitted : omitted.slice(0, shown);
  const texts = groups.map(
    ({ reason, count: number, bytes }) => `${withoutControls(reason)} ${formatBytes(bytes)} (${number})`,
  );
  const paths = (verbose ? leftOut : leftOut.slice(0, shown)).map((path) => withoutControls(path));
  const more = leftOut.length > paths.length ? [`${leftOut.length - paths.length} more`] : [];
  return [
    ...(texts.length === 0 ? [] : [`left out: ${texts.join(', ')}`]),
    ...(paths.length === 0 ? [] : [`left out: ${[...paths, ...more].join(', ')} (ignore: ["!.git"] copies it)`]),
  ];
}

function bytecodeLines({ bytecode }: PlatformResult, { verbose }: SummaryOptions): readonly string[] {
  if (bytecode === undefined) return [];
  const { compiler, python, modules, failed } = bytecode;
  const title = `byte code: ${count(modules, 'Python module')}, by ${compiler}`;
  if (failed.length === 0) return [title];
  const paths = verbose ? `: ${failed.map(withoutControls).join(', ')}` : '';
  return [`${title}; ${failed.length} left out that are no Python ${python}${paths}`];
}

/** Names of cut packages that are shown without --verbose. */
const namedCuts = 8;

function cutLines({ pruning: { cuts, kept } }: PlatformResult, { verbose }: SummaryOptions): readonly string[] {
  if (cuts.length === 0 && kept.length === 0) return [];
  const bytes = formatBytes(sum(cuts.map((cut) => cut.bytes)));
  const proven = cuts.filter(({ grade }) => grade === 'proven').length;
  const grades = `${proven} proven, ${cuts.length - proven} without evidence of use${kept.length === 0 ? '' : `, ${kept.length} kept`}`;
  const title = `cut: ${count(cuts.length, 'package')} that only installation needs, ${bytes} (${grades})`;
  if (!verbose) {
    const names = cuts.slice(0, namedCuts).map((cut) => cut.package);
    const more = cuts.length > names.length ? [`${cuts.length - names.length} more`] : [];
    return [names.length === 0 ? title : `${title}: ${[...names, ...more].join(', ')}`];
  }
  const rows = cuts.map((cut) => [
    formatBytes(cut.bytes),
    cut.package,
    cut.version,
    cut.grade,
    withoutControls(cut.because),
  ]);
  const stays = kept.map(({ package: name, evidence: { type, because } }) =>
    type === 'kept'
      ? `not proven, so not cut: ${name} (${withoutControls(because)})`
      : `not cut: ${name}, because ${withoutControls(because)}`,
  );
  return [title, ...indent(renderTable(rows, [0])), ...stays];
}

function strippedLines({ stripped }: PlatformResult, { verbose }: SummaryOptions): readonly string[] {
  if (stripped.length === 0) return [];
  const top = verbose ? stripped : stripped.slice(0, shown);
  const texts = top.map(({ path, mode, capability }) =>
    [
      withoutControls(path),
      mode === undefined ? '' : ` ${mode.toString(8)}`,
      capability === undefined ? '' : ` ${capability}`,
    ].join(''),
  );
  const more = stripped.length > top.length ? [`${stripped.length - top.length} more`] : [];
  return [`special permissions stripped: ${[...texts, ...more].join(', ')}`];
}

/** Packages that met at one path: decided by rule, told in full to who asks. */
function noteLines({ notes }: PlatformResult, { verbose }: SummaryOptions): readonly string[] {
  if (notes.length === 0) return [];
  if (!verbose)
    return [`${count(notes.length, 'path')} of more than one package, decided as dpkg does (--verbose lists them)`];
  return notes.map((note) => withoutControls(noteText(note)));
}

function noteText(note: MergeNote): string {
  switch (note.type) {
    case 'replaced':
      return `/${note.path}: of ${note.winner}, which Replaces ${note.loser}`;
    case 'diverted':
      return `/${note.path}: ${note.package} goes to /${note.to}, diverted by ${note.by}`;
    case 'directory-differs':
      return `/${note.path}: mode and owner as in ${note.winner}, ${note.loser} has others`;
    case 'link-dropped':
      return `/${note.path}: the folder of ${note.winner} stays, ${note.loser} has a link there`;
    case 'reserved':
      return `/${note.path}: of ${note.package}, left out: the image and its runtime have their own`;
    case 'relocated':
      return `/${note.path}: ${note.package} goes to /${note.to}, the folder is a link`;
  }
}

/** Each kind once, with what the documents of all platforms weigh. */
function paperLine(papers: BuildResult['papers']): string {
  const texts = [...Map.groupBy(papers, ({ kind }) => kind)].map(
    ([kind, group]) => `${paperNames[kind]} ${formatBytes(sum(group.map(({ size }) => size)))}`,
  );
  return `papers: ${texts.join(', ')}`;
}

/** Each kind once, whatever number of platforms there are. */
function signedLine(signatures: BuildResult['signatures']): string {
  const kinds = new Set(signatures.map(({ predicateType }) => signedName(predicateType)));
  return `signed: ${[...kinds].join(', ')}`;
}

const paperNames: Readonly<Record<BuiltPaper['kind'], string>> = {
  spdx: 'SPDX',
  'spdx-3': 'SPDX 3',
  cyclonedx: 'CycloneDX',
  provenance: 'provenance',
};

function sentText({ copied, copiedLayers, copiedBytes, skipped, mounted }: NonNullable<WrittenOutput['sent']>): string {
  return renderSent({ sent: copied, layers: copiedLayers, bytes: copiedBytes, skipped, mounted });
}

function phases({ timings }: BuildResult, { verbose }: SummaryOptions): string {
  if (!verbose) return '';
  return `: ${timings.map(({ phase, milliseconds }) => `${phase} ${formatDuration(milliseconds)}`).join(', ')}`;
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
