import { isSlimimageError } from '../errors.ts';
import { throwIfAborted } from '../util/abort.ts';
import type { Digest } from '../util/digest.ts';
import { checkFile } from './blob-file.ts';
import { reach } from './reach.ts';
import { listItems, type StoreView } from './survey.ts';

export interface VerifyReport {
  readonly blobs: number;
  readonly bytes: number;
  /** Blobs whose bytes are not what their name says. */
  readonly damaged: readonly Digest[];
  /** Tags that reach something missing or unreadable. */
  readonly brokenTags: readonly { readonly name: string; readonly tag: string; readonly reason: string }[];
}

export async function verifyStore(
  store: StoreView,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<VerifyReport> {
  const damaged: Digest[] = [];
  let blobs = 0;
  let bytes = 0;
  for (const { digest, path, bytes: size } of await listItems(store.root)) {
    if (digest === undefined) continue;
    throwIfAborted(options.signal);
    blobs++;
    bytes += size;
    if (!(await isWhole(path, digest))) damaged.push(digest);
  }
  const brokenTags = [];
  for (const { name, tag, descriptor } of await store.tags()) {
    const { digests, broken } = await reach(store, [descriptor]);
    const [first] = broken;
    const bad = damaged.find((digest) => digests.has(digest));
    if (first !== undefined) brokenTags.push({ name, tag, reason: `${first.descriptor.digest}: ${first.reason}` });
    else if (bad !== undefined) brokenTags.push({ name, tag, reason: `${bad}: damaged` });
  }
  return { blobs, bytes, damaged, brokenTags };
}

async function isWhole(path: string, digest: Digest): Promise<boolean> {
  try {
    await checkFile(path, { digest });
    return true;
  } catch (error) {
    if (isSlimimageError(error, 'DIGEST_MISMATCH')) return false;
    throw error;
  }
}
