import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../util/digest.ts';
import type { BlobStore, ExpectedBlob, StoredBlob } from './types.ts';

/**
 * A place that keeps images by digest and names some of them: a registry, a layout folder, the local store, memory.
 * Moving an image is `copy` from one to another, whichever they are.
 */
export interface Target extends BlobStore {
  /**
   * What the name points to (`NAME[:TAG]` of a store, the tag of a layout or registry), or undefined.
   * @throws SlimimageError REFERENCE_INVALID, OCI_INVALID, STORE
   */
  resolve(reference: string): Promise<Descriptor | undefined>;
  /**
   * Points the name at a document that the target already holds; replaces what the name pointed to, atomically.
   * @throws SlimimageError REFERENCE_INVALID, STORE
   */
  tag(descriptor: Descriptor, reference: string): Promise<void>;
}

/**
 * A target that knows which documents speak of another one: its papers and signatures (OCI image-spec, `subject`; distribution-spec,
 * "Listing Referrers").
 */
export interface ReferrerTarget extends Target {
  /**
   * Descriptors of the manifests that have `subject` as theirs, with `artifactType` and annotations, each once, sorted by
   * digest; only those of one type where it is given.
   * @throws SlimimageError OCI_INVALID, LIMIT_EXCEEDED, STORE, NETWORK, HTTP_STATUS
   */
  referrers(subject: Digest, artifactType?: string): Promise<readonly Descriptor[]>;
  /** Makes a manifest, which the target already holds, known as a referrer of its subject. */
  refer(referrer: Descriptor, subject: Descriptor): Promise<void>;
}

/** A target that keeps what refers to an image in a list: fewer changes of it are fewer that other writers can cross. */
export interface ReferringAtOnce {
  /** As `refer` of each. */
  referAll(referrers: readonly Descriptor[], subject: Descriptor): Promise<void>;
}

/** A store whose blobs are files of this host: copies need not pass through this process. */
export interface FileBacked {
  /** Absolute path of the blob's file, whether or not it is there. Not verified: `open` is. */
  path(digest: Digest): string;
}

/** A store that can take a blob from a file of this host. */
export interface FileImporting {
  /** Copies the file (cloning where the file system can), checks the copy, keeps it. */
  importFile(file: string, expected: ExpectedBlob, options?: ImportOptions): Promise<StoredBlob>;
}

export interface ImportOptions {
  /** Bytes sent so far (absolute), where that takes time. */
  readonly onProgress?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Brings a blob to `file`, continuing what lies there, and checks its size and digest. */
export type FetchFile = (file: string) => Promise<void>;

/** A store that takes a blob as a file which was checked while it was fetched. */
export interface DownloadKeeping {
  /** What an attempt that fails has got may be kept for the next one. */
  keepDownload(expected: StoredBlob, fetch: FetchFile): Promise<StoredBlob>;
}

export interface FileDownload {
  /** Bytes. */
  readonly size: number;
  /** Absolute path; what lies there is continued. */
  readonly file: string;
  /** Bytes held so far. */
  readonly onProgress?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A source that can bring a blob to a file: each byte is hashed once, on its way. */
export interface FileDownloading {
  /** @throws SlimimageError DIGEST_MISMATCH, DOWNLOAD_SHORT, DOWNLOAD_TOO_LARGE, NETWORK, HTTP_STATUS, ABORTED */
  downloadFile(digest: Digest, options: FileDownload): Promise<void>;
}

/** A repository of a registry, which takes blobs over from the others there. */
export interface Mounting {
  readonly name: { readonly registry: string; readonly repository: string };
  /** False where the registry does not. */
  mount(digest: Digest, options: { readonly from: string; readonly size: number }): Promise<boolean>;
}

/** A store that may not know the size of what it has: a registry need not tell. */
export interface Holding {
  /** Whether the blob is there, and of no other size as far as one is told. */
  holds(blob: StoredBlob & Pick<ExpectedBlob, 'mediaType'>): Promise<boolean>;
}

export function keepsReferrers(target: object): target is ReferrerTarget {
  return 'referrers' in target && typeof target.referrers === 'function';
}

export function refersAtOnce(target: object): target is ReferringAtOnce {
  return 'referAll' in target && typeof target.referAll === 'function';
}

export function isFileBacked(store: object): store is FileBacked {
  return 'path' in store && typeof store.path === 'function';
}

export function isFileImporting(store: object): store is FileImporting {
  return 'importFile' in store && typeof store.importFile === 'function';
}

export function keepsDownloads(store: object): store is DownloadKeeping {
  return 'keepDownload' in store && typeof store.keepDownload === 'function';
}

export function downloadsFiles(store: object): store is FileDownloading {
  return 'downloadFile' in store && typeof store.downloadFile === 'function';
}

export function isHolding(store: object): store is Holding {
  return 'holds' in store && typeof store.holds === 'function';
}

export function canMount(target: object): target is Mounting {
  return 'mount' in target && typeof target.mount === 'function';
}
