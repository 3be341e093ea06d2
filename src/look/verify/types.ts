import type { Digest } from '../../util/digest.ts';

/** `unproven`: nothing speaks against it, and what would prove it is not there. */
export type ClaimStatus = 'proven' | 'failed' | 'unproven';

export type ClaimId =
  /** Index, manifests and configs are what their schemas and each other say. */
  | 'documents'
  /** Every blob has the digest and size by which it is named. */
  | 'blobs'
  /** Every layer unpacks to its diff ID. */
  | 'layers'
  /** Files of packages have the MD5 that the package database of the image says. */
  | 'packaged-files'
  /** Configuration files of packages likewise: people change them. */
  | 'configuration-files'
  /** Programs are those of packages. */
  | 'unowned-programs'
  /** Without a lock nothing holds links, modes and owners: never proven. */
  | 'metadata'
  /** Files that are no programs, links and devices are those of packages. */
  | 'unowned-files'
  /** The packages are those of the lock. */
  | 'locked-packages'
  /** Files of packages are those of the locked .debs. */
  | 'locked-files'
  /** What maintainer scripts would have left is what the build derives from the lock. */
  | 'generated-files'
  /** The layers of `on:` are those of the image that the lock names, and nothing of them is replaced but by the build. */
  | 'image-below'
  /** Files of the configuration are those that lie beside it. */
  | 'own-files'
  /** Entrypoint, environment, user and the like are the configuration's. */
  | 'settings'
  /** Nothing else is in the image. */
  | 'nothing-else'
  /** What is attached to the image is whole. */
  | 'papers'
  /** A provenance names the image, and its packages. */
  | 'provenance'
  /** The provenance and the lock name the same. */
  | 'locked-materials'
  /** An archive's key signed the Releases that the provenance names. */
  | 'releases'
  /** Those Releases list package indexes that list the .debs. */
  | 'listed-packages'
  /** Files are those of the .debs that the provenance names and a signed index lists; where there is no lock. */
  | 'provenance-files'
  /** One of the keys signed the image. */
  | 'image-signature'
  /** One of the keys signed its papers. */
  | 'paper-signatures';

/** One thing that is claimed of an image, and how far it is proven. Plain data. */
export interface Claim {
  readonly id: ClaimId;
  readonly status: ClaimStatus;
  /** Of what it speaks; undefined: of all platforms. */
  readonly platform?: string | undefined;
  /** What is claimed, as a sentence without full stop. */
  readonly claim: string;
  /** By what it was held: the evidence, with its limits. */
  readonly by: string;
  /** Why it is not proven. */
  readonly reason?: string | undefined;
  /** Of what was held: blobs, files, packages. */
  readonly counts: { readonly proven: number; readonly failed: number; readonly unproven: number };
  /** What failed, then what is not proven, then what is told beside it. */
  readonly details: readonly ClaimDetail[];
}

export interface ClaimDetail {
  readonly status: 'failed' | 'unproven' | 'note';
  /** A digest, a path, a package. */
  readonly about: string;
  readonly message: string;
}

/** What `verify` found. Plain data. */
export interface ImageVerification {
  /** The name under which it was opened. */
  readonly image: string;
  /** Of its root; undefined where the form keeps no digests. */
  readonly digest: Digest | undefined;
  /** Nothing failed, and what keys and lock were given for is proven. */
  readonly verified: boolean;
  /** By what beside the image itself its origin is proven. Empty: it is whole, and whoever made it could have made it so. */
  readonly against: readonly ('lock' | 'key')[];
  readonly claims: readonly Claim[];
}
