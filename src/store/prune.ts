import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseStoreName } from '../oci/location.ts';
import { throwIfAborted } from '../util/abort.ts';
import { compareStrings } from '../util/text.ts';
import { diskError } from './disk-error.ts';
import { reach } from './reach.ts';
import { listItems, type StoreItem, type StoreView } from './survey.ts';

export interface PruneOptions {
  /** Bytes that may stay beside what the tags reach together with it; default 0: everything that no tag reaches goes. */
  readonly maxBytes?: number | undefined;
  /** Tags (`NAME:TAG`) that stay; default all. The others are removed first. */
  readonly keepTags?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PruneReport {
  readonly removedTags: readonly string[];
  readonly removed: number;
  readonly removedBytes: number;
  /** Bytes left in the store. */
  readonly bytes: number;
}

export interface PrunableStore extends StoreView {
  untag(reference: string): Promise<boolean>;
  sweepReferrers(): Promise<void>;
}

/**
 * Least recently used first, until the whole store holds at most `maxBytes`; what is kept keeps its referrers. The caller holds the
 * exclusive lock.
 */
export async function pruneStore(store: PrunableStore, options: PruneOptions): Promise<PruneReport> {
  const removedTags = await dropTags(store, options.keepTags);
  const tags = await store.tags();
  const { digests } = await reach(
    store,
    tags.map((tag) => tag.descriptor),
  );
  const items = await listItems(store.root);
  let bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  let removed = 0;
  let removedBytes = 0;
  const candidates = items
    .filter((item) => item.digest === undefined || !digests.has(item.digest))
    .sort((a, b) => a.used - b.used || compareStrings(a.path, b.path));
  for (const item of candidates) {
    if (bytes <= (options.maxBytes ?? 0)) break;
    throwIfAborted(options.signal);
    await remove(store.root, item);
    bytes -= item.bytes;
    removedBytes += item.bytes;
    removed++;
  }
  await store.sweepReferrers();
  return { removedTags, removed, removedBytes, bytes };
}

async function dropTags(store: PrunableStore, keep: readonly string[] | undefined): Promise<readonly string[]> {
  if (keep === undefined) return [];
  const kept = new Set(keep.map((text) => parseStoreName(text)).map(({ name, tag }) => `${name}:${tag}`));
  const removed: string[] = [];
  for (const { name, tag } of await store.tags()) {
    const text = `${name}:${tag}`;
    if (!kept.has(text) && (await store.untag(text))) removed.push(text);
  }
  return removed;
}

/** A folder is moved away first: a prune that dies must not leave half a content under its key. */
async function remove(root: string, item: StoreItem): Promise<void> {
  try {
    if (item.kind !== 'content') return await rm(item.path, { force: true });
    const away = join(root, 'tmp', `removed-${randomBytes(8).toString('hex')}`);
    await rename(item.path, away);
    await rm(away, { recursive: true, force: true });
  } catch (cause) {
    throw diskError(cause, `cannot remove ${item.path}`);
  }
}
