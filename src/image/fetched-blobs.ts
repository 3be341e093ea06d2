import { SlimimageError } from '../errors.ts';
import type { OperationOptions } from '../events.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isDocument } from '../oci/encode.ts';
import { layerAlgorithm } from '../oci/media-types.ts';
import { copyBlob } from '../store/copy-blob.ts';
import type { LocalStore } from '../store/local-store.ts';
import { parseSuccessors, readBlob } from '../store/read-document.ts';
import type { BlobStore, StoredBlob } from '../store/types.ts';
import { Semaphore } from '../util/concurrency.ts';
import type { Digest } from '../util/digest.ts';

/** Downloads of one image under way at once. */
const layersAtOnce = 4;

export interface FetchedBlobsOptions extends OperationOptions {
  /** Where reading begins: sizes of all other blobs are those that the documents name. */
  readonly root: Descriptor;
}

/** The blobs of a registry by way of the local store: what is there is not fetched, what is fetched stays there. */
export class FetchedBlobs implements BlobStore {
  readonly #store: LocalStore;
  readonly #source: () => Promise<BlobStore>;
  readonly #options: FetchedBlobsOptions;
  readonly #known = new Map<Digest, Descriptor>();
  readonly #fetching = new Map<Digest, Promise<void>>();
  readonly #left = new AbortController();
  readonly #places = new Semaphore(layersAtOnce);

  /** @param source opened with the first blob that the store lacks */
  constructor(store: LocalStore, source: () => Promise<BlobStore>, options: FetchedBlobsOptions) {
    this.#store = store;
    this.#source = source;
    this.#options = options;
    this.#known.set(options.root.digest, options.root);
  }

  async has(digest: Digest, mediaType?: string): Promise<boolean> {
    return (await this.size(digest, mediaType)) !== undefined;
  }

  async size(digest: Digest, mediaType?: string): Promise<number | undefined> {
    return (await this.#store.size(digest)) ?? (await this.#source()).size(digest, mediaType);
  }

  async *open(digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
    const descriptor = this.#known.get(digest);
    if (descriptor === undefined) {
      throw new SlimimageError({ code: 'STORE', message: `no document of the image names the blob ${digest}` });
    }
    const fetching = this.#obtain(descriptor);
    // Whoever reads one layer reads them all, one after the other: the next ones may come meanwhile.
    if (isLayer(descriptor)) for (const other of this.#known.values()) if (isLayer(other)) void this.#obtain(other);
    await fetching;
    yield* this.#store.open(digest);
  }

  /** Ends what is still under way. */
  async close(): Promise<void> {
    this.#left.abort();
    await Promise.allSettled(this.#fetching.values());
  }

  async write(): Promise<StoredBlob> {
    throw new SlimimageError({ code: 'OUTPUT_INVALID', message: 'an image that was opened to be read takes no blobs' });
  }

  /** Readers of the same blob wait for one download. */
  #obtain(descriptor: Descriptor): Promise<void> {
    const { digest } = descriptor;
    const known = this.#fetching.get(digest);
    if (known !== undefined) return known;
    const fetching = this.#places.run(() => this.#fetch(descriptor), this.#signal);
    this.#fetching.set(digest, fetching);
    // Who asks for it hears of a failure; it may be that nobody does.
    fetching.catch(() => undefined);
    return fetching;
  }

  get #signal(): AbortSignal {
    const { signal } = this.#options;
    return signal === undefined ? this.#left.signal : AbortSignal.any([signal, this.#left.signal]);
  }

  async #fetch(descriptor: Descriptor): Promise<void> {
    const { digest, size } = descriptor;
    const isHeld = (await this.#store.size(digest)) === size;
    if (isDocument(descriptor)) {
      const bytes = await readBlob(isHeld ? this.#store : await this.#source(), descriptor);
      if (!isHeld) await this.#store.write(bytes, { digest, size });
      for (const successor of parseSuccessors(bytes, descriptor)) this.#known.set(successor.digest, successor);
    } else if (!isHeld) {
      const { onEvent } = this.#options;
      const { memo } = this.#store;
      const job = { leaf: descriptor, phase: 'download', memo, onEvent, signal: this.#signal } as const;
      await copyBlob(await this.#source(), this.#store, job);
    }
  }
}

function isLayer({ mediaType }: Descriptor): boolean {
  return layerAlgorithm(mediaType) !== undefined;
}
