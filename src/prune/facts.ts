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
  readonly reach?: FileReach | undefined;
}

/** What a file names beside what its ELF facts say. Lists are sorted, parted by blanks. */
export interface FileReach {
  /** Names of libraries: `libfoo.so.1`. */
  readonly libraries?: string | undefined;
  /** Absolute paths below /usr, /bin, /sbin, /etc and /lib. */
  readonly paths?: string | undefined;
  /** Names where commands stand: of a shell script, or with an option behind them. */
  readonly commands?: string | undefined;
  /** Words alone, in files that start programs or load libraries: some may be their names. */
  readonly words?: string | undefined;
  /** Modules: `python:ssl`, `perl:Debconf::Client::ConfModule`, `ruby:yaml`. */
  readonly imports?: string | undefined;
  /** It calls exec, posix_spawn, system or popen. */
  readonly starts?: true | undefined;
  /** It calls dlopen. */
  readonly opens?: true | undefined;
  /** It puts names of libraries together, of its words: `lib%s.so`. */
  readonly makes?: true | undefined;
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
