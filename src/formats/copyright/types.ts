/** What a copyright file says (Debian Policy 12.5), in the form of an SPDX expression. */
export interface CopyrightFacts {
  /** Undefined where none could be read. */
  readonly expression: string | undefined;
  /** Names in the expression that begin with `LicenseRef-`, with the name and text that stand for each. */
  readonly references: Readonly<Record<string, LicenceReference>>;
  /** Why there is no expression, or what is missing from it, in one sentence. */
  readonly problem: string | undefined;
  /** The holders' lines, each once, in the order of the file; [] where it is not machine-readable. */
  readonly copyrights: readonly string[];
}

export interface LicenceReference {
  /** As the file has it. */
  readonly name: string;
  /** Its `LicenseRef-...` without the number that tells it from others of the file. */
  readonly stem: string;
  /** Undefined where the file gives none, and where it is left out. */
  readonly text: string | undefined;
  /** Characters of a text that is too long to be repeated. */
  readonly leftOut?: number;
}
