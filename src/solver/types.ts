import type { Dependency, PackageRecord, Relation } from '../distro/types.ts';

/** What the user asked for: one entry of `packages:`. */
export interface PackageRequest {
  /** As written, for messages. */
  readonly text: string;
  readonly name: string;
  readonly architecture?: string | undefined;
  /** Exactly this version. */
  readonly version?: string | undefined;
  /** From this suite or codename. */
  readonly suite?: string | undefined;
  /** Exactly this .deb (a file's package), by its sha256. */
  readonly sha256?: string | undefined;
  /** `name-`: must not be in the answer. A request for the same name beats it, as in apt. */
  readonly exclude?: boolean | undefined;
  /** Asked for by the contract of images (`base-files`), not by the user. */
  readonly base?: boolean | undefined;
}

/**
 * One record of apt's preferences (apt_preferences(5)): which packages it speaks of, what their versions have to be
 * like, and the priority that these get.
 */
export interface Pin {
  /** As written, for messages. */
  readonly text: string;
  /** Names, globs, `/regular expressions/`, `src:NAME`; [] means every package (apt's general form, `Package: *`). */
  readonly packages: readonly string[];
  readonly match:
    | { readonly type: 'version'; readonly glob: string }
    /** Fields of `Pin: release`; `archive` is the name of one of the configuration's archives. All have to fit. */
    | {
        readonly type: 'release';
        /** apt's `Pin: release NAME`: suite or codename, also as the configuration writes it; with a digit, version. */
        readonly name?: string | undefined;
        readonly suite?: string | undefined;
        readonly codename?: string | undefined;
        readonly version?: string | undefined;
        readonly origin?: string | undefined;
        readonly label?: string | undefined;
        readonly component?: string | undefined;
        readonly archive?: string | undefined;
      };
  /** Below 0, and 0: never a candidate. -32768: not even by a pin that names the package (apt's `never`). */
  readonly priority: number;
}

export interface SolverPolicy {
  /** `full`: apt's closure. `none`: exactly what was asked for. */
  readonly dependencies: 'full' | 'none';
  readonly recommends: boolean;
  /** Packages that count as there already (for `on: IMAGE`): never added, satisfy dependencies, may conflict. */
  readonly installed?: readonly PackageRecord[] | undefined;
  /** Packages that the user leaves out although something needs them (`omit:`). */
  readonly omit?: ReadonlySet<string> | undefined;
  /** In the order of apt: the first that fits decides; those that name packages go before those for all. */
  readonly pins?: readonly Pin[] | undefined;
}

export interface ResolvedPackage {
  readonly record: PackageRecord;
  /** Names that brought it in: 'request' roots first, then packages by name. */
  readonly reasons: readonly Reason[];
}

export type Reason =
  | { readonly type: 'request'; readonly text: string }
  | { readonly type: 'depends' | 'pre-depends' | 'recommends'; readonly from: string; readonly dependency: Dependency }
  | { readonly type: 'base' };

export interface Resolution {
  /** Sorted by name. */
  readonly packages: readonly ResolvedPackage[];
  /** Names in dependency order (a package after what it depends on; cycles broken by name). */
  readonly order: readonly string[];
}

/** A place outside of what was asked for that has a package of a name. */
export interface Elsewhere {
  /** `trixie-backports`, `bookworm`, ... */
  readonly suite: string;
  readonly component: string;
  readonly architecture: string;
  readonly version: string;
  /** What to write into the configuration, or on the command line, to get it: one line. */
  readonly way: string;
}

/** What a look at other places found, for a name that the archives of an image do not have. */
export interface LookedElsewhere {
  /** The nearest first, a few; undefined where nobody looked. */
  readonly elsewhere?: readonly Elsewhere[] | undefined;
  /** Places that could not be asked. */
  readonly unreachable?: readonly string[] | undefined;
}

