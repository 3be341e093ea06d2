import type { VerifiedRelease } from '../archive/types.ts';
import type { CheckReport, FindingType } from '../check/types.ts';
import type { ImageSignature } from '../deliver/sign.ts';
import { SlimimageError } from '../errors.ts';
import type { Phase } from '../events.ts';
import type { Compression } from '../oci/compression.ts';
import type { PaperKind, SbomFormat } from '../oci/papers.ts';
import type { Pruning } from '../prune/types.ts';
import type { ScriptReport } from '../scripts/types.ts';
import type { Conflict } from '../solver/types.ts';
import type { CopyReport } from '../store/copy.ts';
import type { Digest } from '../util/digest.ts';
import type { MergeNote } from './merge.ts';

/** What a build may be told beside its ImageSpec. None of it changes the image's bytes. */
export interface BuildOptions {
  /** `REPO:TAG` references that the image gets; undefined or empty: the spec's name in the local store. */
  readonly tags?: readonly string[] | undefined;
  /** Targets as in product.md (`oci:DIR`, `tar:FILE`, ...), relative paths against `cwd`; empty: the local store. */
  readonly outputs?: readonly string[] | undefined;
  /** Load into Docker or Podman as well. */
  readonly load?: boolean | undefined;
  /** Push it to the registries that `tags` name. */
  readonly push?: boolean | undefined;
  /** SBOMs that are made; default SPDX 2.3 and CycloneDX; [] for none. */
  readonly sboms?: readonly SbomFormat[] | undefined;
  /** Whether provenance is made; default true. */
  readonly provenance?: boolean | undefined;
  /** Into the layouts of `outputs` too: an entry of their index.json that names what refers to the image. */
  readonly attach?: boolean | undefined;
  /** A private key to sign image and papers with: a file, or `env://NAME`. */
  readonly sign?: string | undefined;
  /** JSON file of digests and names, as docker buildx writes it; absolute, or against `cwd`. */
  readonly metadataFile?: string | undefined;
  /** Registries to be asked over plain HTTP, or over HTTPS without a trusted certificate: `HOST[:PORT]`. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** PEM file of CA certificates that are trusted beside the usual ones. */
  readonly caFile?: string | undefined;
  /** Use nothing but the local store. */
  readonly offline?: boolean | undefined;
  /** Take exactly what this lock file says, and fail where the configuration has moved. Absolute, or against `cwd`. */
  readonly lock?: string | undefined;
  /** Folder of the local store; undefined: SLIMIMAGE_STORE, else the user's cache folder. */
  readonly store?: string | undefined;
  /** Conversions at the same time; undefined: as many as there are cores. */
  readonly jobs?: number | undefined;
  /** Environment for mirrors, proxies, credentials, SOURCE_DATE_EPOCH; undefined: the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Folder that relative outputs mean; undefined: the process's own. */
  readonly cwd?: string | undefined;
  /** The clock, in milliseconds since the epoch, for Valid-Until; undefined: the machine's. */
  readonly now?: (() => number) | undefined;
}

/** What a build would do; plain data that can be printed, saved and compared. */
export interface BuildPlan {
  readonly name: string;
  readonly platforms: readonly PlatformPlan[];
}

export interface PlatformPlan {
  readonly platform: string;
  /** Sorted by name. */
  readonly packages: readonly PlannedPackage[];
  readonly releases: readonly VerifiedRelease[];
}

export interface PlannedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: { readonly name: string; readonly version: string };
  /** Bytes of the .deb. */
  readonly size: number;
  /** Bytes on disk as the archive declares them. */
  readonly installedBytes: number;
  /** Hexadecimal sha256 of the .deb. */
  readonly sha256: string;
  readonly archive: string;
  readonly suite: string;
  readonly component: string;
  /** Of the .deb, below the archive's base URL; the file's own path for archive `file`. */
  readonly path: string;
  /** Where it would be fetched first, without user and password; undefined for a file. */
  readonly url: string | undefined;
  /** True where `packages:` names it, false where a dependency or the base brought it in. */
  readonly requested: boolean;
  /** Name of the first package that brought it in; undefined for requested ones and the base. */
  readonly because: string | undefined;
  /** Everything that asks for it: requests first, then packages by name. */
  readonly requestedBy: readonly RequestedBy[];
  /** Whether `dependencies: runtime` may cut it: a build decides, when it has the files. With a lock: whether it is cut. */
  readonly candidate: boolean;
}

/** Why a package is there: an edge that leads to it. */
export type RequestedBy =
  /** An entry of `packages:` as written. */
  | { readonly type: 'request'; readonly text: string }
  /** Every image has it (contract.md, "What is always there"). */
  | { readonly type: 'base' }
  | {
      readonly type: 'depends' | 'pre-depends' | 'recommends';
      /** Name of the package that needs it. */
      readonly from: string;
      /** The dependency as in its control file: `libc6 (>= 2.36) | libc6-udeb`. */
      readonly dependency: string;
    };

export interface BuildResult {
  /** What was made, without digest: the first tag (of a push the first that was pushed), else the first output, else `store:NAME`. */
  readonly reference: string;
  /** Of the manifest for one platform, of the index for several. */
  readonly digest: Digest;
  readonly mediaType: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly compression: Compression;
  /** In the order of the spec. */
  readonly platforms: readonly PlatformResult[];
  readonly outputs: readonly WrittenOutput[];
  /** SBOMs by platform, then the provenance. */
  readonly papers: readonly BuiltPaper[];
  /** Of image and papers, as `slimimage sign` tells them; none without a key. */
  readonly signatures: readonly ImageSignature[];
  readonly warnings: readonly BuildWarning[];
  /** In the order in which the phases ended; for the screen only. */
  readonly timings: readonly { readonly phase: Phase; readonly milliseconds: number }[];
}

