import type { PackageRecord } from '../distro/types.ts';

/** A package that a package manager's database in an image speaks of. */
export interface ImagePackage {
  readonly ecosystem: 'deb' | 'apk';
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: { readonly name: string; readonly version: string };
  /** The whole record of a Debian package, with its relations. */
  readonly record: PackageRecord | undefined;
  /** Names of what an apk package needs and offers; undefined for others, whose record has their relations. */
  readonly relations?: { readonly depends: readonly string[]; readonly provides: readonly string[] } | undefined;
  /** Bytes, as the package says; undefined where it does not. */
  readonly installedSize: number | undefined;
  /** Paths that it says are its own (folders too, where its list names them), relative to the root, as it writes them. */
  readonly files: readonly string[];
  /** Path -> hexadecimal MD5 of what it shipped there (`md5sums`, and Debian's conffiles). Empty for apk. */
  readonly md5sums: ReadonlyMap<string, string>;
  readonly conffiles: readonly string[];
  /** Path of the file of the image that speaks of it. */
  readonly database: string;
}

/** The packages of an image, and whose each path is. */
export interface ImagePackages {
  /** By name, then architecture. */
  readonly packages: readonly ImagePackage[];
  /** Names of packages that apt installed for others; undefined where apt keeps no such list. */
  readonly automatic: ReadonlySet<string> | undefined;
  /** What of the databases can't be read, one sentence each: an image of others may be damaged. */
  readonly problems: readonly string[];
  /** The packages that own a path of the tree, either side of a merged /usr taken for the other. */
  ownersOf(path: string): readonly ImagePackage[];
  /** Where in the tree a file of a package lies: through the links of folders, and through dpkg's diversions. */
  placeOf(owner: Pick<ImagePackage, 'name'>, path: string): string;
}
