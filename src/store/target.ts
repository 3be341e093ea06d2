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

/** A store whose blobs are files of this host: copies need not pass through this process. */
export interface FileBacked {
  /** Absolute path of the blob's file, whether or not it is there. Not verified: `open` is. */
  path(digest: Digest): string;
}

/** A store that can take a blob from a file of this host. */
export interface FileImporting {
  /** Copies the file (cloning where the file system can), checks the copy, keeps it. */
  importFile(file: string, expected: ExpectedBlob): Promise<StoredBlob>;
}

export function keepsReferrers(target: object): target is ReferrerTarget {
  return 'referrers' in target && typeof target.referrers === 'function';
}

export function isFileBacked(store: object): store is FileBacked {
  return 'path' in store && typeof store.path === 'function';
}

export function isFileImporting(store: object): store is FileImporting {
  return 'importFile' in store && typeof store.importFile === 'function';
}
