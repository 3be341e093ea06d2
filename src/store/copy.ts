import type { OnEvent, OperationOptions } from '../events.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isNonDistributable, layerAlgorithm } from '../oci/media-types.ts';
import { throwIfAborted } from '../util/abort.ts';
import { mapLimit } from '../util/concurrency.ts';
import { type CollectedDocument, collectTree } from './collect-tree.ts';
import { type BlobJob, type BlobOutcome, copyBlob, isThere } from './copy-blob.ts';
import { copyReferrers } from './copy-referrers.ts';
import type { Memo } from './memo.ts';
import { canMount } from './target.ts';
import type { BlobStore } from './types.ts';

export interface CopyOptions extends OperationOptions {
  /** Blobs on their way at once; default 4. */
  readonly concurrency?: number | undefined;
  /** Bring along what refers to the documents that are copied, where both sides know referrers. */
  readonly referrers?: boolean | undefined;
  /** Remembers which repositories have which blobs: between repositories of one registry they are mounted. */
  readonly memo?: Memo | undefined;
  /** Where blobs lie between two registries: what has arrived there need not come again. */
  readonly through?: BlobJob['through'];
}

export interface CopyReport {
  /** Blobs and documents that were sent, and their bytes. */
  readonly copied: number;
  /** Those of `copied` that are layers; the others are configurations, papers, manifests and indexes. */
  readonly copiedLayers: number;
  readonly copiedBytes: number;
  /** Blobs that the destination had. */
  readonly skipped: number;
  /** Blobs that the destination's registry took from another repository of its own. */
  readonly mounted: number;
  /** Referrers of the image, and theirs, that the destination now knows. */
  readonly referrers: number;
}

/**
 * Copies an image or an index of images with everything it points to. Leaves come first and documents after what they point
 * to, so that a destination never holds a document whose parts are missing; then what refers to it. It tags nothing. Of layers that may
 * not be distributed a registry gets none.
 *
 * @throws SlimimageError what reading the source and writing the destination bring about; LIMIT_EXCEEDED, ABORTED
 */
export async function copy(
  source: BlobStore,
  destination: BlobStore,
  options: CopyOptions & { readonly root: Descriptor },
): Promise<CopyReport> {
  const outcomes: BlobOutcome[] = [];
  const copyTree = async (root: Descriptor): Promise<readonly CollectedDocument[]> => {
    const { leaves, documents } = await collectTree(source, root, options.signal);
    const { onEvent, memo, through } = options;
    const foreign = canMount(destination) ? leaves.filter(isForeign) : [];
    for (const leaf of foreign) onEvent?.({ type: 'warning', message: staysMessage(leaf) });
    const sent = await mapLimit(
      leaves.filter((leaf) => !foreign.includes(leaf)),
      (leaf, { signal }) => copyBlob(source, destination, { leaf, signal, onEvent, memo, through }),
      { limit: options.concurrency ?? 4, signal: options.signal },
    );
    outcomes.push(...sent);
    // Deepest first: an index after its manifests.
    for (const document of documents.toReversed()) {
      throwIfAborted(options.signal);
      outcomes.push(await copyDocument(destination, document, options.onEvent));
    }
    return documents;
  };
  const documents = await copyTree(options.root);
  const { onEvent } = options;
  const referrers =
    options.referrers === true ? await copyReferrers(source, destination, { documents, onEvent, copyTree }) : 0;
  const sent = outcomes.filter(({ type }) => type === 'sent');
  return {
    copied: sent.length,
    copiedLayers: sent.filter(({ mediaType }) => layerAlgorithm(mediaType) !== undefined).length,
    copiedBytes: sent.reduce((sum, { size }) => sum + size, 0),
    skipped: outcomes.filter(({ type }) => type === 'skipped').length,
    mounted: outcomes.filter(({ type }) => type === 'mounted').length,
    referrers,
  };
}

/** A layer that its publisher alone may give away, and says where: registries keep none, and whoever pulls the image fetches it there. */
function isForeign({ mediaType, urls = [] }: Descriptor): boolean {
  return isNonDistributable(mediaType) && urls.length > 0;
}

function staysMessage({ digest, urls = [] }: Descriptor): string {
  const hosts = new Set(urls.flatMap((url) => (URL.canParse(url) ? [new URL(url).host] : [])));
  const where = hosts.size === 0 ? '' : ` (${[...hosts].join(', ')})`;
  return `The layer ${digest} is not copied: it stays with its publisher${where}, who alone may give it away`;
}

/** Told like a blob, so that what is seen on the way is what the report counts. */
async function copyDocument(
  destination: BlobStore,
  { descriptor, bytes }: CollectedDocument,
  onEvent: OnEvent | undefined,
): Promise<BlobOutcome> {
  const { mediaType, digest, size } = descriptor;
  const id = `copy ${digest}`;
  onEvent?.({ type: 'task', id, phase: 'write', label: digest.slice(0, 19), total: size });
  try {
    const there = await isThere(destination, descriptor);
    if (!there) await destination.write(bytes, { digest, size, mediaType });
    onEvent?.({ type: 'done', id, outcome: there ? 'cached' : 'ok' });
    return { type: there ? 'skipped' : 'sent', mediaType, size };
  } catch (error) {
    onEvent?.({ type: 'done', id, outcome: 'failed' });
    throw error;
  }
}
