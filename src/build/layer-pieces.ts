import type { CutEntry, PackEntry } from '../content/jobs.ts';
import type { Content } from '../content/types.ts';
import { encodeTarEntry, endOfTar, tarPadding } from '../formats/tar/writer.ts';
import type { TreeEntry } from '../rootfs/entry.ts';
import { compareStrings } from '../util/text.ts';
import type { NodeSource, TreeNode } from './tree.ts';

/** Raised whenever the same tree would give other layer bytes. */
export const layerFormatVersion = 1;

/** A layer as a list of runs; `content` and `cut` and `pack` become fragments of the store, `bytes` are at hand. */
export type PlannedPiece =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'content'; readonly content: Content }
  | { readonly type: 'cut'; readonly content: Content; readonly entries: readonly CutEntry[] }
  | { readonly type: 'pack'; readonly entries: readonly PackEntry[] };

/**
 * The order of a layer, part of the image format: every directory once, sorted; then each package's entries in name
 * order, a package that the merge left alone as its own fragment; then copied-in files, then generated entries,
 * sorted; then the end marker.
 * @param nodes a whole layer: every path once, and the folders above it
 */
export function planLayer(nodes: Iterable<TreeNode>, contents: ReadonlyMap<string, Content>): readonly PlannedPiece[] {
  const directories: TreeNode[] = [];
  const packaged = new Map<string, TreeNode[]>();
  const copied: TreeNode[] = [];
  const generated: TreeNode[] = [];
  for (const node of nodes) {
    if (node.entry.type === 'directory') directories.push(node);
    else if (node.source.type === 'file') copied.push(node);
    else if (node.source.type !== 'package') generated.push(node);
    else {
      const list = packaged.get(node.source.package);
      if (list === undefined) packaged.set(node.source.package, [node]);
      else list.push(node);
    }
  }
  const names = [...packaged.keys()].sort(compareStrings);
  return [
    bytesPiece(sorted(directories)),
    ...names.map((name) => packagePiece(packaged.get(name) as TreeNode[], contents.get(name) as Content)),
    ...(copied.length === 0 ? [] : [packPiece(sorted(copied))]),
    bytesPiece(linksLast(sorted(generated)), endOfTar()),
  ];
}

function packagePiece(nodes: readonly TreeNode[], content: Content): PlannedPiece {
  const whole = content.index.entries.filter((entry) => entry.type !== 'directory').length;
  const intact = nodes.length === whole && nodes.every(({ source }) => source.type === 'package' && source.intact);
  if (intact) return { type: 'content', content };
  return { type: 'cut', content, entries: cutEntries(sorted(nodes), content) };
}

/**
 * Entries of a fragment cut anew. Files that share an inode keep doing so: where the path that carried the bytes was
 * dropped, the first one that is left carries them.
 */
function cutEntries(nodes: readonly TreeNode[], content: Content): readonly CutEntry[] {
  const byPath = new Map(content.index.entries.map((entry) => [entry.path, entry]));
  const carriers = new Map<string, string>();
  return nodes.map(({ entry, source }) => {
    const { origin } = source as NodeSource & { type: 'package' };
    if (origin.type !== 'file' && origin.type !== 'hardlink') return { header: headerOf(entry), contentOffset: 0 };
    const inode = origin.type === 'hardlink' ? (origin.linkTarget as string) : origin.path;
    const carrier = carriers.get(inode);
    if (carrier !== undefined) {
      return { header: headerOf({ ...entry, type: 'hardlink', size: 0, linkTarget: carrier }), contentOffset: 0 };
    }
    carriers.set(inode, entry.path);
    const bytes = byPath.get(inode) as (typeof content.index.entries)[number];
    const header = headerOf({ ...entry, type: 'file', size: bytes.size, linkTarget: undefined });
    return { header, contentOffset: bytes.offset };
  });
}

function packPiece(nodes: readonly TreeNode[]): PlannedPiece {
  return {
    type: 'pack',
    entries: nodes.map(({ entry, source }) => {
      const { file, sha256 } = source as NodeSource & { type: 'file' };
      return { header: headerOf(entry), file, sha256 };
    }),
  };
}

function bytesPiece(nodes: readonly TreeNode[], tail?: Uint8Array): PlannedPiece {
  const parts = nodes.flatMap(({ entry, source }) => {
    const bytes = source.type === 'bytes' ? source.bytes : undefined;
    return bytes === undefined ? [encodeTarEntry(entry)] : [encodeTarEntry(entry), bytes, tarPadding(bytes.length)];
  });
  return { type: 'bytes', bytes: Buffer.concat(tail === undefined ? parts : [...parts, tail]) };
}

/** A hard link comes after the file that it names. */
function linksLast(nodes: readonly TreeNode[]): readonly TreeNode[] {
  const isLink = (node: TreeNode) => node.entry.type === 'hardlink';
  return [...nodes.filter((node) => !isLink(node)), ...nodes.filter(isLink)];
}

/** Just what the tar header takes: a content entry carries facts that a worker need not see. */
function headerOf(entry: TreeEntry): TreeEntry {
  const { path, type, mode, uid, gid, mtime, size, linkTarget, xattrs } = entry;
  return { path, type, mode, uid, gid, mtime, size, linkTarget, xattrs };
}

function sorted(nodes: readonly TreeNode[]): readonly TreeNode[] {
  return nodes.toSorted((a, b) => compareStrings(a.entry.path, b.entry.path));
}
