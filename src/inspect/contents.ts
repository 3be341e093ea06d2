import { parentPath } from '../rootfs/path.ts';
import { compareStrings } from '../util/text.ts';
import { bySize, type SizedFolder, type SizedPath, sizedPath } from './owned-files.ts';
import { type SameContent, sameContents } from './same-contents.ts';
import { topOf } from './top.ts';
import { ByFolder, type TreeNodes } from './tree-nodes.ts';

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
  /** Of the biggest file. */
  readonly biggestFileBytes: number;
  readonly biggestFiles: readonly SizedPath[];
  /** With everything below them, the root apart; of a folder and the one in it that holds the same, the latter. */
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

interface Folder {
  files: number;
  bytes: number;
}

export function reportContents(nodes: TreeNodes, { top }: { readonly top: number }): ContentReport {
  const { folders, files, names, symlinks, others } = nodes;
  const perFolder = new ByFolder<Folder>(() => ({ files: 0, bytes: 0 }));
  // Every folder in the order of the tree, those without files too.
  for (const { entry } of folders) perFolder.values.set(entry.path, { files: 0, bytes: 0 });
  let bytes = 0;
  let biggestFileBytes = 0;
  for (const { entry } of files) {
    bytes += entry.size;
    biggestFileBytes = Math.max(biggestFileBytes, entry.size);
    const folder = perFolder.of(entry.path);
    folder.files++;
    folder.bytes += entry.size;
  }
  return {
    files: files.length,
    folders: folders.length - 1,
    symlinks: symlinks.length,
    hardLinks: names.length,
    others: others.length,
    bytes,
    biggestFileBytes,
    biggestFiles: topOf(files, top, bySize).map(sizedPath),
    biggestFolders: biggestFolders(perFolder.values, top),
    duplicates: duplicatesOf(sameContents(files), top),
  };
}

function duplicatesOf(contents: readonly SameContent[], top: number): DuplicateReport {
  let bytes = 0;
  const twice: DuplicateContent[] = [];
  for (const content of contents) {
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
    const above = path === '' ? undefined : folders.get(parentPath(path));
    if (above === undefined) continue;
    above.files += folder.files;
    above.bytes += folder.bytes;
  }
  for (const [path, folder] of all) {
    const above = path === '' ? undefined : folders.get(parentPath(path));
    if (above?.bytes === folder.bytes && above.files === folder.files) only.add(parentPath(path));
  }
  const sized = all.flatMap(([path, { files, bytes }]) =>
    path === '' || only.has(path) ? [] : [{ path: `/${path}`, files, bytes }],
  );
  return topOf(sized, top, (a, b) => b.bytes - a.bytes || compareStrings(a.path, b.path));
}
