import type { OnEvent, Phase } from '../events.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { throwIfAborted } from '../util/abort.ts';
import type { Memo } from './memo.ts';
import { forgetRepository, recallRepositories, rememberRepository } from './seen-blobs.ts';
import {
  canMount,
  type DownloadKeeping,
  downloadsFiles,
  type FileBacked,
  isFileBacked,
  isFileImporting,
  isHolding,
  keepsDownloads,
  type Mounting,
} from './target.ts';
import type { BlobStore } from './types.ts';

export interface BlobJob {
  readonly leaf: Descriptor;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: OnEvent | undefined;
  readonly memo: Memo | undefined;
  /** Default `write`. */
  readonly phase?: Phase | undefined;
  /** Where a blob lies between two registries: from there it can be sent again. */
  readonly through?: (BlobStore & FileBacked & DownloadKeeping) | undefined;
}

export interface BlobOutcome {
  readonly type: 'sent' | 'skipped' | 'mounted';
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
}

/** Each is one more request of a registry, and most of the time the first one hits. */
const mountTries = 3;

/** Brings one blob to the destination by the shortest way: not at all, by a mount, as a file, as a stream. */
export async function copyBlob(source: BlobStore, destination: BlobStore, job: BlobJob): Promise<BlobOutcome> {
  const { digest, size, mediaType } = job.leaf;
  const id = `copy ${digest}`;
  const { phase = 'write' } = job;
  const begin = () => job.onEvent?.({ type: 'task', id, phase, label: digest.slice(0, 19), total: size });
  if (await isThere(destination, job.leaf)) {
    begin();
    job.onEvent?.({ type: 'done', id, outcome: 'cached' });
    await remember([destination], job);
    return { type: 'skipped', mediaType, size };
  }
  begin();
  try {
    const mounted = canMount(destination) && (await mountBlob(source, destination, job));
    if (!mounted) await sendBlob(source, destination, { ...job, id });
    await remember([source, destination], job);
    job.onEvent?.({ type: 'done', id, outcome: mounted ? 'cached' : 'ok' });
    return { type: mounted ? 'mounted' : 'sent', mediaType, size };
  } catch (error) {
    job.onEvent?.({ type: 'done', id, outcome: 'failed' });
    throw error;
  }
}

/** Whether a blob or document needs no copying. */
export async function isThere(store: BlobStore, { digest, size, mediaType }: Descriptor): Promise<boolean> {
  if (isHolding(store)) return store.holds({ digest, size, mediaType });
  return (await store.size(digest, mediaType)) === size;
}

async function mountBlob(source: BlobStore, destination: BlobStore & Mounting, job: BlobJob): Promise<boolean> {
  const { registry, repository } = destination.name;
  const { digest, size } = job.leaf;
  const own = canMount(source) && source.name.registry === registry ? [source.name.repository] : [];
  const seen = job.memo === undefined ? [] : await recallRepositories(job.memo, registry, digest);
  const places = [...new Set([...own, ...seen])].filter((name) => name !== repository);
  for (const from of places.slice(0, mountTries)) {
    throwIfAborted(job.signal);
    if (await destination.mount(digest, { from, size })) return true;
    if (job.memo !== undefined) await forgetRepository(job.memo, { registry, repository: from }, digest);
  }
  return false;
}

async function sendBlob(
  source: BlobStore,
  destination: BlobStore,
  job: BlobJob & { readonly id: string },
): Promise<void> {
  const { leaf, id, signal, onEvent, through } = job;
  const { digest, size, mediaType } = leaf;
  const onProgress = (done: number) => onEvent?.({ type: 'advance', id, done });
  if (isFileBacked(source) && isFileImporting(destination) && (await source.has(digest))) {
    await destination.importFile(source.path(digest), { digest, size }, { onProgress, signal });
  } else if (downloadsFiles(source) && keepsDownloads(destination)) {
    await destination.keepDownload({ digest, size }, (file) =>
      source.downloadFile(digest, { size, file, onProgress, signal }),
    );
  } else if (through !== undefined && downloadsFiles(source) && isFileImporting(destination)) {
    if ((await through.size(digest)) !== size) await sendBlob(source, through, { ...job, through: undefined });
    await sendBlob(through, destination, { ...job, through: undefined });
  } else {
    const bytes = counted(source.open(digest, mediaType), { onProgress, signal });
    await destination.write(bytes, { digest, size });
  }
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  { onProgress, signal }: { readonly onProgress: (done: number) => void; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array, void, undefined> {
  let done = 0;
  for await (const chunk of bytes) {
    throwIfAborted(signal);
    yield chunk;
    done += chunk.length;
    onProgress(done);
  }
}

async function remember(places: readonly BlobStore[], { memo, leaf }: BlobJob): Promise<void> {
  if (memo === undefined) return;
  for (const place of places) if (canMount(place)) await rememberRepository(memo, place.name, leaf.digest);
}
