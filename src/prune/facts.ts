/** What pruning knows of a package: of its .deb, and why it is there. Paths are relative to the root. */
export interface PrunePackage {
  readonly name: string;
  readonly version: string;
  /** Asked for, kept by name, or part of every image. */
  readonly isRoot: boolean;
  /** Names of the packages that its dependencies lead to, with every alternative that is there. */
  readonly needs: readonly string[];
  readonly files: readonly PruneFile[];
  /** Maintainer scripts: name -> text. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** What stands for the user's own files among packages; no package can have it as its name. */
export const ownName = '';

/** One path of a package: the part of a content's entry that matters here. */
export interface PruneFile {
  readonly path: string;
  readonly type: string;
  /** Octal permissions. */
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
  readonly linkTarget?: string | undefined;
  readonly elf?:
    | {
        readonly soname?: string | undefined;
        readonly interpreter?: string | undefined;
        readonly needed: readonly string[];
        readonly versionsNeeded: Readonly<Record<string, readonly string[]>>;
        readonly versionsDefined: readonly string[];
      }
    | undefined;
  /** The text after `#!`. */
  readonly shebang?: string | undefined;
  /** As content/types.ts says (FileReach): lists parted by blanks. */
  readonly reach?:
    | {
        readonly libraries?: string | undefined;
        readonly paths?: string | undefined;
        readonly commands?: string | undefined;
        readonly words?: string | undefined;
        readonly imports?: string | undefined;
        readonly starts?: true | undefined;
        readonly opens?: true | undefined;
        readonly makes?: true | undefined;
      }
    | undefined;
}

export interface PruneInput {
  readonly packages: readonly PrunePackage[];
  /** Programs that the configuration starts: words of entrypoint, cmd and healthcheck. */
  readonly started: readonly string[];
  /** Whether something that nobody read is in the image: an image below, a file too large. Nothing is proven then. */
  readonly hasOthers: boolean;
  /** Whether a path is in the image below: relative to the root. */
  readonly isBelow: (path: string) => boolean;
}
