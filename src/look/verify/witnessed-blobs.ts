import { SlimimageError } from '../../errors.ts';
import type { BlobStore, StoredBlob } from '../../store/types.ts';
import type { Digest } from '../../util/digest.ts';

/** Blobs as they lie there, with a memory of those that somebody has read to the end: they need not be read again. */
export class WitnessedBlobs implements BlobStore {
  readonly #blobs: BlobStore;
  readonly #whole = new Map<Digest, number>();
  readonly #opened = new Set<Digest>();

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  /** Bytes of a blob that was read to its end and had its digest; undefined where nobody did. */
  witnessed(digest: Digest): number | undefined {
    return this.#whole.get(digest);
  }

  /** Whether somebody began to read a blob, to its end or not. */
  wasOpened(digest: Digest): boolean {
    return this.#opened.has(digest);
  }

  async *open(digest: Digest, mediaType?: string): AsyncGenerator<Uint8Array, void, undefined> {
    this.#opened.add(digest);
    let size = 0;
    for await (const chunk of this.#blobs.open(digest, mediaType)) {
      size += chunk.length;
      yield chunk;
    }
    // The end is reached by bytes of this digest alone (BlobStore).
    this.#whole.set(digest, size);
  }

  async has(digest: Digest, mediaType?: string): Promise<boolean> {
    return this.#blobs.has(digest, mediaType);
  }

  async size(digest: Digest, mediaType?: string): Promise<number | undefined> {
    return this.#blobs.size(digest, mediaType);
  }

  async write(): Promise<StoredBlob> {
    throw new SlimimageError({ code: 'OUTPUT_INVALID', message: 'an image that is verified takes no blobs' });
  }
}
