import { withoutControls } from '../../util/printable.ts';
import { renderTable } from './table.ts';

/** One path of an image, as the API lists it: sorted by path, relative to the root, the root itself not among them. */
export interface ListedEntry {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo' | 'whiteout' | 'opaque';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly linkTarget?: string | undefined;
  readonly deviceMajor?: number | undefined;
  readonly deviceMinor?: number | undefined;
}

/** As tree(1) draws it; `top` names the folder that is shown, and `depth` how many levels below it. */
export function renderTree(
  entries: readonly ListedEntry[],
  { top, depth }: { readonly top: string; readonly depth: number },
): readonly string[] {
  const base = top.replace(/^\/+|\/+$/g, '');
  const children = new Map<string, Pick<ListedEntry, 'path' | 'type' | 'linkTarget'>[]>();
  const folders = new Set([base, '']);
  const add = (entry: Pick<ListedEntry, 'path' | 'type' | 'linkTarget'>) => {
    const parent = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')));
    // A layer need not list the folders that its files are in.
    if (!folders.has(parent)) add({ path: parent, type: 'directory' });
    if (entry.type === 'directory') {
      if (folders.has(entry.path)) return;
      folders.add(entry.path);
    }
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [entry]);
    else siblings.push(entry);
  };
  for (const entry of entries) add(entry);
  const lines = [`/${safe(base)}`];
  const draw = (folder: string, lead: string, level: number) => {
    const members = children.get(folder) ?? [];
    for (const [index, entry] of members.entries()) {
      const last = index === members.length - 1;
      lines.push(`${lead}${last ? '└── ' : '├── '}${nameOf(entry)}`);
      if (entry.type === 'directory' && level < depth) draw(entry.path, `${lead}${last ? '    ' : '│   '}`, level + 1);
    }
  };
  draw(base, '', 1);
  return lines;
}

/** As `ls -l` and `tar -tv` write it. */
export function renderLongList(entries: readonly ListedEntry[]): readonly string[] {
  const rows = entries.map((entry) => [
    modeText(entry),
    `${entry.uid}:${entry.gid}`,
    entry.deviceMajor === undefined ? String(entry.size) : `${entry.deviceMajor},${entry.deviceMinor ?? 0}`,
    timeText(entry.mtime),
    `/${safe(entry.path)}${linkText(entry)}`,
  ]);
  return renderTable(rows, [2]);
}

const typeLetters = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  hardlink: 'h',
  character: 'c',
  block: 'b',
  fifo: 'p',
  whiteout: 'w',
  opaque: 'w',
} as const;

/** `drwxr-xr-x`, with s and t for the special bits. */
export function modeText({ type, mode }: Pick<ListedEntry, 'type' | 'mode'>): string {
  const triple = (bits: number, special: boolean, letter: string) => {
    const execute = (bits & 1) !== 0;
    const last = special ? (execute ? letter : letter.toUpperCase()) : execute ? 'x' : '-';
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${last}`;
  };
  const owner = triple((mode >> 6) & 7, (mode & 0o4000) !== 0, 's');
  const group = triple((mode >> 3) & 7, (mode & 0o2000) !== 0, 's');
  return `${typeLetters[type]}${owner}${group}${triple(mode & 7, (mode & 0o1000) !== 0, 't')}`;
}

/** A layer may say any number; beyond the years that a Date has, the number itself. */
function timeText(mtime: number): string {
  const time = new Date(mtime * 1000);
  return Number.isNaN(time.getTime()) ? String(mtime) : time.toISOString().replace('.000Z', 'Z');
}

function nameOf(entry: Pick<ListedEntry, 'path' | 'type' | 'linkTarget'>): string {
  const name = safe(entry.path.slice(entry.path.lastIndexOf('/') + 1));
  return `${name}${entry.type === 'directory' ? '/' : linkText(entry)}`;
}

function linkText({ type, linkTarget }: Pick<ListedEntry, 'type' | 'linkTarget'>): string {
  if (type === 'whiteout') return ' (removed)';
  if (type === 'opaque') return ' (all that lower layers have in this folder: removed)';
  if (linkTarget === undefined) return '';
  return type === 'hardlink' ? ` => /${safe(linkTarget)}` : ` -> ${safe(linkTarget)}`;
}

/** A name in an image may hold anything, line breaks too. */
function safe(text: string): string {
  return withoutControls(text).replace(/[\t\n]/g, '\u{fffd}');
}
