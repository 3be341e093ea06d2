/**
 * What the solver and the use cases know of a package, whatever the distribution. distro/debian fills it.
 */
export type VersionOperator = '<<' | '<=' | '=' | '>=' | '>>';

/** One name in a dependency field: `libc6:any (>= 2.36) [amd64]`; the architecture list is already evaluated. */
export interface Relation {
  readonly name: string;
  /** `any`, `native` or an architecture; undefined where none is written. */
  readonly qualifier?: string | undefined;
  readonly operator?: VersionOperator | undefined;
  readonly version?: string | undefined;
}

/** Alternatives in the order in which they are written: any one of them is enough. */
export type Dependency = readonly Relation[];

export interface PackageRecord {
  readonly name: string;
  readonly version: string;
  /** `amd64`, `arm64`, ..., or `all`. */
  readonly architecture: string;
  readonly source: { readonly name: string; readonly version: string };
  readonly essential: boolean;
  readonly priority: string;
  readonly section: string;
  readonly multiArch: 'no' | 'same' | 'foreign' | 'allowed';
  readonly preDepends: readonly Dependency[];
  readonly depends: readonly Dependency[];
  readonly recommends: readonly Dependency[];
  readonly conflicts: readonly Relation[];
  readonly breaks: readonly Relation[];
  readonly replaces: readonly Relation[];
  readonly provides: readonly Relation[];
  /** KiB, as dpkg counts them. */
  readonly installedSize: number;
  /** Bytes of the .deb. */
  readonly size: number;
  /** Hexadecimal sha256 of the .deb. */
  readonly sha256: string;
  readonly origin: PackageOrigin;
  /** Why its stanza cannot be read, with the field. Such a record is told of, and never chosen. */
  readonly broken?: string | undefined;
}

/** Where a package comes from. Never names a mirror's host. */
export interface PackageOrigin {
  /** Archive name as the configuration or preset calls it (`debian`, `debian-security`, ...), or `file`. */
  readonly archive: string;
  /** Codename or suite (`trixie-security`); '' for files and flat archives. */
  readonly suite: string;
  readonly component: string;
  /** Path of the .deb below the archive's base URL, or the file's path for `file`. */
  readonly path: string;
  /** apt's pin priority of the suite (500; 100 ButAutomaticUpgrades; 1 NotAutomatic). A file: 1000. */
  readonly priority: number;
  /** What the suite's Release says of itself; undefined for files and installed packages. */
  readonly release?: ReleaseFacts | undefined;
}

/** The fields of a Release by which pins and `name/suite` choose; '' where a field is missing. */
export interface ReleaseFacts {
  /** `stable`, `oldstable-security`. */
  readonly suite: string;
  /** `trixie`, `trixie-security`. */
  readonly codename: string;
  /** `13.2`. */
  readonly version: string;
  /** `Debian`. */
  readonly origin: string;
  /** `Debian`, `Debian-Security`. */
  readonly label: string;
}

/**
 * All packages that a resolution may choose from, for one architecture (its own packages and `all`).
 * Synchronous: an index is opened before it is asked, and a stanza is parsed when it is asked for.
 */
export interface Universe {
  readonly architecture: string;
  /** Real packages of that name, every version of every suite, in any order. */
  candidates(name: string): readonly PackageRecord[];
  /**
   * Packages that Provide that name (a package that provides its own name is listed too), in the order in which the
   * indexes first speak of them: where all else is equal, the solver prefers the last, as apt does.
   */
  providers(name: string): readonly PackageRecord[];
  /** Names of the packages that say `Essential: yes` (Policy 3.8) in any suite, sorted. */
  essentials(): readonly string[];
  /** Every real package name, for "did you mean". */
  names(): Iterable<string>;
  /** Every name that packages provide, for the same. */
  providedNames?(): Iterable<string>;
}

/** What differs between ecosystems for the solver. */
export interface VersionOrder {
  /** Negative, zero or positive. Total over every string: never throws. */
  compare(a: string, b: string): number;
}
