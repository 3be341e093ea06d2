import { formatBytes, formatSizeChange } from '../util/format-bytes.ts';
import type { FoldedChange } from './fold-files.ts';
import type {
  BeneathDifference,
  ComparedImage,
  ConfigChange,
  ContentDifference,
  FileAspect,
  FileChange,
  FileDifference,
  FileState,
  HistoryDifference,
  HistoryStep,
  ImageDifference,
  ImagePackageChange,
  LayersDifference,
  LeadState,
  ProgramChange,
} from './types.ts';

/** Sentences of a difference, which every form of it says alike. None of them is safe to print: names are from images. */

/** `content, mode 0644 -> 4755, owner 0:0 -> 1:1`; of what came or went its type and size. */
export function aspectsText({ change, aspects, from, to }: FileChange): string {
  const state = to ?? from;
  if (change === 'added' || change === 'removed') return state === undefined ? '' : stateText(state);
  if (from === undefined || to === undefined) return '';
  return aspects.map((aspect) => aspectText(aspect, from, to)).join(', ');
}

/** One respect in which two states of a path differ. */
function aspectText(aspect: FileAspect, from: FileState, to: FileState): string {
  switch (aspect) {
    case 'type':
      return `${typeNames[from.type]} -> ${typeNames[to.type]}`;
    case 'mode':
      return `mode ${octal(from.mode)} -> ${octal(to.mode)}`;
    case 'owner':
      return `owner ${from.uid}:${from.gid} -> ${to.uid}:${to.gid}`;
    case 'link':
      return `link ${from.link ?? ''} -> ${to.link ?? ''}`;
    case 'hard-link':
      return `${hardLinkText(from)} -> ${hardLinkText(to)}`;
    case 'device':
      return `device ${from.device ?? ''} -> ${to.device ?? ''}`;
    case 'attributes':
      return `attributes ${attributesText(from)} -> ${attributesText(to)}`;
    case 'content':
      return `content ${formatSizeChange(to.size - from.size)}`;
    case 'size':
      return `size ${formatSizeChange(to.size - from.size)}`;
    case 'time':
      return `time ${timeText(from.mtime)} -> ${timeText(to.mtime)}`;
  }
}

const typeNames: Readonly<Record<FileState['type'], string>> = {
  file: 'file',
  directory: 'folder',
  symlink: 'link',
  hardlink: 'hard link',
  character: 'character device',
  block: 'block device',
  fifo: 'pipe',
};

function stateText({ type, size, mode, link, device }: FileState): string {
  const special = (mode & 0o7000) === 0 ? '' : `, mode ${octal(mode)}`;
  if (type === 'file') return `${formatBytes(size)}${special}`;
  if (type === 'symlink') return `link to ${link ?? ''}`;
  return `${typeNames[type]}${device === undefined ? '' : ` ${device}`}${special}`;
}

function hardLinkText({ hardLink }: FileState): string {
  return hardLink === undefined ? 'a file of its own' : `the same file as ${hardLink}`;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function attributesText({ attributes = {} }: FileState): string {
  const entries = Object.entries(attributes);
  return entries.length === 0 ? 'none' : entries.map(([name, value]) => `${name}=${value.slice(0, 80)}`).join(' ');
}

/** What a date can't say is told in seconds. */
function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000Z', 'Z');
}

/** Where it was before, where it moved. */
export function pathText({ path, movedFrom }: FileChange): string {
  return movedFrom === undefined ? path : `${movedFrom} -> ${path}`;
}

/** A line of a list: its path, and what happened to it and to what is in it. */
export function foldedTexts({ change, inside, bytes }: FoldedChange): readonly [path: string, what: string] {
  const { path, movedFrom } = change;
  if (inside === 0) return [pathText(change), aspectsText(change)];
  const count = `${inside} ${inside === 1 ? 'path' : 'paths'} in it`;
  if (movedFrom === undefined) return [`${path}/`, `${count}, ${formatSizeChange(bytes)}`];
  return [
    `${movedFrom}/ -> ${path}/`,
    [count, ...(change.aspects.length === 0 ? [] : [aspectsText(change)])].join(', '),
  ];
}

/** `History: 1 step removed, 2 added`. */
export function historyTitle({ removed, added }: HistoryDifference): string {
  return `History: ${removed.length} ${removed.length === 1 ? 'step' : 'steps'} removed, ${added.length} added`;
}

/** What a step did; its comment, where nothing else tells it from one of the other history. */
export function stepText({ createdBy, comment }: HistoryStep, { removed, added }: HistoryDifference): string {
  const alike = [removed, added].every((steps) => steps.some((step) => step.createdBy === createdBy));
  return alike && comment !== undefined ? `${createdBy} (${comment})` : createdBy;
}

/** `8.14.1-2 -> 8.14.1-3`, or the one version that there is; architectures where they differ. */
export function versionsText({ from, to }: ImagePackageChange): string {
  const [old, fresh] = [from?.architecture, to?.architecture];
  const withArchitecture = old !== undefined && fresh !== undefined && old !== fresh;
  const texts = [from, to].flatMap((side) =>
    side === undefined ? [] : [withArchitecture ? `${side.version} (${side.architecture})` : side.version],
  );
  return [...new Set(texts)].join(' -> ');
}

const packageKinds = ['upgraded', 'downgraded', 'rebuilt', 'added', 'removed'] as const;

/** `2 upgraded, 1 added`; `none`. */
export function countPackages(changes: readonly ImagePackageChange[]): string {
  const texts = packageKinds.flatMap((kind) => {
    const number = changes.filter(({ change }) => change === kind).length;
    return number === 0 ? [] : [`${number} ${kind}`];
  });
  return texts.length === 0 ? 'none' : texts.join(', ');
}

