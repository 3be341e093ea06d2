import type { Digest } from '../util/digest.ts';

/**
 * `slimimage.lock.json`: everything that an archive's state decides about an image, so that `build --locked` needs no
 * index and gives the same bytes on any day. It names archives and paths, never a mirror. Plain data, sorted, so that
 * a change of one package is a change of one block.
 */
export interface LockDocument {
  /** Of this form. */
  readonly lockVersion: 1;
  readonly configuration: LockedConfiguration;
  readonly compressor: LockedCompressor;
  /** What vouched for the packages; sorted by archive, suite, digest. */
  readonly releases: readonly LockedRelease[];
  /** In the order of the configuration. */
  readonly platforms: readonly LockedPlatform[];
}

export interface LockedConfiguration {
  /** sha256 of the canonical JSON of `inputs`. */
  readonly digest: Digest;
  readonly inputs: LockInputs;
}

/**
 * The part of a configuration that decides what a lock holds: entrypoint, own files and the like may change without a new
 * lock; of `files:` it has the images that are copied from. Keys as in the configuration, defaults filled in, so that a difference can be named; paths are relative to the
 * configuration's folder.
 */
export type LockInputs = Readonly<Record<string, LockInput>>;

export type LockInput = string | number | boolean | null | readonly LockInput[] | { readonly [key: string]: LockInput };

export interface LockedCompressor {
  readonly algorithm: 'gzip' | 'zstd' | 'none';
  readonly level: number | null;
  /** Versions of the form of contents and of layers: another one gives other bytes. */
  readonly contentFormat: number;
  readonly layerFormat: number;
  /** `pyodide 0.29.5`: what compiled Python modules, where `bytecode: true` asks for it. */
  readonly bytecode?: string | undefined;
}

export interface LockedRelease {
  readonly archive: string;
  readonly suite: string;
  readonly codename: string;
  /** Of the InRelease (or Release) as fetched. */
  readonly digest: Digest;
  /** ISO 8601 UTC. */
  readonly date: string;
  readonly validUntil: string | null;
  /** Full fingerprints of the primary keys whose signatures verified, sorted. */
  readonly fingerprints: readonly string[];
  /** The package indexes that were read, for all platforms; sorted by path. */
  readonly indexes: readonly LockedIndex[];
}

/** As the Release lists it: the uncompressed Packages file, where it lists that. */
export interface LockedIndex {
  /** `main/binary-amd64/Packages`, below the suite's folder. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface LockedPlatform {
  /** `linux/amd64`. */
  readonly platform: string;
  /** The manifest of `on:` for this platform; null without one. */
  readonly on: Digest | null;
  /** What `files:` copies from, each once; sorted by image. */
  readonly images: readonly LockedImage[];
  /** Sorted by name. */
  readonly packages: readonly LockedPackage[];
  /** Packages that are read and not installed; sorted by name. */
  readonly donors: readonly LockedDonor[];
  /** Names of packages that would have been read, and that no archive had; sorted. */
  readonly absentDonors: readonly string[];
  /** Packages that `omit:` leaves out although they provide what others need; sorted by name. */
  readonly omitted: readonly LockedOmission[];
  /** Packages of `packages` that the image goes without (`dependencies: runtime`); sorted by name. */
  readonly cuts: readonly LockedCut[];
  /** System accounts that packages want, by name, sorted: their ids. */
  readonly accounts: {
    readonly users: Readonly<Record<string, number>>;
    readonly groups: Readonly<Record<string, number>>;
  };
}

/** An image that files are copied from. */
export interface LockedImage {
  /** As written; a path is relative to the configuration's folder. */
  readonly image: string;
  /** As of `on:`. */
  readonly digest: Digest;
}

/** Of a package that is left out only this is known: a locked build does not fetch it. */
export interface LockedOmission {
  readonly name: string;
  /** What packages of the image need of it, beside its name: `perlapi-5.40.0`, `libapp-abi (= 2)`; sorted. */
  readonly provides: readonly string[];
}

/** A package that is resolved and cut: the lock decides, whatever a later slimimage would find. */
export interface LockedCut {
  readonly name: string;
  readonly grade: 'proven' | 'no-evidence';
  /** As prune/types.ts says (CutCandidacy). */
  readonly candidacy: 'listed' | 'scripts' | 'orphan';
  /** Of `scripts` the packages whose scripts call it, of `orphan` those that depend on it; sorted. */
  readonly neededBy: readonly string[];
  /** One sentence. */
  readonly because: string;
}

/** What names and finds one .deb. */
export interface LockedDonor {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: { readonly name: string; readonly version: string };
  /** As the configuration or the preset calls it; `file` for a .deb of the user's own. */
  readonly archive: string;
  /** '' for flat archives and files. */
  readonly suite: string;
  readonly component: string;
  /** Below the archive's base URL; for `file` relative to the configuration's folder: `./debs/app.deb`, `../app.deb`. */
  readonly path: string;
  /** Bytes of the .deb. */
  readonly size: number;
  /** Bytes on disk as the package declares them. */
  readonly installedSize: number;
  /** Hexadecimal, of the .deb. */
  readonly sha256: string;
}

export interface LockedPackage extends LockedDonor {
  /** The requests for it, as written; [] for what only dependencies brought in. `base-files` may be there without any. */
  readonly requests: readonly string[];
  /** Names of the packages of this image that need it, sorted. */
  readonly requestedBy: readonly string[];
}
