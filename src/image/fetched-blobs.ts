import { SlimimageError } from '../errors.ts';
import type { OperationOptions } from '../events.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isDocument } from '../oci/encode.ts';
import { copyBlob } from '../store/copy-blob.ts';
import type { LocalStore } from '../store/local-store.ts';
import { parseSuccessors, readBlob } from '../store/read-document.ts';
import type { BlobStore, StoredBlob } from '../store/types.ts';
import type { Digest } from '../util/digest.ts';

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
    // Readers of the same blob wait for one download.
    const fetching = this.#fetching.get(digest) ?? this.#fetch(descriptor);
    this.#fetching.set(digest, fetching);
    await fetching;
    yield* this.#store.open(digest);
  }

  async write(): Promise<StoredBlob> {
    throw new SlimimageError({ code: 'OUTPUT_INVALID', message: 'an image that was opened to be read takes no blobs' });
  }

  async #fetch(descriptor: Descriptor): Promise<void> {
    const { digest, size } = descriptor;
    const isHeld = (await this.#store.size(digest)) === size;
    if (isDocument(descriptor)) {
      const bytes = await readBlob(isHeld ? this.#store : await this.#source(), descriptor);
      if (!isHeld) await this.#store.write(bytes, { digest, size });
      for (const successor of parseSuccessors(bytes, descriptor)) this.#known.set(successor.digest, successor);
    } else if (!isHeld) {
      const { onEvent, signal } = this.#options;
      const { memo } = this.#store;
      await copyBlob(await this.#source(), this.#store, { leaf: descriptor, phase: 'download', memo, onEvent, signal });
    }
  }
}
