import type { Digest } from '../util/digest.ts';

/** What a build was made of, for an SLSA provenance predicate (slsa.dev/provenance/v1). Plain data; no mirror, path or clock of a machine. */
export interface ProvenanceFacts {
  /** What papers call the image: as the user does. */
  readonly name: string;
  /** Of the root (an index or a manifest) and of each platform's manifest, with `linux/amd64` for the latter. */
  readonly subjects: readonly { readonly digest: Digest; readonly platform: string | undefined }[];
  readonly toolVersion: string;
  /** sha256 of the configuration as canonical JSON, paths relative to its folder. */
  readonly configuration: Digest;
  /** sha256 of the lock file's bytes; undefined for a build without one. */
  readonly lock: Digest | undefined;
  /** `gzip-6`, and the version of the forms: another compressor gives other bytes. */
  readonly compressor: { readonly name: string; readonly contentFormat: number; readonly layerFormat: number };
  /** `pyodide 0.29.5`: what compiled Python modules; undefined: none was compiled. */
  readonly bytecode?: string | undefined;
  readonly platforms: readonly string[];
  readonly releases: readonly ProvenanceRelease[];
  readonly packages: readonly ProvenancePackage[];
  /** Images that the build stands on or copies from, by digest. */
  readonly images: readonly { readonly role: 'on' | 'files'; readonly name: string; readonly digest: Digest }[];
  /** Seconds since the epoch, where somebody said which time the image has: `created:`, SOURCE_DATE_EPOCH. */
  readonly created?: number | undefined;
  /** What was copied from this machine: of clean checkouts of git their commit. */
  readonly sources: readonly (ProvenanceCheckout | ProvenanceFiles)[];
}

export interface ProvenanceCheckout {
  readonly type: 'git';
  readonly name: string;
  readonly commit: string;
  readonly remote: string | undefined;
}

export interface ProvenanceFiles {
  readonly type: 'files' | 'certificate';
  /** As the configuration has it, without what lies outside of its folder. */
  readonly name: string;
  /** Hexadecimal: `sha256` of a file; `dirHash` of a folder's files (in-toto, digest_set.md). */
  readonly digest: Readonly<Record<string, string>>;
  /** Symbolic links of the folder: path -> target. */
  readonly links?: Readonly<Record<string, string>> | undefined;
}

export interface ProvenanceRelease {
  readonly archive: string;
  readonly suite: string;
  /** Of the InRelease. */
  readonly digest: Digest;
  /** ISO 8601 UTC. */
  readonly date: string;
  /** Full fingerprints of the keys that vouched for it. */
  readonly fingerprints: readonly string[];
  /** The package indexes that were read, with the digest that the Release gives for each; [] where a lock took their place. */
  readonly indexes: readonly { readonly path: string; readonly digest: Digest }[];
}

export interface ProvenancePackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly vendor: string | undefined;
  readonly codename: string | undefined;
  readonly archive: string;
  readonly suite: string;
  /** Below the archive's base URL; the file name alone for a .deb of the user's own. */
  readonly path: string;
  readonly sha256: string;
  /** Read for accounts, terminfo and the like, and not installed. */
  readonly donor: boolean;
}
