import type { Compression } from '../oci/compression.ts';
import type { Pin } from '../solver/types.ts';

/**
 * A configuration after parsing, validation and `extends`: defaults filled in, relative paths resolved against
 * the file that names them. Plain data: it can be printed, hashed and compared.
 */
export interface ImageSpec {
  /**
   * Preset, for example `debian/trixie`, and the time of a snapshot where one is meant: `debian/trixie@20260901T000000Z`
   * (values/from.ts reads it); undefined where only `archives:` are used, or none at all.
   */
  readonly from: string | undefined;
  /** Of the preset's archives; undefined: the preset's own. */
  readonly components: readonly string[] | undefined;
  /** Further suites of the preset's first archive, beside its own: `trixie-backports`. */
  readonly suites: readonly string[];
  /** Absolute folder that relative paths of the configuration mean. */
  readonly directory: string;
  /** Absolute path of the file, for messages; undefined for a configuration made of flags. */
  readonly file: string | undefined;
  /** The store name: `name:` or the folder's. */
  readonly name: string;
  /** False where the folder gave the name. Default true. */
  readonly isNamed?: boolean | undefined;
  readonly archives: readonly ArchiveSetting[];
  /** Archive name (`debian`, `debian-security`, `ubuntu`, one of `archives`) -> base URLs, the first one asked first. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  /** Base URL of the snapshot archive, with `{archive}` and `{timestamp}` in it, or `none`; undefined: the preset's. */
  readonly snapshot: string | undefined;
  /** Requests as written; paths of .debs and of folders of them are absolute, so they begin with a slash. */
  readonly packages: readonly string[];
  /** Package names that are left out although something depends on them. */
  readonly omit: readonly string[];
  /** `runtime`: as `full`, less the packages that only maintainer scripts need (src/prune). */
  readonly dependencies: 'runtime' | 'full' | 'none';
  /** Packages that `dependencies: runtime` does not cut. */
  readonly keep: readonly string[];
  readonly recommends: boolean;
  /** Packages with `Essential: yes` too. */
  readonly essential: boolean;
  /** In order of precedence; those of `archives:` with a priority come last. */
  readonly pins: readonly Pin[];
  readonly base: 'debian' | 'none';
  /** Image reference on which this one is built. */
  readonly on: string | undefined;
  readonly platforms: readonly string[];
  readonly include: readonly PathRule[];
  readonly exclude: readonly PathRule[];
  /** Globs (without leading slash) of paths that keep set-user-id, set-group-id bits and capabilities. */
  readonly specialPermissions: readonly string[];
  readonly files: readonly FileSetting[];
  readonly paths: readonly PathSetting[];
  readonly accounts: { readonly users: readonly UserSetting[]; readonly groups: readonly GroupSetting[] };
  /** Extra CA certificates: absolute paths of PEM files. */
  readonly certificates: readonly string[];
  /** Locales beside C.UTF-8 and POSIX, as in /etc/locale.gen: `de_DE.UTF-8`. */
  readonly locales: readonly string[];
  /** Whether packaged Python modules are compiled (PEP 552, unchecked hash). */
  readonly bytecode: boolean;
  /** Packages whose scripts do what is not reproduced, and that are taken nevertheless. */
  readonly accept: readonly AcceptSetting[];
  /** Findings of the check before writing that don't stop the build. */
  readonly allow: readonly AllowSetting[];
  readonly config: ImageConfigSetting;
  readonly annotations: Readonly<Record<string, string>>;
  readonly compression: Compression;
  readonly layers: LayersSetting;
  /** Seconds since the epoch; undefined: SOURCE_DATE_EPOCH, else the newest file time. */
  readonly created: number | undefined;
}

/**
 * How what a build adds is divided into layers: by size; one; one a package; one a source package; at most `budget`. The
 * layers of `on:` are beside them.
 */
export type LayersSetting =
  | { readonly type: 'automatic' | 'single' | 'package' | 'source' }
  | { readonly type: 'budget'; readonly budget: number };

/** A glob (without leading slash, as paths of rootfs/entry.ts) for all packages, or for one. */
export interface PathRule {
  readonly package: string | undefined;
  readonly glob: string;
}

export interface AcceptSetting {
  readonly package: string;
  readonly because: string;
}

export interface AllowSetting {
  /** What is missing, as the finding names it: a soname, a symbol version, an interpreter. */
  readonly missing: string;
  /** Glob (without leading slash) of the files that miss it; undefined: any. */
  readonly in: string | undefined;
  readonly because: string;
}

export interface ArchiveSetting {
  readonly name: string;
  /** Base URLs, first one preferred; or, with `directory`, none. */
  readonly urls: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Absolute paths of key files, or preset key names. */
  readonly signedBy: readonly string[];
  readonly checkValidUntil: boolean;
  /** apt's priority for the whole archive; undefined: what its Release files say. */
  readonly priority?: number | undefined;
}

export interface FileSetting {
  /** Absolute path on the host, or an absolute path in `image`. */
  readonly source: string;
  readonly image: string | undefined;
  /** Absolute destination in the image. A trailing slash: into that folder, keeping the source's name. */
  readonly path: string;
  /** `USER` or `USER:GROUP`, each a number or the name of an account of the image; undefined: 0:0. */
  readonly owner: string | undefined;
  /** Octal mode for files; undefined: 0644, executables 0755. Directories are 0755. */
  readonly mode: number | undefined;
  /** Patterns in .dockerignore syntax, beside the source's own .dockerignore. */
  readonly ignore: readonly string[];
}

export type PathSetting = {
  readonly path: string;
  readonly owner: string | undefined;
  /** How many entries of `files` it lies on; those behind them are of a configuration that extends this one's. Undefined: all. */
  readonly afterFiles?: number;
} & (
  | { readonly type: 'directory'; readonly mode: number | undefined }
  | { readonly type: 'file'; readonly mode: number | undefined; readonly content: string }
  | { readonly type: 'symlink'; readonly target: string }
  | { readonly type: 'hardlink'; readonly target: string }
  /** Changes the mode and/or owner of paths that are there; `recursive` for everything below too. */
  | { readonly type: 'permissions'; readonly mode: number | undefined; readonly recursive: boolean }
);

export interface UserSetting {
  readonly name: string;
  readonly uid: number | undefined;
  /** Primary group by name or id; undefined: a group of the user's name. */
  readonly group: string | number | undefined;
  readonly groups: readonly string[];
  readonly home: string | undefined;
  readonly shell: string | undefined;
}

export interface GroupSetting {
  readonly name: string;
  readonly gid: number | undefined;
}

/** What goes into the OCI image config. */
export interface ImageConfigSetting {
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[] | undefined;
  readonly cmd: readonly string[] | undefined;
  readonly workdir: string | undefined;
  /** `nonroot` by default; a name, `uid`, `uid:gid` or `name:group`. */
  readonly user: string;
  /** `8080/tcp`. */
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal: string | undefined;
  readonly healthcheck: Healthcheck | undefined;
}

/** Durations in nanoseconds, as the Docker image config has them. */
export interface Healthcheck {
  readonly test: readonly string[];
  readonly interval: number | undefined;
  readonly timeout: number | undefined;
  readonly startPeriod: number | undefined;
  readonly retries: number | undefined;
}
