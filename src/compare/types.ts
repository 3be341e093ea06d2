import type { AuditFinding } from '../audit/types.ts';
import type { ChangedAspect } from '../rootfs/compare-entries.ts';
import type { EntryType } from '../rootfs/entry.ts';
import type { Digest } from '../util/digest.ts';

/** What one image has otherwise than another; plain data. */
export interface ImageDifference {
  /** True where nothing that counts differs: packages, files, and (of what is no bare file tree) platform, config and history. */
  readonly same: boolean;
  readonly from: ComparedImage;
  readonly to: ComparedImage;
  /** In what images differ that are the same otherwise; [] where they differ, or are one. */
  readonly beneath: readonly BeneathDifference[];
  readonly size: SizeDifference;
  readonly layers: LayersDifference;
  /** In the order of `config-keys`, then by name. */
  readonly config: readonly ConfigChange[];
  readonly history: HistoryDifference;
  /** By name. */
  readonly packages: readonly ImagePackageChange[];
  readonly files: FilesDifference;
  /** Undefined where the audit was not asked for. */
  readonly findings: FindingsDifference | undefined;
  /** What of the images can't be read, one sentence each. */
  readonly problems: readonly string[];
}

export interface ComparedImage {
  /** The name under which it was opened. */
  readonly name: string;
  /** The manifest's; undefined where the form keeps none. */
  readonly digest: Digest | undefined;
  readonly configDigest: Digest | undefined;
  /** `linux/amd64`; undefined for a bare file tree. */
  readonly platform: string | undefined;
  /** Of an image for several platforms those that are not compared, sorted. */
  readonly otherPlatforms: readonly string[];
}

/**
 * `compression`: the layers hold the same tars, compressed otherwise. `layers`: the same tree, divided or written otherwise.
 * `times`: files that differ in time alone. `config`: the config's bytes (date, order of keys). `manifest`: annotations, media types.
 */
export type BeneathDifference = 'compression' | 'layers' | 'times' | 'config' | 'manifest';

export interface Sides<T> {
  readonly from: T;
  readonly to: T;
}

/** Bytes. */
export interface SizeDifference {
  /** Blobs of the layers as they are stored; undefined where a form keeps none. */
  readonly compressed: Sides<number> | undefined;
  /** Tars of the layers. */
  readonly uncompressed: Sides<number>;
  /** Content of the files of the tree, each once whatever names it has. */
  readonly files: Sides<number>;
  /** The same of files that belong to no package. */
  readonly unowned: Sides<number>;
}

export interface LayersDifference {
  readonly from: readonly ComparedLayer[];
  readonly to: readonly ComparedLayer[];
  /** How many from the bottom are the same, by diff ID. */
  readonly common: number;
  /** How many of the second image's are anywhere in the first, and the bytes of their tars. */
  readonly shared: { readonly count: number; readonly bytes: number };
  /** Bytes of blobs to fetch for who has the first image; undefined where a form keeps no blobs. */
  readonly toPull: number | undefined;
}

export interface ComparedLayer {
  readonly diffId: Digest;
  /** Of the blob; undefined where the form keeps none. */
  readonly digest: Digest | undefined;
  /** Bytes of the tar. */
  readonly size: number;
  /** Bytes of the blob. */
  readonly compressedSize: number | undefined;
  /** The command that made it, as the history says. */
  readonly createdBy: string | undefined;
  /** Whether the other image has it too. */
  readonly shared: boolean;
}

/** One setting. Lists and objects as JSON. */
export interface ConfigChange {
  /** `user`, `env`, `entrypoint`, `label`, `port`, ... */
  readonly key: string;
  /** Of what there may be several of: the variable, the label, the port. */
  readonly name: string | undefined;
  /** Undefined where it is not set. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface HistoryDifference {
  readonly removed: readonly HistoryStep[];
  readonly added: readonly HistoryStep[];
}

export interface HistoryStep {
  /** From 1, the lowest. */
  readonly step: number;
  readonly createdBy: string;
  readonly comment: string | undefined;
  /** False for a step that only sets something. */
  readonly madeLayer: boolean;
}

