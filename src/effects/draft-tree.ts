import { isWithin, parentPath } from '../rootfs/path.ts';
import { compareStrings } from '../util/text.ts';
import { generatedDirectory, generatedFile, generatedLink } from './entries.ts';
import { followPath } from './tree-paths.ts';
import type { EffectEntry, EffectRule, EffectTree, GeneratedEntry, PermissionChange } from './types.ts';

/** Who makes a path, and why. */
export interface DraftCause {
  readonly rule: EffectRule;
  readonly because: string;
}

export interface DraftPermissions {
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** Paths looked through for recursive commands: more is no real set of scripts, and the rest of them is not followed. */
const maxLooks = 3_000_000;

/** The tree with what scripts make in it so far. Paths of its methods are absolute, as scripts write them. */
export class DraftTree implements EffectTree {
  readonly #tree: EffectTree;
  readonly #created: number;
  readonly #made = new Map<string, GeneratedEntry>();
  readonly #changes = new Map<string, PermissionChange>();
  #looks = 0;

  constructor(tree: EffectTree, created: number) {
    this.#tree = tree;
    this.#created = created;
  }

  get(path: string): EffectEntry | undefined {
    const made = this.#made.get(path);
    if (made !== undefined) return made;
    const entry = this.#tree.get(path);
    const change = this.#changes.get(path);
    if (entry === undefined || change === undefined) return entry;
    const { mode = entry.mode, uid = entry.uid, gid = entry.gid } = change;
    return { ...entry, mode, uid, gid };
  }

  read(path: string): Uint8Array | undefined {
    const made = this.#made.get(path);
    return made === undefined ? this.#tree.read(path) : made.content;
  }

