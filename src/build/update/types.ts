import type { PackageChange, PlatformDifference } from '../../lock/compare-locks.ts';
import type { Digest } from '../../util/digest.ts';
import type { BuildOptions, BuildResult } from '../types.ts';

export interface UpdateOptions extends Omit<BuildOptions, 'tags' | 'outputs' | 'load' | 'lock'> {
  /** The lock to update, absolute or against `cwd`; undefined: beside the configuration. */
  readonly lock?: string | undefined;
  /** Take only what a security suite brings, and what that needs; everything else stays as locked. */
  readonly securityOnly?: boolean | undefined;
  /** Fetch a .deb of every new source version for its changelog; undefined: true. */
  readonly changelogs?: boolean | undefined;
}

/** What the archives have that a lock has not; plain data (schema/update.schema.json). */
export interface UpdatePlan {
  /** The lock's file, absolute. */
  readonly file: string;
  readonly securityOnly: boolean;
  /**
   * True where there is something to update, and where packages hold a security update back: that one stays when the lock
   * is written. What the configuration itself holds back is no reason, nor is what only moved within the archives.
   */
  readonly outdated: boolean;
  /** In the order of the lock. */
  readonly platforms: readonly PlatformUpdate[];
  /** Source packages with another version, sorted by name: each once, whatever the number of its packages. */
  readonly sources: readonly SourceUpdate[];
  readonly warnings: BuildResult['warnings'];
}

export interface PlatformUpdate
  extends Pick<PlatformDifference, 'platform' | 'on' | 'images' | 'cuts' | 'size' | 'installedSize'> {
  /** Sorted by name. */
  readonly packages: readonly PackageUpdate[];
  /** Packages that are read and not installed. */
  readonly donors: readonly PackageUpdate[];
  /** What a security suite has for packages of the lock and is not taken; [] unless `securityOnly`. */
  readonly held: readonly HeldUpdate[];
}

export interface PackageUpdate extends PackageChange {
  /** True where the new version comes from a security suite. */
  readonly security: boolean;
  /** CVEs that the changelog says it fixes; [] where there are none and where nobody looked (see `sources`). */
  readonly fixes: readonly string[];
}

export interface SourceUpdate {
  readonly name: string;
  /** Versions of the source package. */
  readonly from: string;
  readonly to: string;
  /** `missing`: none of its packages that would come carries one. */
  readonly changelog: 'read' | 'missing' | 'skipped';
  /** CVE ids in the entries after `from` up to `to`: the changelog's word. */
  readonly fixes: readonly string[];
}

export interface HeldUpdate {
  readonly name: string;
  /** The version that the lock has, or gets. */
  readonly version: string;
  /** The newest one that a security suite has. */
  readonly available: string;
  /** What stands against it: an exact version, a suite or a pin, or the packages that stay. */
  readonly by: 'configuration' | 'packages';
  /** The same in one line of words. */
  readonly why: string;
}

export interface UpdateResult extends UpdatePlan {
  /** The digest of the lock file that was written; undefined where there was nothing to write. */
  readonly written: Digest | undefined;
}
