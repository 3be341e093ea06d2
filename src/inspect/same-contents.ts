import type { RootfsNode } from '../rootfs/rootfs.ts';

/** Files that hold the same. */
export interface SameContent {
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  copies: number;
  /** The first few. */
  readonly paths: string[];
}

/** Copies that are named. */
const named = 10;

/**
 * What several files hold, by sha256 and size. Most contents are there once: they cost a place in a table of numbers and no object.
 * @param files each under one name
 */
export function sameContents(files: readonly RootfsNode[]): readonly SameContent[] {
  const mask = tableSize(files.length) - 1;
  const table = new Int32Array(mask + 1);
  const several = new Map<string, SameContent>();
  for (let index = 0; index < files.length; index++) {
    const entry = files[index]?.entry;
    if (entry?.sha256 === undefined || entry.size === 0) continue;
    const { sha256, size } = entry;
    for (let slot = hashOf(sha256, size) & mask; ; slot = (slot + 1) & mask) {
      const taken = table[slot] ?? 0;
      if (taken === 0) {
        table[slot] = index + 1;
        break;
      }
      const first = files[taken - 1]?.entry;
      if (first?.size === size && first.sha256 === sha256) {
        note(several, { sha256, size, paths: [first.path, entry.path] });
        break;
      }
    }
  }
  return [...several.values()];
}

function note(
  several: Map<string, SameContent>,
  {
    sha256,
    size,
    paths,
  }: { readonly sha256: string; readonly size: number; readonly paths: readonly [string, string] },
): void {
  const key = `${size} ${sha256}`;
  const [first, path] = paths;
  const content = several.get(key) ?? { sha256, size, copies: 1, paths: [`/${first}`] };
  content.copies++;
  if (content.paths.length < named) content.paths.push(`/${path}`);
  several.set(key, content);
}

/** At most half full. */
function tableSize(count: number): number {
  let size = 16;
  while (size < count * 2) size *= 2;
  return size;
}

/** The digits of a digest are as good as chance, unless somebody chose the contents: then the table is slower, not wrong. */
function hashOf(sha256: string, size: number): number {
  let hash = size | 0;
  for (let at = 0; at < 12; at++) hash = (Math.imul(hash, 31) + sha256.charCodeAt(at)) | 0;
  return (hash ^ (hash >>> 15)) >>> 0;
}