export interface PlatformResult {
  readonly platform: string;
  readonly manifest: Digest;
  readonly config: Digest;
  /** Base first. */
  readonly layers: readonly LayerResult[];
  /** Sorted by name. */
  readonly packages: readonly BuiltPackage[];
  /** What `files:` and `paths:` put in. */
  readonly files: { readonly count: number; readonly bytes: number };
  readonly omitted: readonly OmittedGroup[];
  /** Where repositories of git would be that `files:` did not copy: `/app/.git`. */
  readonly leftOut: readonly string[];
  /** Sorted by path. */
  readonly stripped: readonly StrippedPermission[];
  /** What `dependencies: runtime` cut, and what it might have cut. */
  readonly pruning: Pruning;
  /** What becomes of maintainer scripts: by package in name order, then as they run. */
  readonly scripts: readonly ScriptReport[];
  /** What the check before writing came to: errors that are not allowed stop a build. */
  readonly check: PlatformCheck;
  /** Undefined: no Python module was compiled. */
  readonly bytecode?: BytecodeReport | undefined;
  /** Where packages met at one path, and who has it. */
  readonly notes: readonly MergeNote[];
  readonly releases: readonly VerifiedRelease[];
}

/** What became of packaged Python modules (`bytecode: true`). */
export interface BytecodeReport {
  /** Name and version: `pyodide 0.29.5`. */
  readonly compiler: string;
  /** `3.13` */
  readonly python: string;
  /** Number of those that were compiled. */
  readonly modules: number;
  /** Paths of what is no Python of that version, sorted. */
  readonly failed: readonly string[];
}

/** The check of an image that was written; `slimimage check` lists the findings. */
export interface PlatformCheck {
  readonly checked: CheckReport['checked'];
  /** By type in name order; none of those that `allow:` lets pass. */
  readonly warnings: readonly { readonly type: FindingType; readonly count: number }[];
  /** Findings that `allow:` lets pass. */
  readonly allowed: number;
}

export interface LayerResult {
  readonly digest: Digest;
  readonly diffId: Digest;
  readonly mediaType: string;
  /** Bytes of the tar. */
  readonly size: number;
  /** Bytes of the blob. */
  readonly compressedSize: number;
  /** True where the layer belongs to the image of `on:`. */
  readonly inherited: boolean;
  /** What a layer of this build holds; undefined for one of the image below. */
  readonly what: LayerContents | undefined;
}

export interface LayerContents {
  /** Names of packages, sorted. */
  readonly packages: readonly string[];
  /** Files and links of no package: those of `files:` and `paths:`, and generated ones. */
  readonly files: { readonly own: number; readonly generated: number };
}

export interface BuiltPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: { readonly name: string; readonly version: string };
  readonly archive: string;
  readonly suite: string;
  readonly requested: boolean;
  /** Bytes of the files that the package has in the image. */
  readonly installedBytes: number;
  readonly files: number;
}

/** Paths left out, by the reason: `documentation`, `man pages`, `locales`, `exclude: GLOB`, `omit: PACKAGE`, ... */
export interface OmittedGroup {
  readonly reason: string;
  readonly count: number;
  readonly bytes: number;
}

export interface StrippedPermission {
  readonly package: string;
  /** Absolute path in the image. */
  readonly path: string;
  /** Octal mode as in the .deb; undefined where only a capability went. */
  readonly mode: number | undefined;
  readonly capability: string | undefined;
}

/** A paper of the image, in the local store. */
export interface BuiltPaper {
  readonly kind: PaperKind;
  /** Of the platform that it speaks of; undefined for provenance, which speaks of all. */
  readonly platform: string | undefined;
  /** Of the document. */
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

export interface WrittenOutput {
  /** As the user wrote it, `store:NAME`, or `docker` and `podman` for a load. */
  readonly target: string;
  /** Bytes of the file or folder; undefined where nobody knows. */
  readonly bytes: number | undefined;
  /** What this form cannot carry, if anything. */
  readonly note: string | undefined;
  /** What went to a registry and what it had. */
  readonly sent?: CopyReport | undefined;
}

export interface BuildWarning {
  readonly message: string;
  readonly hint: string | undefined;
}

/**
 * The packages of the request cannot be had: carries the tree that explains it. PACKAGE_UNKNOWN where all that is wrong
 * is names that no archive has, else UNSATISFIABLE.
 */
export class UnsatisfiableError extends SlimimageError {
  readonly platform: string;
  readonly conflicts: readonly Conflict[];

  constructor(options: {
    readonly message: string;
    readonly hint?: string | undefined;
    readonly platform: string;
    readonly conflicts: readonly Conflict[];
  }) {
    const { message, hint, conflicts } = options;
    const isUnknown = conflicts.length > 0 && conflicts.every(({ type }) => type === 'unknown');
    super({ code: isUnknown ? 'PACKAGE_UNKNOWN' : 'UNSATISFIABLE', message, hint });
    this.platform = options.platform;
    this.conflicts = conflicts;
  }
}

export type { MergeNote } from './merge.ts';
