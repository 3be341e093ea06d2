import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, isDigest } from '../util/digest.ts';
import { compareStrings } from '../util/text.ts';
import { reach } from './reach.ts';
import type { StoredTag } from './tags.ts';
import type { Target } from './target.ts';

/** What the helpers of the local store need of it. */
export interface StoreView extends Target {
  readonly root: string;
  tags(): Promise<readonly StoredTag[]>;
}

export interface StoreReport {
  readonly root: string;
  /** Each with the bytes of everything it reaches; what several tags share counts for each. */
  readonly tags: readonly (StoredTag & { readonly bytes: number })[];
  readonly blobs: Usage;
  readonly contents: Usage;
  readonly memo: Usage;
  readonly partial: Usage;
  readonly bytes: number;
}

export interface Usage {
  readonly count: number;
  readonly bytes: number;
}

/** Something that can be removed on its own. */
export interface StoreItem {
  readonly kind: 'blob' | 'content' | 'memo' | 'partial';
  /** Absolute path of a file or folder. */
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly used: number;
  readonly digest?: Digest | undefined;
}

export async function surveyStore(store: StoreView): Promise<StoreReport> {
  const items = await listItems(store.root);
  const sizes = new Map(items.map((item) => [item.digest, item.bytes]));
  const tags = [];
  for (const entry of await store.tags()) {
    const { digests } = await reach(store, [entry.descriptor]);
    let bytes = 0;
    for (const digest of digests) bytes += sizes.get(digest) ?? 0;
    tags.push({ ...entry, bytes });
  }
  return {
    root: store.root,
    tags,
    blobs: usageOf(items, 'blob'),
    contents: usageOf(items, 'content'),
    memo: usageOf(items, 'memo'),
    partial: usageOf(items, 'partial'),
    bytes: items.reduce((sum, item) => sum + item.bytes, 0),
  };
}

/** Everything that takes room in the store, in no particular order. */
export async function listItems(root: string): Promise<readonly StoreItem[]> {
  const items: StoreItem[] = [];
  for (const name of await names(join(root, 'blobs', 'sha256'))) {
    const digest = `sha256:${name}`;
    const item = await fileItem(join(root, 'blobs', 'sha256', name), 'blob');
    if (item !== undefined && isDigest(digest)) items.push({ ...item, digest });
  }
  for (const kind of await names(join(root, 'contents'))) {
    for (const key of await names(join(root, 'contents', kind))) {
      const item = await folderItem(join(root, 'contents', kind, key));
      if (item !== undefined) items.push(item);
    }
  }
  for (const file of await filesBelow(join(root, 'memo'))) {
    const item = await fileItem(file, 'memo');
    if (item !== undefined) items.push(item);
  }
  for (const name of await names(join(root, 'partial'))) {
    const item = await fileItem(join(root, 'partial', name), 'partial');
    if (item !== undefined) items.push(item);
  }
  return items;
}

async function fileItem(path: string, kind: StoreItem['kind']): Promise<StoreItem | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats === undefined ? undefined : { kind, path, bytes: stats.size, used: stats.mtimeMs };
}

async function folderItem(path: string): Promise<StoreItem | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) return undefined;
  let bytes = 0;
  for (const file of await filesBelow(path)) bytes += (await stat(file).catch(() => undefined))?.size ?? 0;
  return { kind: 'content', path, bytes, used: stats.mtimeMs };
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Sorted, so that a report does not depend on the file system. */
async function names(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort(compareStrings);
}

function usageOf(items: readonly StoreItem[], kind: StoreItem['kind']): Usage {
  const chosen = items.filter((item) => item.kind === kind);
  return { count: chosen.length, bytes: chosen.reduce((sum, item) => sum + item.bytes, 0) };
}
