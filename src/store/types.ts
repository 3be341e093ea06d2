import type { Digest } from '../util/digest.ts';

/**
 * Bytes by digest. Nothing unverified leaves `open`; nothing unverified is kept by `write`. A registry keeps documents (manifests, indexes)
 * apart from other blobs: who knows the media type says it. Other stores need none.
 */
export interface BlobStore {
  has(digest: Digest, mediaType?: string): Promise<boolean>;
  /** Size in bytes, or undefined where the store does not hold the blob. */
  size(digest: Digest, mediaType?: string): Promise<number | undefined>;
  /**
   * The blob's bytes; the digest is checked while they flow and a wrong one throws at the end.
   * @throws SlimimageError STORE where the blob is missing, DIGEST_MISMATCH where it is damaged.
   */
  open(digest: Digest, mediaType?: string): AsyncIterable<Uint8Array>;
  /**
   * Stores bytes: hash while writing, then rename. Returns what was stored.
   * @throws SlimimageError DIGEST_MISMATCH, DOWNLOAD_SHORT or DOWNLOAD_TOO_LARGE where `expected` does not fit.
   */
  write(bytes: AsyncIterable<Uint8Array> | Uint8Array, expected?: ExpectedBlob): Promise<StoredBlob>;
}

export interface ExpectedBlob {
  readonly digest?: Digest | undefined;
  readonly size?: number | undefined;
  /** Of a document. */
  readonly mediaType?: string | undefined;
  /** Bytes after which a source without a known size is refused. */
  readonly maxSize?: number | undefined;
}

export interface StoredBlob {
  readonly digest: Digest;
  readonly size: number;
}