  *below(folder: string): Iterable<string> {
    for (const path of this.#tree.below(folder)) {
      this.#looks += 1;
      if (this.#looks > maxLooks) return;
      if (!this.#made.has(path)) yield path;
    }
    for (const path of this.#made.keys()) {
      this.#looks += 1;
      if (this.#looks > maxLooks) return;
      if (path !== folder && isWithin(path, folder)) yield path;
    }
  }

  /** The entry that an absolute path leads to, links followed, with its path of the tree. */
  find(path: string): EffectEntry | undefined {
    const place = followPath(this, path, { last: true });
    return place === undefined || place === '' ? undefined : this.get(place);
  }

  /** The entry at an absolute path, a link at its end not followed. */
  lookAt(path: string): EffectEntry | undefined {
    const place = followPath(this, path, { last: false });
    return place === undefined || place === '' ? undefined : this.get(place);
  }

  /** Whether a script made it. */
  isMade(path: string): boolean {
    return this.#made.has(path);
  }

  /** A folder with all that are missing above it; one that is there stays as it is. */
  makeFolder(path: string, cause: DraftCause, permissions: DraftPermissions = {}): EffectEntry | undefined {
    const place = this.#placeOf(path, true);
    if (place === undefined) return undefined;
    const existing = this.get(place);
    if (existing !== undefined) return existing.type === 'directory' ? existing : undefined;
    for (let above = parentPath(place); above !== ''; above = parentPath(above)) {
      const type = this.get(above)?.type;
      if (type === undefined) this.#made.set(above, generatedDirectory(above, this.#options(cause)));
      else if (type !== 'directory') return undefined;
    }
    const made = generatedDirectory(place, { ...this.#options(cause), ...permissions });
    this.#made.set(place, made);
    return made;
  }

  /** A file where nothing of a package or the configuration is. */
  writeFile(path: string, content: Uint8Array, { cause, ...permissions }: DraftPermissions & { cause: DraftCause }) {
    const place = this.#placeOf(path, true);
    if (place === undefined || !this.#isFree(place)) return;
    this.#made.set(place, generatedFile(place, content, { ...this.#options(cause), ...permissions }));
  }

  makeLink(path: string, target: string, cause: DraftCause): void {
    const place = this.#placeOf(path, false);
    if (place === undefined || target === '' || !this.#isFree(place)) return;
    this.#made.set(place, generatedLink(place, target, this.#options(cause)));
  }

  /** Other permissions for what is there; a link's own are none. */
  change(path: string, permissions: DraftPermissions, cause: DraftCause): void {
    const entry = this.get(path);
    if (entry === undefined || entry.type === 'symlink' || isReserved(path)) return;
    const { mode = entry.mode, uid = entry.uid, gid = entry.gid } = permissions;
    const made = this.#made.get(path);
    if (made !== undefined) this.#made.set(path, { ...made, mode, uid, gid });
    else if (mode !== entry.mode || permissions.uid !== undefined || permissions.gid !== undefined) {
      const before = this.#changes.get(path);
      this.#changes.set(path, { ...before, ...defined(permissions), path, ...cause });
    }
  }

  /** Takes away what a script made; what a package brought stays. */
  remove(path: string): void {
    const place = followPath(this, path, { last: false });
    if (place === undefined || place === '') return;
    const isFolder = this.get(place)?.type === 'directory';
    this.#made.delete(place);
    this.#looks += isFolder ? this.#made.size : 0;
    if (!isFolder || this.#looks > maxLooks) return;
    for (const made of [...this.#made.keys()]) if (isWithin(made, place)) this.#made.delete(made);
  }

  /** Temporary files are a script's own. */
  endScript(): void {
    for (const path of [...this.#made.keys()]) if (isReserved(path) || isTemporary(path)) this.#made.delete(path);
  }

  get entries(): readonly GeneratedEntry[] {
    const kept = [...this.#made.values()].filter(({ path }) => !isReserved(path) && !isTemporary(path));
    return kept.sort((a, b) => compareStrings(a.path, b.path));
  }

  get changes(): readonly PermissionChange[] {
    return [...this.#changes.values()].sort((a, b) => compareStrings(a.path, b.path));
  }

  #placeOf(path: string, last: boolean): string | undefined {
    const place = followPath(this, path, { last });
    return place === undefined || place === '' ? undefined : place;
  }

  #isFree(place: string): boolean {
    const existing = this.#made.get(place);
    if (existing !== undefined) return existing.type !== 'directory';
    if (isFileReserved(place) || this.#tree.get(place) !== undefined) return false;
    for (let above = parentPath(place); above !== ''; above = parentPath(above)) {
      const type = this.get(above)?.type;
      if (type !== undefined) return type === 'directory';
    }
    return true;
  }

  #options(cause: DraftCause) {
    return { ...cause, created: this.#created };
  }
}

function defined({ mode, uid, gid }: DraftPermissions): DraftPermissions {
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  };
}

/** What engines mount, what other effects make, and what only a running machine or a package tool has. */
const reserved = [
  ...['dev', 'proc', 'run', 'sys', 'tmp', 'var/tmp', 'var/run', 'var/lock', 'boot'],
  ...['var/lib/dpkg', 'var/lib/ucf', 'var/lib/apt', 'var/cache/debconf', 'var/lib/systemd', 'var/lib/update-rc.d'],
  ...['etc/systemd', 'etc/init.d', 'etc/rc.d', 'etc/alternatives', 'var/lib/pam', 'etc/apparmor.d'],
  ...['usr/share/doc', 'usr/share/man', 'usr/share/info', 'etc/cron.d', 'etc/logrotate.d', 'usr/lib/systemd'],
];

/** Files that no image has, or that have an effect of their own. */
const reservedFiles = [
  ...['etc/passwd', 'etc/group', 'etc/shadow', 'etc/gshadow', 'etc/subuid', 'etc/subgid', 'etc/hosts', 'etc/hostname'],
  ...['etc/resolv.conf', 'etc/machine-id', 'etc/mtab', 'etc/fstab', 'etc/motd', 'etc/ld.so.cache', 'etc/mailname'],
  ...['etc/nsswitch.conf', 'etc/shells', 'etc/inittab', 'etc/ca-certificates.conf', 'etc/adjtime'],
];

function isReserved(path: string): boolean {
  return reserved.some((folder) => isWithin(path, folder)) || /^etc\/rc[0-9S]\.d(\/|$)/.test(path);
}

/** Copies of what was there before, and files on their way to another name. */
function isTemporary(path: string): boolean {
  return /(mktemp\.[0-9]+|\.dpkg-[a-z]+|\.distrib|\.tmp|\.new|\.old|~)$/.test(path);
}

function isFileReserved(path: string): boolean {
  return (
    reservedFiles.includes(path) ||
    isWithin(path, 'var/log') ||
    isWithin(path, 'var/cache') ||
    isWithin(path, 'etc/ssl/private')
  );
}
