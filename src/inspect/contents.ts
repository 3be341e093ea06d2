import { parentPath } from '../rootfs/path.ts';
import type { RootfsNode } from '../rootfs/rootfs.ts';
import { compareStrings } from '../util/text.ts';
import { bySize, type SizedFolder, type SizedPath } from './owned-files.ts';
import { topOf } from './top.ts';

/** What the tree of an image holds, and where its bytes are. */
export interface ContentReport {
  readonly files: number;
  readonly folders: number;
  readonly symlinks: number;
  /** Names beyond the first of the files that have several. */
  readonly hardLinks: number;
  /** Device nodes, pipes. */
  readonly others: number;
  /** Of all files, each content of hard links once. */
  readonly bytes: number;
  readonly biggestFiles: readonly SizedPath[];
  /** With everything below them; a folder that holds the same as one in it stands for both. */
  readonly biggestFolders: readonly SizedFolder[];
  readonly duplicates: DuplicateReport;
}

export interface DuplicateReport {
  /** Bytes that one copy of each would save. */
  readonly bytes: number;
  /** Contents that are there more than once. */
  readonly contents: number;
  readonly biggest: readonly DuplicateContent[];
}

export interface DuplicateContent {
  readonly sha256: string;
  /** Of one copy. */
  readonly size: number;
  readonly copies: number;
  /** `size * (copies - 1)` */
  readonly wasted: number;
  /** The first few. */
  readonly paths: readonly string[];
}

/** Copies that are named. */
const namedCopies = 10;

interface Folder {
  files: number;
  bytes: number;
}

interface Content {
  readonly sha256: string;
  readonly size: number;
  copies: number;
  readonly paths: string[];
}

/** @param nodes every node of the tree, folders before what they hold */
export function reportContents(nodes: readonly RootfsNode[], { top }: { readonly top: number }): ContentReport {
  const counts = { files: 0, folders: 0, symlinks: 0, hardLinks: 0, others: 0, bytes: 0 };
  const folders = new Map<string, Folder>();
  const files: SizedPath[] = [];
  const contents = new Map<string, Content>();
  const inodes = new Set<number>();
  for (const { entry, inode, layer } of nodes) {
    const { type, path, size, sha256 } = entry;
    if (type === 'directory') {
      counts.folders++;
      folders.set(path, { files: 0, bytes: 0 });
    } else if (type === 'symlink') counts.symlinks++;
    else if (type !== 'file') counts.others++;
    else if (inodes.has(inode)) counts.hardLinks++;
    else {
      inodes.add(inode);
      counts.files++;
      counts.bytes += size;
      files.push({ path: `/${path}`, bytes: size, layer: layer + 1 });
      const folder = folders.get(parentPath(path));
      if (folder !== undefined) {
        folder.files++;
        folder.bytes += size;
      }
      if (sha256 !== undefined && size > 0) countContent(contents, { sha256, size, path: `/${path}` });
    }
  }
  return {
    ...counts,
    biggestFiles: topOf(files, top, bySize),
    biggestFolders: biggestFolders(folders, top),
    duplicates: duplicatesOf(contents, top),
  };
}

function countContent(
  contents: Map<string, Content>,
  { sha256, size, path }: { readonly sha256: string; readonly size: number; readonly path: string },
): void {
  const content = contents.get(sha256);
  if (content === undefined) contents.set(sha256, { sha256, size, copies: 1, paths: [path] });
  else if (content.size === size) {
    content.copies++;
    if (content.paths.length < namedCopies) content.paths.push(path);
  }
}

function duplicatesOf(contents: ReadonlyMap<string, Content>, top: number): DuplicateReport {
  let bytes = 0;
  const twice: DuplicateContent[] = [];
  for (const content of contents.values()) {
    if (content.copies < 2) continue;
    const wasted = content.size * (content.copies - 1);
    bytes += wasted;
    twice.push({ ...content, wasted });
  }
  const biggest = topOf(twice, top, (a, b) => b.wasted - a.wasted || compareStrings(a.sha256, b.sha256));
  return { bytes, contents: twice.length, biggest };
}

/** Folders come before what they hold: from the last to the first, each one adds itself to the one above. */
function biggestFolders(folders: ReadonlyMap<string, Folder>, top: number): readonly SizedFolder[] {
  const all = [...folders];
  const only = new Set<string>();
  for (const [path, folder] of all.reverse()) {
    const above = parentPath(path);
    const parent = path === '' ? undefined : folders.get(above);
    if (parent === undefined) continue;
    parent.files += folder.files;
    parent.bytes += folder.bytes;
  }
  for (const [path, folder] of all) {
    const above = folders.get(parentPath(path));
    if (above !== undefined && above.bytes === folder.bytes && above.files === folder.files) only.add(parentPath(path));
  }
  const sized = all.flatMap(([path, { files, bytes }]) => (only.has(path) ? [] : [{ path: `/${path}`, files, bytes }]));
  return topOf(sized, top, (a, b) => b.bytes - a.bytes || compareStrings(a.path, b.path));
}
