import type { Platform } from '../oci/platform.ts';
import type { Digest } from '../util/digest.ts';

/**
 * What one platform's image holds, in no format's words: made from the resolution and the contents, written as SPDX or CycloneDX.
 * Plain data, sorted; nothing of the machine, the mirror or the clock is in it.
 */
export interface BillOfMaterials {
  /** What papers call the image: as the user does. */
  readonly name: string;
  /** Of the manifest that it speaks of. */
  readonly digest: Digest;
  readonly platform: Platform;
  /** Seconds since the epoch: the image's own. */
  readonly created: number;
  /** Version of slimimage. */
  readonly toolVersion: string;
  /** Sorted by name. */
  readonly packages: readonly SbomPackage[];
  /** Every file with content in the image, sorted by path. */
  readonly files: readonly SbomFile[];
  /** Folders and repositories that `files:` came from, where they are known. */
  readonly sources: readonly SbomSource[];
  /** What pruning left out, sorted by name. */
  readonly cuts: readonly SbomCut[];
  /** The image of `on:`, which is described by its packages only. */
  readonly on: Digest | undefined;
}

/** A package that `dependencies: runtime` left out. */
export interface SbomCut {
  readonly name: string;
  readonly version: string;
  readonly grade: 'proven' | 'no-evidence';
  /** One sentence. */
  readonly because: string;
}

export interface SbomPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: { readonly name: string; readonly version: string };
  /** `debian`, `ubuntu`, ...: the purl's namespace; undefined for the packages of strangers and of the user. */
  readonly vendor: string | undefined;
  /** The release that it was made for, `trixie`; undefined where nobody says. */
  readonly codename: string | undefined;
  /** `Package`, its one-line description; '' where it has none. */
  readonly summary: string;
  readonly homepage: string | undefined;
  /** `NAME <ADDRESS>`. */
  readonly maintainer: string | undefined;
  readonly section: string;
  /** The .deb; undefined for a package of the image below, of which only the status is known. */
  readonly deb:
    | {
        readonly sha256: string;
        /** Bytes. */
        readonly size: number;
        readonly archive: string;
        readonly suite: string;
        readonly component: string;
        /** Below the archive's base URL; the file name alone for a .deb of the user's own. */
        readonly path: string;
      }
    | undefined;
  readonly licence: SbomLicence;
  /** True where `packages:` names it. */
  readonly requested: boolean;
  /** Packages of this image that it needs, as resolved, sorted by name. */
  readonly dependencies: readonly SbomDependency[];
  /** Dependencies that nothing in the image satisfies, because they were left out, as control files write them: `perl-base (= 5.40.1-6)`. */
  readonly omittedDependencies: readonly string[];
  /** Of these, what was cut: `debconf 1.5.91, no-evidence: nothing that stays names one of its programs`. */
  readonly cutDependencies: readonly string[];
  /** What of it is not in the image, by reason: `documentation`, `man pages`, ... */
  readonly omitted: readonly { readonly reason: string; readonly count: number; readonly bytes: number }[];
  /** What becomes of its maintainer scripts: `postinst: covered by accounts, service folders`. */
  readonly scripts: readonly string[];
  /** Set-user-id bits and capabilities that were taken away: `/usr/bin/su mode 4755`. */
  readonly stripped: readonly string[];
}

export interface SbomDependency {
  readonly name: string;
  readonly type: 'depends' | 'pre-depends' | 'recommends';
}

/** What the copyright file says. */
export interface SbomLicence {
  /** An SPDX expression; undefined where none could be read. */
  readonly expression: string | undefined;
  /** Names in the expression that begin with `LicenseRef-`, with the text or name that stands for each. */
  readonly references: Readonly<Record<string, SbomLicenceReference>>;
  /** Why there is no expression, or what is missing from it, in one sentence. */
  readonly problem: string | undefined;
  /** The holders' lines, each once, in the order of the file; [] where it is not machine-readable. */
  readonly copyrights: readonly string[];
}

export interface SbomLicenceReference {
  readonly name: string;
  /** `LicenseRef-custom` of `LicenseRef-custom-2`; without it the whole name counts. */
  readonly stem?: string;
  readonly text: string | undefined;
  /** Characters of a text that is too long to be repeated. */
  readonly leftOut?: number;
}

export interface SbomFile {
  /** Without leading slash. */
  readonly path: string;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Hexadecimal. SPDX 2.3 takes no file without: it lists files where every one has it. */
  readonly sha1?: string | undefined;
  /** Bytes. */
  readonly size: number;
  /** The package that it came in; undefined for others. */
  readonly package: string | undefined;
  /** Of a file that no package owns: `files`, `paths`, or the rule that generated it (`dpkg metadata`). */
  readonly origin: string | undefined;
  /** Index into `sources`. */
  readonly source: number | undefined;
}

/** Where files of `files:` came from. No path of the machine: the entry's `source` as the configuration has it. */
export interface SbomSource {
  /** As written: `./app`. */
  readonly name: string;
  /** Where in the image: `/app`. */
  readonly path: string;
  /** Of a clean git checkout: its commit, and its remote without credentials. */
  readonly git: { readonly commit: string; readonly remote: string | undefined } | undefined;
  /** An image that it was copied from, by digest. */
  readonly image: Digest | undefined;
}
