import type { ElfFacts } from '../formats/elf/facts.ts';
import type { WrittenDatabase } from '../formats/mime/write-database.ts';
import type { TreeEntry } from '../rootfs/entry.ts';
import type { Accounts } from './account-table.ts';

/**
 * What maintainer scripts would have left behind, as pure functions: the tree of packages and configured files goes
 * in, the entries to add come out. The same input gives the same entries, whatever the machine.
 */
export interface EffectInput {
  /** Installed packages, sorted by name. Empty for an image of plain files. */
  readonly packages: readonly EffectPackage[];
  /** Everything that is in the image so far: packages merged, and what the configuration adds (which is never overridden). */
  readonly tree: EffectTree;
  /** Packages that are read and not installed, by name: base-passwd, libc-bin, ncurses-base, locales-all. Paths after /usr merging. */
  readonly donors: ReadonlyMap<string, DonorTree>;
  readonly settings: EffectSettings;
  /** Made beforehand, where `bytecode: true` asks for it. */
  readonly bytecode?: readonly CompiledFile[] | undefined;
  /** What `writeMediaTypes` makes of the image's sources, where the caller has it already. */
  readonly mediaTypes?: WrittenDatabase | undefined;
}

/** Byte code of a packaged Python module. */
export interface CompiledFile {
  readonly path: string;
  /** Path of the source. */
  readonly module: string;
  readonly code: Uint8Array;
}

export interface EffectPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** The control stanza as in the .deb. */
  readonly control: string;
  /** Control member name (`postinst`, `preinst`, `triggers`, ...) -> text. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Paths as in the .deb's conffiles member, with leading slash. */
  readonly conffiles: readonly string[];
  /** Regular files and hard links that are in the image, at the path that they have there. */
  readonly files: readonly PackageFile[];
}

export interface PackageFile {
  readonly path: string;
  /** Hexadecimal MD5 of the content. */
  readonly md5: string;
}

export interface DonorTree {
  /** Bytes of a regular file (hard links too; symbolic links are not followed); undefined where there is none. */
  read(path: string): Uint8Array | undefined;
  /** Of a donor, where links or names matter. */
  get?(path: string): TreeEntry | undefined;
  /** Paths directly in a folder, in any order; where it is missing, `childrenOf` of children.ts looks through all below. */
  childrenOf?(folder: string): readonly string[];
}

export interface EffectTree extends DonorTree {
  get(path: string): EffectEntry | undefined;
  /** Every path below a folder, all levels, in any order; '' is the root. */
  below(folder: string): Iterable<string>;
}

export interface EffectEntry extends TreeEntry {
  /** Owner and group names as the .deb writes them, where they are not root. */
  readonly userName?: string | undefined;
  readonly groupName?: string | undefined;
  readonly elf?: ElfFacts | undefined;
}

export interface EffectSettings {
  /** `none`: nothing but what packages and the configuration ask for. */
  readonly base: 'debian' | 'none';
  readonly layout: 'merged' | 'split';
  /** Debian architecture of the image, for example `amd64`. */
  readonly architecture: string;
  /** Time of every generated entry, whole seconds since the epoch. */
  readonly created: number;
  readonly users: readonly WantedUser[];
  readonly groups: readonly WantedGroup[];
  /** Owners that the configuration names (`files:`, `paths:`): `name`, `uid`, `name:group`, ...: their accounts are kept. */
  readonly owners: readonly string[];
  /** The image's user: name, id, `uid:gid`, `name:group`. */
  readonly user: string;
  /** Extra CA certificates in the configuration's order. */
  readonly certificates: readonly CertificateFile[];
  /** Locales beside C.UTF-8, as in /etc/locale.gen. */
  readonly locales: readonly string[];
  /** passwd and group of the image that this one is built on (`on:`): those accounts stay as they are. */
  readonly existing?: { readonly passwd: string; readonly group: string } | undefined;
  /** Numbers of a lock: the system accounts of these names have them, and nobody else gets them. */
  readonly lockedIds?: ReadonlyMap<string, number> | undefined;
}

export interface WantedUser {
  readonly name: string;
  readonly uid: number | undefined;
  /** Primary group by name or id; undefined: a group of the user's name. */
  readonly group: string | number | undefined;
  readonly groups: readonly string[];
  readonly home: string | undefined;
  readonly shell: string | undefined;
}

export interface WantedGroup {
  readonly name: string;
  readonly gid: number | undefined;
}

export interface CertificateFile {
  /** File name as the user knows it: names the copy in the image and appears in messages. */
  readonly name: string;
  /** The file's text (PEM). */
  readonly text: string;
}

export type EffectRule =
  | 'base layout'
  | 'accounts'
  | 'certificates'
  | 'library cache'
  | 'java trust store'
  | 'name service switch'
  | 'login files'
  | 'terminfo'
  | 'glib schemas'
  | 'gio modules'
  | 'image loaders'
  | 'media types'
  | 'font configuration'
  | 'locales'
  | 'alternatives'
  | 'script files'
  | 'service folders'
  | 'byte code'
  | 'time zone'
  | 'xml catalogues'
  | 'dpkg metadata';

/**
 * One path to add. It replaces a packaged entry of that path (only /var/run and /var/lock do, as base-files' postinst
 * does). Parent folders that nobody lists are the caller's to add, root's and 0755.
 */
export interface GeneratedEntry extends TreeEntry {
  /** Bytes of a file; undefined for every other type. */
  readonly content?: Uint8Array | undefined;
  readonly rule: EffectRule;
  /** Why it is there, for `slimimage why`. */
  readonly because: string;
}

/** Another owner or mode for a packaged path that is in the tree; what is undefined stays. */
export interface PermissionChange {
  readonly path: string;
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly rule: EffectRule;
  readonly because: string;
}

/** What an effect adds that may have something to say. */
export interface EffectAddition {
  readonly entries: readonly GeneratedEntry[];
  readonly warnings: readonly string[];
}

export interface EffectResult {
  /** Sorted by path, every one once. */
  readonly entries: readonly GeneratedEntry[];
  /** Sorted by path, every one once. */
  readonly changes: readonly PermissionChange[];
  readonly accounts: Accounts;
  /** System accounts whose number was chosen here, and not by a package, Debian, the configuration or the image below. */
  readonly assignedIds: AssignedIds;
  /** The image's user as the image config has it, and its numbers. */
  readonly user: ResolvedUser;
  /** What a package wanted and a person should know that it did not get. */
  readonly warnings: readonly string[];
}

/** Account name -> number; a user and a group of one name share it. Sorted by name. */
export interface AssignedIds {
  readonly users: Readonly<Record<string, number>>;
  readonly groups: Readonly<Record<string, number>>;
}

export interface ResolvedUser {
  /** `65532:65532`; only the uid where the user has more groups than one, which engines look up for a bare uid only. */
  readonly text: string;
  readonly uid: number;
  readonly gid: number;
}
