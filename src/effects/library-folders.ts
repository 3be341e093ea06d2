import { baseName, parentPath } from '../rootfs/path.ts';
import { compareStrings, decodeUtf8 } from '../util/text.ts';
import { childrenOf } from './children.ts';
import { followPath } from './tree-paths.ts';
import type { DonorTree, EffectTree } from './types.ts';

/** A folder that ldconfig looks into. */
export interface LibraryFolder {
  /** As it is written where it was named first, without slashes at its ends: it begins the paths of the cache. */
  readonly name: string;
  /** Where that leads. */
  readonly path: string;
  /** `x86-64-v3` for a folder below glibc-hwcaps. */
  readonly hwcaps: string | undefined;
}

export interface LibraryFolderOptions {
  /** `x86_64-linux-gnu`. */
  readonly triplet: string;
  /** libc-bin: its configuration holds where it is not in the image. */
  readonly donor: DonorTree | undefined;
}

/**
 * The folders of ldconfig(8) in its order: /etc/ld.so.conf, then those built into Debian's; of two that are one by
 * links, the name that comes first.
 */
export function libraryFolders(tree: EffectTree, options: LibraryFolderOptions): readonly LibraryFolder[] {
  const { triplet } = options;
  const read = configuration(tree, options.donor);
  const named = [
    ...configuredFolders(read, '/etc/ld.so.conf', 0),
    ...[`/lib/${triplet}`, `/usr/lib/${triplet}`, '/lib', '/usr/lib'],
  ];
  const folders = new Map<string, LibraryFolder>();
  for (const text of named) {
    const name = text.replace(/=.*$/, '').replace(/[\s/]+$/, '');
    const path = followPath(tree, name, { last: true });
    if (name === '' || path === undefined || !isFolder(tree, path) || folders.has(path)) continue;
    folders.set(path, { name, path, hwcaps: undefined });
    for (const below of hwcapsFolders(tree, { name, path }))
      if (!folders.has(below.path)) folders.set(below.path, below);
  }
  return [...folders.values()];
}

interface Configuration {
  read(path: string): string | undefined;
  /** Files that a pattern names, sorted. */
  glob(pattern: string): readonly string[];
}

/** Deep enough for any real include; a file that includes itself ends there. */
const maxIncludes = 8;

function configuredFolders(files: Configuration, path: string, depth: number): readonly string[] {
  const text = depth > maxIncludes ? undefined : files.read(path);
  return (text ?? '').split('\n').flatMap((line) => {
    const words = line.replace(/#.*$/, '').trimStart();
    if (words.trim() === '' || /^hwcap[ \t]/i.test(words)) return [];
    const include = /^include[ \t](.*)$/.exec(words);
    if (include === null) return [words];
    const patterns = (include[1] ?? '').split(/[ \t]+/).filter((pattern) => pattern !== '');
    return patterns
      .flatMap((pattern) => files.glob(pattern.startsWith('/') ? pattern : `/${parentPath(path.slice(1))}/${pattern}`))
      .flatMap((file) => configuredFolders(files, file, depth + 1));
  });
}

/** Of libc-bin these two; whatever else is in /etc/ld.so.conf.d comes with packages. */
const donated = ['/etc/ld.so.conf', '/etc/ld.so.conf.d/libc.conf'];

function configuration(tree: EffectTree, donor: DonorTree | undefined): Configuration {
  const fromDonor = (path: string) => (donated.includes(path) ? donor?.read(path.slice(1)) : undefined);
  const fromTree = (path: string) => {
    const target = followPath(tree, path, { last: true });
    return target === undefined ? undefined : tree.read(target);
  };
  return {
    read: (path) => {
      const bytes = fromTree(path) ?? fromDonor(path);
      return bytes === undefined ? undefined : decodeUtf8(bytes);
    },
    glob: (pattern) => {
      const folder = parentPath(pattern);
      const matches = globPattern(baseName(pattern));
      const target = followPath(tree, folder, { last: true });
      const there = target === undefined ? [] : childrenOf(tree, target).map((path) => `${folder}/${baseName(path)}`);
      const given = donated.filter((path) => parentPath(path) === folder && fromDonor(path) !== undefined);
      return [...new Set([...there, ...given])].filter((path) => matches(baseName(path))).sort(compareStrings);
    },
  };
}

/** Of glob(7) what these files use: `*` and `?`, which match no dot at the start. */
function globPattern(pattern: string): (name: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 's');
  return (name) => (pattern.startsWith('.') || !name.startsWith('.')) && expression.test(name);
}

function hwcapsFolders(
  tree: EffectTree,
  { name, path }: { readonly name: string; readonly path: string },
): readonly LibraryFolder[] {
  const above = followPath(tree, `/${path}/glibc-hwcaps`, { last: true });
  if (above === undefined || !isFolder(tree, above)) return [];
  return [...childrenOf(tree, above)].sort(compareStrings).flatMap((child) => {
    const hwcaps = baseName(child);
    const target = followPath(tree, `/${child}`, { last: true });
    if (hwcaps.startsWith('.') || hwcaps.includes(':') || target === undefined || !isFolder(tree, target)) return [];
    return [{ name: `${name}/glibc-hwcaps/${hwcaps}`, path: target, hwcaps }];
  });
}

function isFolder(tree: EffectTree, path: string): boolean {
  return tree.get(path)?.type === 'directory' || childrenOf(tree, path).length > 0;
}
