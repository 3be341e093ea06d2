import type { ScriptReport } from '../../../src/index.ts';

/** Packages that are installed together. */
export interface PackageSet {
  /** Of the set's files and of `--set`. */
  readonly name: string;
  readonly packages: readonly string[];
  readonly kind: 'catalogue' | 'drawn';
}

/** A path of a tree: all that is compared of it. */
export interface ListedPath {
  /** Without leading slash. */
  readonly path: string;
  /** Hard links are the files that they are. */
  readonly type: 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo';
  readonly mode: number;
  /** By name, as the tree's own accounts have it; the number where they have none. */
  readonly user: string;
  readonly group: string;
  /** Of a symbolic link. */
  readonly target?: string;
  /** Hexadecimal, of a regular file. */
  readonly sha256?: string;
  readonly size?: number;
  /** Hexadecimal, of `security.capability`. */
  readonly capability?: string;
}

/** What real maintainer scripts left, less what two runs do not agree on. */
export interface Oracle {
  /** `name=version`, sorted. */
  readonly packages: readonly string[];
  readonly paths: readonly ListedPath[];
  /** Paths that some package's list of files has, at the place where they are. */
  readonly packaged: ReadonlySet<string>;
  /** Paths that differ from one run to the next; undefined where a second run was not made yet. */
  readonly unsteady: ReadonlySet<string> | undefined;
  /** Content of a file of `paths` that was kept: what no package has, and all of /etc. */
  content(path: string): Promise<Uint8Array | undefined> | Uint8Array | undefined;
}

/** What slimimage makes of the same packages. */
export interface OurTree {
  readonly paths: readonly ListedPath[];
  readonly warnings: readonly string[];
  /** Refusals that had to be accepted first: `CODE: message`. */
  readonly stops: readonly string[];
  /** What the build says of maintainer scripts; none where it failed. */
  readonly scripts: readonly ScriptReport[];
  /** Of regular files that were kept for it. */
  content(path: string): Uint8Array | undefined;
}
