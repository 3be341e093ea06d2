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
  /** Why it matters, from what was asked for to the file: "needed by libcrypto.so.3 of libssl3t64", ... */
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
