import { SlimimageError } from '../errors.ts';
import type { OnEvent, OperationOptions } from '../events.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isDocument } from '../oci/encode.ts';
import { throwIfAborted } from '../util/abort.ts';
import { mapLimit } from '../util/concurrency.ts';
import type { Digest } from '../util/digest.ts';
import { readBlob, readSuccessors } from './read-document.ts';
import { isFileBacked, isFileImporting } from './target.ts';
import type { BlobStore } from './types.ts';

export interface CopyOptions extends OperationOptions {
  /** Blobs on their way at once; default 4. */
  readonly concurrency?: number | undefined;
}

export interface CopyReport {
  /** Blobs that were sent, and their bytes. */
  readonly copied: number;
  readonly copiedBytes: number;
  /** Blobs that the destination had. */
  readonly skipped: number;
}

/** Indexes of indexes; real ones have one level. */
const maxNesting = 8;

/**
 * Copies an image or an index of images with everything it points to. Leaves come first and documents after what they point
 * to, so that a destination never holds a document whose parts are missing. It tags nothing.
 *
 * @throws SlimimageError what reading the source and writing the destination bring about; ABORTED
 */
export async function copy(
  source: BlobStore,
  destination: BlobStore,
  options: CopyOptions & { readonly root: Descriptor },
): Promise<CopyReport> {
  const { leaves, documents } = await collect(source, options.root, options.signal);
  const limit = options.concurrency ?? 4;
  const copied = await mapLimit(
    leaves,
    (leaf, { signal }) => copyBlob(source, destination, { leaf, signal, onEvent: options.onEvent }),
    { limit, signal: options.signal },
  );
  // Deepest first: an index after its manifests.
  for (const document of documents.toReversed()) {
    throwIfAborted(options.signal);
    copied.push(await copyDocument(source, destination, document));
  }
  const sent = copied.filter((bytes) => bytes !== undefined);
  return {
    copied: sent.length,
    copiedBytes: sent.reduce((sum, bytes) => sum + bytes, 0),
    skipped: copied.length - sent.length,
  };
}

/** Everything below `root`, each digest once, documents in the order in which they were found (parents first). */
async function collect(
  source: BlobStore,
  root: Descriptor,
  signal: AbortSignal | undefined,
): Promise<{ leaves: readonly Descriptor[]; documents: readonly Descriptor[] }> {
  const leaves = new Map<Digest, Descriptor>();
  const documents = new Map<Digest, Descriptor>();
  let level: readonly Descriptor[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxNesting)
      throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message: `${root.digest} is nested too deep` });
    const next = new Map<Digest, Descriptor>();
    for (const descriptor of level) {
      throwIfAborted(signal);
      if (!isDocument(descriptor)) {
        leaves.set(descriptor.digest, descriptor);
        continue;
      }
      // Found again on a deeper level: it has to come before all of its parents.
      documents.delete(descriptor.digest);
      documents.set(descriptor.digest, descriptor);
      for (const successor of await readSuccessors(source, descriptor)) next.set(successor.digest, successor);
    }
    level = [...next.values()];
  }
  return { leaves: [...leaves.values()], documents: [...documents.values()] };
}

interface BlobCopy {
  readonly leaf: Descriptor;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent | undefined;
}

/** @returns the bytes sent, or undefined where the destination had the blob */
async function copyBlob(source: BlobStore, destination: BlobStore, job: BlobCopy): Promise<number | undefined> {
  const { digest, size } = job.leaf;
  if ((await destination.size(digest)) === size) return undefined;
  const id = `copy ${digest}`;
  job.onEvent?.({ type: 'task', id, phase: 'write', label: digest.slice(0, 19), total: size });
  try {
    if (isFileBacked(source) && isFileImporting(destination) && (await source.has(digest))) {
      await destination.importFile(source.path(digest), { digest, size });
    } else {
      await destination.write(counted(source.open(digest), id, job), { digest, size });
    }
  } catch (error) {
    job.onEvent?.({ type: 'done', id, outcome: 'failed' });
    throw error;
  }
  job.onEvent?.({ type: 'done', id, outcome: 'ok' });
  return size;
}

async function copyDocument(
  source: BlobStore,
  destination: BlobStore,
  document: Descriptor,
): Promise<number | undefined> {
  const { digest, size } = document;
  if ((await destination.size(digest)) === size) return undefined;
  await destination.write(await readBlob(source, document), { digest, size });
  return size;
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  id: string,
  { signal, onEvent }: BlobCopy,
): AsyncGenerator<Uint8Array, void, undefined> {
  let done = 0;
  for await (const chunk of bytes) {
    throwIfAborted(signal);
    yield chunk;
    done += chunk.length;
    onEvent?.({ type: 'advance', id, done });
  }
}
