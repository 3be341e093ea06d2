import type { ElfFacts } from '../formats/elf/facts.ts';
import type { TreeEntry } from '../rootfs/entry.ts';

/** What keeps a file from running. */
export type FindingType =
  | 'library'
  | 'symbol-version'
  | 'architecture'
  | 'interpreter'
  | 'entrypoint'
  | 'permission'
  | 'dangling-link'
  | 'damaged';

/** `error` where contract.md ("The check before writing") calls it one. */
export type Severity = 'error' | 'warning';

/** One thing that is wrong with an image. */
export interface Finding {
  readonly type: FindingType;
  readonly severity: Severity;
  /** Absolute path of the file that can't work. */
  readonly path: string;
  /** The package whose file it is, where one is known. */
  readonly package: string | undefined;
  /** What it lacks, as `allow:` names it: a soname, `libc.so.6 GLIBC_2.40`, an interpreter, a link's target. */
  readonly missing: string;
  /** One sentence. */
  readonly message: string;
  /** Why it matters, from what lacks it to what was asked for: "needed by libcrypto.so.3 of libssl3t64", ... */
  readonly chain: readonly string[];
  /** What to add or change; undefined where nobody knows. */
  readonly fix: string | undefined;
  /** The reason in `allow:` that lets it pass. */
  readonly allowed: string | undefined;
}

/** What was looked at and what was found, errors first, then by path. */
export interface CheckReport {
  readonly findings: readonly Finding[];
  readonly checked: { readonly elf: number; readonly scripts: number; readonly links: number };
}

/** A path of the tree that is checked, and what is known of its content. */
export interface CheckFile extends Pick<TreeEntry, 'path' | 'type' | 'mode' | 'uid' | 'gid' | 'linkTarget'> {
  readonly elf?: ElfFacts | undefined;
  /** As in content/types.ts. */
  readonly shebang?: string | undefined;
  /** It begins as an ELF file, and no loader could load it. */
  readonly damaged?: boolean | undefined;
}

/** The tree of an image, whoever made it: one being built, or what the layers of any image make. */
export interface CheckTree {
  /** The entry of exactly this path, no link followed; '' is the root. */
  get(path: string): CheckFile | undefined;
  /** Every path, in any order. */
  entries(): Iterable<CheckFile>;
  packageOf(path: string): string | undefined;
  /** Bytes of etc/ld.so.cache, etc/nsswitch.conf, etc/passwd, etc/group and all below `etc/ld-musl-*.path`; others may be undefined. */
  read(path: string): Uint8Array | undefined;
}

/** Who runs the entrypoint. */
export interface CheckUser {
  readonly uid: number;
  /** The primary one first. */
  readonly gids: readonly number[];
}

export interface CheckSettings {
  /** As in ElfFacts: `x86_64`. */
  readonly machine: string;
  /** The program and its arguments: the entrypoint followed by cmd; [] where there are none. */
  readonly command: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  /** Absolute. */
  readonly workdir: string;
  /** `User` of the image config; '' is root. */
  readonly userName: string;
  /** Undefined where the image has no such account or group. */
  readonly user: CheckUser | undefined;
  /**
   * Packages that were asked for; undefined where nobody knows (an image of others): then the programs in PATH count as
   * asked for.
   */
  readonly requested: ReadonlySet<string> | undefined;
  /**
   * Whether all that a package depends on is in the image. What its plug-ins lack nevertheless, its makers call optional.
   */
  isComplete(name: string): boolean;
}
