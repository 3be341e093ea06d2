/**
 * How sure a cut is.
 * - `proven`: nothing that stays can reach a file of the package;
 * - `no-evidence`: nothing that stays names one, yet something that stays (a shell, an interpreter) could.
 */
export type CutGrade = 'proven' | 'no-evidence';

/** Why a package may be cut at all. */
export type CutCandidacy =
  /** It is in the documented list (docs/pruning.md). */
  | { readonly type: 'listed' }
  /** Only maintainer scripts of these packages call it. */
  | { readonly type: 'scripts'; readonly packages: readonly string[] }
  /** Nothing that stays depends on it any more, since these were cut. */
  | { readonly type: 'orphan'; readonly packages: readonly string[] };

/** A package that `dependencies: runtime` leaves out. */
export interface Cut {
  readonly package: string;
  readonly version: string;
  readonly grade: CutGrade;
  readonly candidacy: CutCandidacy;
  /** One sentence. */
  readonly because: string;
  /** Bytes of its files. */
  readonly bytes: number;
}

/** What reaches a package, so that it stays: `from` (a path) reaches `to` (a path) in this way. */
export interface Evidence {
  readonly type: 'library' | 'interpreter' | 'dlopen' | 'import' | 'command' | 'configuration' | 'kept';
  readonly from: string;
  readonly to: string;
  /** One sentence. */
  readonly because: string;
}

/** A candidate that stays, and why. */
export interface KeptCandidate {
  readonly package: string;
  readonly evidence: Evidence;
}

/** Both sorted by package. */
export interface Pruning {
  readonly cuts: readonly Cut[];
  readonly kept: readonly KeptCandidate[];
}