/** `env PATH`, `user`. */
export function settingText({ key, name }: ConfigChange): string {
  return name === undefined ? key : `${key} ${name}`;
}

/** `8080 -> unset`; of ports and volumes, which have no value, `added` or `removed`. */
export function settingChange({ from, to }: ConfigChange): string {
  if (from === undefined) return to === '' ? 'added' : `unset -> ${to ?? ''}`;
  if (to === undefined) return from === '' ? 'removed' : `${from} -> unset`;
  return `${from === '' ? '""' : from} -> ${to === '' ? '""' : to}`;
}

/** `14.2 MB -> 15.0 MB compressed (+0.8 MB), ...` */
export function sizesText({ compressed, uncompressed, files }: ImageDifference['size']): readonly string[] {
  const text = ({ from, to }: { readonly from: number; readonly to: number }, what: string) =>
    `${formatBytes(to)} ${what} (${formatSizeChange(to - from)})`;
  return [
    ...(compressed === undefined ? [] : [text(compressed, 'compressed')]),
    text(uncompressed, 'uncompressed'),
    text(files, 'of files'),
  ];
}

/** `2 of 3 shared, 2 of them from the bottom; 5.4 MB to pull`. */
export function layersText({ to, common, shared, toPull }: LayersDifference): string {
  const bottom = shared.count === 0 ? '' : `, the lowest ${common} in place`;
  const pull = toPull === undefined ? '' : `; ${formatBytes(toPull)} to pull`;
  return `${shared.count} of ${to.length} shared (${formatBytes(shared.bytes)})${bottom}${pull}`;
}

const beneathTexts: Readonly<Record<BeneathDifference, string>> = {
  compression: 'the layers are compressed otherwise',
  layers: 'the layers are other tars with the same files',
  times: 'some files differ in time alone (--times lists them)',
  config: 'the config has other bytes: dates, or the order of its keys',
  manifest: 'the manifest differs: annotations or media types',
};

/** Two images that make no difference: what is equal, and in what they are not. */
export function sameText({ from, to, beneath }: Pick<ImageDifference, 'from' | 'to' | 'beneath'>): readonly string[] {
  if (from.digest !== undefined && from.digest === to.digest) return [`no difference: both are ${to.digest}`];
  const isOneConfig = from.configDigest !== undefined && from.configDigest === to.configDigest;
  const id = isOneConfig && beneath.length === 0 ? `: both have the config ${to.configDigest ?? ''}` : '';
  return [`no difference${id}`, ...beneath.map((kind) => beneathTexts[kind])];
}

/** What images for several platforms have beside the one that is compared: `linux/arm64 in both`; [] where there is nothing. */
export function otherPlatformsText({ from, to }: Pick<ImageDifference, 'from' | 'to'>): readonly string[] {
  const [before, after] = [from.otherPlatforms, to.otherPlatforms];
  const both = before.filter((one) => after.includes(one));
  const only = (ours: readonly string[], others: readonly string[]) => ours.filter((one) => !others.includes(one));
  const parts = [
    [both, 'in both'],
    [only(before, after), `in ${from.name}`],
    [only(after, before), `in ${to.name}`],
  ] as const;
  const texts = parts.flatMap(([platforms, where]) =>
    platforms.length === 0 ? [] : `${platforms.join(', ')} ${where}`,
  );
  return texts.length === 0 ? [] : [`not compared: ${texts.join('; ')}`];
}

/** `store:web:latest (linux/amd64)`. */
export function imageText({ name, platform }: ComparedImage): string {
  return platform === undefined ? name : `${name} (${platform})`;
}

/** `needed: libm.so.6 -> libz.so.1`. */
function programText({ fact, from, to }: ProgramChange): string {
  return `${fact}: ${from ?? 'none'} -> ${to ?? 'none'}`;
}

/** What became of a file beside its lines: where it is, what differs of its metadata, and what a program is to a loader. */
export function fileTexts(difference: FileDifference): readonly string[] {
  const { same, from, to, aspects, before, after, leads, content } = difference;
  if (same) return [`the same in ${imageText(from)} and ${imageText(to)}`];
  const told =
    before === undefined || after === undefined
      ? [`only in ${imageText(before === undefined ? to : from)}`]
      : aspects
          .filter((aspect) => aspect !== 'content' && aspect !== 'size')
          .map((aspect) => aspectText(aspect, before, after));
  if (content.type === 'same') return told;
  if (content.type === 'text') return [...told, ...contentNotes(content)];
  const why = content.type === 'binary' ? 'no text' : 'too large to be compared as text';
  return [
    ...told,
    why,
    `before: ${contentText(before, leads?.from)}`,
    `after: ${contentText(after, leads?.to)}`,
    ...content.program.map(programText),
  ];
}

/** Which content a path has, or the file that it leads to. */
function contentText(state: FileState | undefined, lead: LeadState | undefined): string {
  const file = lead ?? state;
  if (file === undefined) return 'not there';
  if (file.type === 'symlink') return 'leads nowhere';
  const text = file.sha256 === undefined ? typeNames[file.type] : `${file.size} bytes, sha256:${file.sha256}`;
  return lead === undefined ? text : `${lead.path}, ${text}`;
}

/** What has to be known of a text difference. */
function contentNotes({ shortest, struckOut }: ContentDifference & { readonly type: 'text' }): readonly string[] {
  return [
    ...(shortest ? [] : ['the texts have too little in common for a short difference']),
    ...(struckOut ? ['secrets are struck out (--show-secrets shows them)'] : []),
  ];
}