export interface ImagePackageChange {
  readonly ecosystem: 'deb' | 'apk';
  readonly name: string;
  /** `rebuilt`: the same version, of another architecture or with other files. */
  readonly change: 'added' | 'removed' | 'upgraded' | 'downgraded' | 'rebuilt';
  /** Undefined for added. */
  readonly from: PackageSide | undefined;
  /** Undefined for removed. */
  readonly to: PackageSide | undefined;
}

export interface PackageSide {
  readonly version: string;
  readonly architecture: string;
  /** Bytes of its files that are in the image. */
  readonly bytes: number;
}

export interface FilesDifference {
  /** By path (the new one of what moved), folders before what they hold. */
  readonly changes: readonly FileChange[];
  /** Paths that differ in time alone; they are among `changes` where times were asked for. */
  readonly timesOnly: number;
}

export interface FileChange {
  readonly change: 'added' | 'removed' | 'changed' | 'moved';
  /** Absolute. */
  readonly path: string;
  /** Absolute; of what was removed there and added here with equal content, or with its folder. */
  readonly movedFrom: string | undefined;
  /** In what it differs; [] for added and removed. */
  readonly aspects: readonly FileAspect[];
  readonly from: FileState | undefined;
  readonly to: FileState | undefined;
  /** Names of the packages that own it, in either image. */
  readonly packages: readonly string[];
  /** The package whose change explains this one. Undefined: nobody upgraded it, and somebody should look. */
  readonly explainedBy: string | undefined;
}

/** `hard-link`: another name that both images have is the same file in one of them alone. */
export type FileAspect = ChangedAspect | 'hard-link';

export interface FileState {
  readonly type: EntryType;
  /** Permission bits: 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; 0 for what is no file. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Of a file. */
  readonly sha256: string | undefined;
  /** Text of a symlink. */
  readonly link: string | undefined;
  /** Where `hard-link` differs: the first name of this file; absolute, undefined for that name itself. */
  readonly hardLink?: string | undefined;
  /** `MAJOR:MINOR` */
  readonly device: string | undefined;
  /** Extended attributes, values in hexadecimal. */
  readonly attributes: Readonly<Record<string, string>> | undefined;
}

export interface FindingsDifference {
  readonly gained: readonly AuditFinding[];
  readonly lost: readonly AuditFinding[];
}

/** What became of one path; plain data. */
export interface FileDifference {
  /** Absolute, as asked. */
  readonly path: string;
  readonly same: boolean;
  readonly from: ComparedImage;
  readonly to: ComparedImage;
  readonly aspects: readonly FileAspect[];
  /** Undefined where the image has no such path. */
  readonly before: FileState | undefined;
  readonly after: FileState | undefined;
  /** Where links lead whose targets differ, or that are links in one image alone: the file that `content` is about. */
  readonly leads?: Sides<LeadState | undefined> | undefined;
  readonly content: ContentDifference;
}

export interface LeadState extends FileState {
  /** Absolute, behind all links. */
  readonly path: string;
}

export type ContentDifference =
  /** Equal contents, or no file on either side. */
  | { readonly type: 'same' }
  /**
   * `shortest`: false where the texts are too different to look for the shortest difference. `struckOut`: secrets were, in one of the
   * texts, so that patch(1) may not be able to use it.
   */
  | { readonly type: 'text'; readonly patch: string; readonly shortest: boolean; readonly struckOut: boolean }
  | { readonly type: 'binary'; readonly program: readonly ProgramChange[] }
  /** Larger than what is compared as text. */
  | { readonly type: 'large'; readonly program: readonly ProgramChange[] };

/** One fact of two programs that differs; lists in one text each, separated by blanks. */
export interface ProgramChange {
  /** `machine`, `soname`, `needed`, `versions-needed`, `versions-defined`, `interpreter`, `hardening`, `shebang`, ... */
  readonly fact: string;
  /** What only the first has; undefined where there is nothing. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export type DifferenceForm = 'markdown' | 'html';
