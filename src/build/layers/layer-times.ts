import { isConfigured, type TreeNode } from '../tree.ts';
import { recordedPackage, type TreePart } from './divide-tree.ts';

/** 1980-01-02, UTC: the first whole day that a zip file can name in every time zone. */
const longAgo = 315_619_200;

export interface TimeOptions {
  /** Time of the image, seconds since the epoch. */
  readonly created: number;
  /** True where the configuration or SOURCE_DATE_EPOCH says it; else the newest packaged file does. */
  readonly given: boolean;
}

/**
 * Times of an image whose packages share a layer, where a time was given for it: that may be the moment of a commit, and is your own files' alone.
 * What comes with the packages has the time of their newest file; folders, which are in both layers, a fixed one.
 */
export function keepPackagesTime(parts: readonly TreePart[], { created, given }: TimeOptions): readonly TreePart[] {
  if (!given) return parts;
  const fixed = Math.min(longAgo, created);
  const newest = Math.min(created, Math.max(0, ...newestFiles(parts).values()));
  return retime(parts, ({ entry, source }) => {
    if (source.type === 'base') return entry.mtime;
    if (entry.type === 'directory') return fixed;
    return source.type === 'package' || isConfigured(source) ? entry.mtime : newest;
  });
}

/**
 * Times of an image whose packages are divided, which stay when another layer changes. The time of the image would not: the
 * newest package decides it, or the moment of a commit. So folders and generated files have a fixed time, a package's
 * records the time of its newest file. Files of packages keep theirs; your own keep the image's.
 */
export function keepTimesApart(parts: readonly TreePart[], { created }: TimeOptions): readonly TreePart[] {
  const fixed = Math.min(longAgo, created);
  const newest = newestFiles(parts);
  const timeOf = ({ entry, source }: TreeNode): number => {
    if (source.type === 'base' || (source.type === 'package' && entry.type !== 'directory')) return entry.mtime;
    if (entry.type === 'directory') return fixed;
    if (isConfigured(source)) return entry.mtime;
    return newest.get(recordedPackage(entry.path) ?? '') ?? fixed;
  };
  return retime(parts, timeOf);
}

function retime(parts: readonly TreePart[], timeOf: (node: TreeNode) => number): readonly TreePart[] {
  const retimed = (node: TreeNode): TreeNode => {
    const mtime = timeOf(node);
    return mtime === node.entry.mtime ? node : { ...node, entry: { ...node.entry, mtime } };
  };
  return parts.map((part) => ({ ...part, nodes: part.nodes.map(retimed) }));
}

function newestFiles(parts: readonly TreePart[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { nodes } of parts) {
    for (const { entry, source } of nodes) {
      if (source.type !== 'package' || entry.type !== 'file') continue;
      newest.set(source.package, Math.max(newest.get(source.package) ?? 0, entry.mtime));
    }
  }
  return newest;
}