/** Why there is no answer, as a tree that a renderer prints. Packages are written `NAME VERSION`. */
export type Conflict =
  | ({
      readonly type: 'unknown';
      readonly request: string;
      readonly name: string;
      readonly nearest: readonly string[];
      /** True for what every image begins with: the user did not ask for it. */
      readonly base?: true | undefined;
      /** Debian's names, where the request is for another architecture than the image. */
      readonly foreign?: { readonly asked: string; readonly ours: string } | undefined;
    } & LookedElsewhere)
  | {
      readonly type: 'virtual';
      readonly request: string;
      readonly name: string;
      readonly providers: readonly string[];
      /** The name of the provider that most people mean; undefined where the archive gives no sign. */
      readonly usual?: string | undefined;
      /** Names of those that the user leaves out. */
      readonly leftOut?: readonly string[] | undefined;
    }
  | ({
      readonly type: 'version';
      readonly request: string;
      readonly name: string;
      readonly wanted: { readonly version?: string | undefined; readonly suite?: string | undefined };
      /** Versions with their suites in parentheses. */
      readonly available: readonly string[];
    } & LookedElsewhere)
  | {
      readonly type: 'broken';
      readonly request: string;
      readonly name: string;
      readonly version: string;
      readonly archive: string;
      readonly suite: string;
      /** What is wrong with its stanza. */
      readonly because: string;
      /** A version that can be asked for in its place. */
      readonly other?: string | undefined;
      /** True for what is asked for by no entry of `packages:`. */
      readonly base?: true | undefined;
    }
  | {
      readonly type: 'unmet';
      /** The dependency that cannot be met, or undefined where no single one is to blame. */
      readonly needs: Dependency | undefined;
      /** Name and version of the package that needs it. */
      readonly by: string;
      /** From the request, as written, down to the name of `by`. */
      readonly chain: readonly string[];
      readonly rejected: readonly Rejection[];
    }
  | ({
      readonly type: 'clash';
      /** The dependency that brings `a` or `b`, where it does not take any version. */
      readonly needsA?: Dependency | undefined;
      readonly needsB?: Dependency | undefined;
      /** What else cannot be together because of the same requests. */
      readonly also?: readonly Clash[] | undefined;
    } & Clash);

export interface Clash {
  /** Name and version of the package that declares `relation`, and of the one that falls under it. */
  readonly a: string;
  readonly b: string;
  readonly relation: Relation;
  /** `versions`: two versions of one package. */
  readonly kind: 'conflicts' | 'breaks' | 'versions';
  /** From the request, as written, down to the name of `a`; [] where it is installed already. */
  readonly chainA: readonly string[];
  readonly chainB: readonly string[];
}

/** A package that comes near a dependency, and why it does not do. */
export interface Rejection {
  /** Name and version, or the name alone of what no archive has. */
  readonly candidate: string;
  /** Where it is: a suite, or the image below. */
  readonly suite?: string | undefined;
  readonly reason: RejectionReason;
  /** The reason in words. */
  readonly because: string;
  readonly causes: readonly Conflict[];
  /** For what is missing. */
  readonly found?: LookedElsewhere | undefined;
}

export type RejectionReason =
  /** No archive has it. */
  | 'missing'
  /** Its version is not one that the dependency takes. */
  | 'version'
  /** It is in the image below, and stays as it is. */
  | 'installed'
  /** It is not Multi-Arch: allowed, or for another architecture. */
  | 'architecture'
  /** The user leaves it out. */
  | 'excluded'
  /** A pin keeps it out. */
  | 'pinned'
  /** Its stanza in the archive cannot be read. */
  | 'broken'
  /** Another version is the one that is taken. */
  | 'outranked'
  /** It would do, but what it brings cannot be: see the causes. */
  | 'causes';

export type SolverAnswer =
  | { readonly ok: true; readonly resolution: Resolution }
  | { readonly ok: false; readonly conflicts: readonly Conflict[] };
