import type { PackageOrigin, PackageRecord, Universe } from '../distro/types.ts';

/** One apt archive to read: an entry of `archives:` or a part of a preset. */
export interface ArchiveSpec {
  /** Short name used in locks, papers and mirror settings: `debian`, `debian-security`, `ubuntu`, or the user's. */
  readonly name: string;
  /** Base URLs in order of preference, without trailing slash. The first that answers is used; hashes decide. */
  readonly urls: readonly string[];
  /** Suites or codenames; a single one that ends in `/` means a flat archive. */
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Armored or binary OpenPGP keys: preset key names (`debian`) or file paths. */
  readonly signedBy: readonly string[];
  /** Refuse when Valid-Until has passed (off for snapshots and locks). */
  readonly checkValidUntil: boolean;
  /** Base URL of its snapshot archive, with `{archive}` and `{timestamp}` in it; undefined: there is none. */
  readonly snapshot?: string | undefined;
  /** The past state to read, `20260901T000000Z`: indexes come from the snapshot archive alone, .debs from `urls` first. */
  readonly timestamp?: string | undefined;
}

/** What vouches for an index: kept for the lock and the provenance. */
export interface VerifiedRelease {
  readonly archive: string;
  readonly suite: string;
  readonly codename: string;
  /** Hexadecimal sha256 of the InRelease (or Release) as fetched. */
  readonly sha256: string;
  /** Release Date, ISO 8601 UTC. */
  readonly date: string;
  readonly validUntil: string | undefined;
  /** Full fingerprints of the primary keys whose signatures verified. */
  readonly fingerprints: readonly string[];
  /** The package indexes that were opened, in the order of the request; [] where the suite does not carry the architecture. */
  readonly indexes: readonly ReleaseIndex[];
}

/** An entry of the Release's SHA256 table: of the uncompressed Packages file, where it lists that, else of the one that was fetched. */
export interface ReleaseIndex {
  /** `main/binary-amd64/Packages`, below the suite's folder. */
  readonly path: string;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

export interface OpenedArchives {
  readonly universe: Universe;
  /** Of every index that was opened, empty ones too. */
  readonly origins: readonly Omit<PackageOrigin, 'path'>[];
  readonly releases: readonly VerifiedRelease[];
}

/** A .deb in the local store, verified against its record. */
export interface FetchedDeb {
  readonly record: PackageRecord;
  /** Path of the file in the local store, or of the user's own .deb. */
  readonly file: string;
}
