import { baseName } from '../rootfs/path.ts';
import type { ScriptLine, ScriptReport } from '../scripts/types.ts';

/** A file or link of a package, as it is in the image. */
export interface PackagedFile {
  readonly package: string;
  /** What a link leads to, as written. */
  readonly linkTarget?: string | undefined;
  /** Of a regular file. */
  readonly sha256?: string | undefined;
}

export interface PackagedFiles {
  /** Undefined where none is at an absolute path; a link at its end is followed where `last` says so. */
  at(path: string, options: { readonly last: boolean }): PackagedFile | undefined;
  isFolder(path: string): boolean;
  /** Absolute paths of those below a folder, all levels. */
  below(folder: string): Iterable<string>;
}

export interface PackagedChange {
  readonly because: string;
  readonly paths: readonly string[];
}

/**
 * What a line that certainly runs would change or take away of what packages bring. Effects leave that as it is, so the
 * line is not reproduced. Undefined where it changes nothing.
 */
export function packagedChange(
  line: ScriptLine,
  { report, files }: { readonly report: ScriptReport; readonly files: PackagedFiles },
): PackagedChange | undefined {
  if (line.verdict !== 'covered' || line.because !== 'script files' || line.certainty !== 'runs') return undefined;
  // What it unpacks later takes the place of what the script did.
  const isEarly = report.script === 'preinst' || report.script === 'config';
  const counts = (file: PackagedFile | undefined) =>
    file !== undefined && !(isEarly && file.package === report.package) ? file : undefined;
  const removed = removedPaths(line).flatMap((path) => matches(path, { files, line }));
  for (const path of removed) {
    const file = counts(files.at(path, { last: false }));
    if (file !== undefined) return { because: `removes a file of ${file.package}`, paths: [path] };
  }
  for (const { path, last, same } of writtenPaths(line, files)) {
    const file = counts(files.at(path, { last }));
    if (file !== undefined && !same(file)) return { because: `changes a file of ${file.package}`, paths: [path] };
  }
  return undefined;
}

function removedPaths({ text, paths }: ScriptLine): readonly string[] {
  const name = commandOf(text);
  if (name === 'rm' || name === 'unlink' || name === 'find') return paths;
  return name === 'mv' && !keepsExisting(text) ? paths.slice(0, 1) : [];
}

/** The paths that rm takes away: those of a pattern, and all below a folder where it goes into folders. */
function matches(
  path: string,
  { files, line }: { readonly files: PackagedFiles; readonly line: ScriptLine },
): readonly string[] {
  const clean = path.replace(/(.)\/+$/, '$1');
  if (commandOf(line.text) === 'find') return foundBelow(clean, { files, text: line.text });
  const isRecursive = commandOf(line.text) === 'mv' || /\s-(?:[a-zA-Z]*[rR]|-recursive)/.test(line.text);
  if (!/[*?[]/.test(clean)) return isRecursive && files.isFolder(clean) ? [...files.below(clean)] : [clean];
  const parent = clean.slice(0, clean.lastIndexOf('/'));
  if (/[*?[]/.test(parent)) return [];
  const name = patternOf(clean.slice(parent.length + 1));
  return [...files.below(parent)].filter((one) => {
    const below = one.slice(parent.length + 1).split('/');
    return (below.length === 1 || isRecursive) && name.test(below[0] ?? '');
  });
}

/** What `find FOLDER -name PATTERN -delete` may find; its other conditions are taken to be met. */
function foundBelow(
  folder: string,
  { files, text }: { readonly files: PackagedFiles; readonly text: string },
): readonly string[] {
  if (/\s-type\s+d\b/.test(text)) return [];
  const names = [...text.matchAll(/\s-i?name\s+(["']?)([^"'\s]+)\1/g)].map(([, , name = '']) => patternOf(name));
  const isNamed = (path: string) => names.length === 0 || names.some((one) => one.test(baseName(path)));
  return [...files.below(folder)].filter(isNamed);
}

/** Brackets stand for any one character: nearly always it is one of a few. */
function patternOf(glob: string): RegExp {
  const text = glob
    .split(/(\*|\?|\[[^\]]*\])/)
    .map((part) => (part === '*' ? '.*' : /^[?[]/.test(part) ? '.' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')));
  return new RegExp(`^${glob.startsWith('*') ? '(?!\\.)' : ''}${text.join('')}$`, 's');
}

interface Written {
  readonly path: string;
  readonly last: boolean;
  /** Whether the packaged file is what the command would leave. */
  same(file: PackagedFile): boolean;
}

const never = () => false;

function writtenPaths({ text, paths }: ScriptLine, files: PackagedFiles): readonly Written[] {
  const name = commandOf(text);
  const place = paths.at(-1) ?? '';
  if (name === 'echo' || name === 'printf' || name === 'cat' || /^[:>]|^true\b/.test(text)) {
    const isWritten = (path: string) => path.startsWith('/') && !/[*?[]/.test(path);
    return paths.filter(isWritten).map((path) => ({ path, last: true, same: never }));
  }
  const copies = name === 'cp' || name === 'install' || name === 'mv' || name === 'ln';
  if (!copies || place === '' || keepsExisting(text) || /\s(?:-t\b|--target|-d\b|--directory)/.test(text)) return [];
  if (name === 'mv' && paths.length < 2) return [];
  const isLink = name === 'ln';
  // Without -f it fails where something is.
  if (isLink && !/\s-(?:[a-zA-Z]*f|-force)/.test(text)) return [];
  const sources = operandsOf(text).slice(0, -1);
  const isInto = files.isFolder(place) && !(isLink && /\s-[a-zA-Z]*[nT]/.test(text));
  return (isInto ? sources : [sources[0] ?? '']).map((source) => ({
    path: isInto ? `${place.replace(/\/+$/, '')}/${baseName(source)}` : place,
    last: !isLink && name !== 'mv',
    same: (file) => {
      if (isLink) return file.linkTarget === source;
      const { sha256 } = files.at(source, { last: true }) ?? {};
      return sha256 !== undefined && file.sha256 === sha256;
    },
  }));
}

function keepsExisting(text: string): boolean {
  return /\s-(?:[a-zA-Z]*n\b|-no-clobber|-update=none)/.test(text) && commandOf(text) !== 'ln';
}

/** Without options, quotes and redirections. */
function operandsOf(text: string): readonly string[] {
  const words = text.replace(/\s*[0-9]*[<>]+&?\s*\S+/g, '').split(/\s+/);
  const valued = /^-[ogmSg]$/;
  return words
    .slice(1)
    .filter((word, at) => !word.startsWith('-') && !valued.test(words[at] ?? ''))
    .map((word) => word.replace(/["']/g, ''));
}

function commandOf(text: string): string {
  const [first = ''] = text.split(/\s/, 1);
  return baseName(first);
}
