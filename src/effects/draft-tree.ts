import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { isWithin, parentPath } from '../rootfs/path.ts';
import { compareStrings, decodeUtf8 } from '../util/text.ts';
import { generatedDirectory, generatedFile, generatedLink } from './entries.ts';
import { isFileReserved, isFileTaken, isReserved, isTemporary } from './reserved-places.ts';
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

/** The tree with what scripts make in it so far. Paths of its methods are absolute, as scripts write them. */
export class DraftTree implements EffectTree {
  readonly #tree: EffectTree;
  readonly #created: number;
  readonly #made = new Map<string, GeneratedEntry>();
  readonly #changes = new Map<string, PermissionChange>();
  #looks = 0;
  #bytes = 0;
  #source = 'a package';

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
      this.#look(1);
      if (!this.#made.has(path)) yield path;
    }
    for (const path of this.#made.keys()) {
      this.#look(1);
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
    if (place === undefined || isFileTaken(place)) return undefined;
    const existing = this.get(place);
    if (existing !== undefined) return existing.type === 'directory' ? existing : undefined;
    for (let above = parentPath(place); above !== ''; above = parentPath(above)) {
      const type = this.get(above)?.type;
      if (type === undefined) this.#add(generatedDirectory(above, this.#options(cause)));
      else if (type !== 'directory') return undefined;
    }
    const made = generatedDirectory(place, { ...this.#options(cause), ...permissions });
    this.#add(made);
    return made;
  }

  /** A file where nothing of a package or the configuration is. No image has a private key that scripts write or copy. */
  writeFile(path: string, content: Uint8Array, { cause, ...permissions }: DraftPermissions & { cause: DraftCause }) {
    const place = this.#placeOf(path, true);
    if (place === undefined || !this.#isFree(place) || /PRIVATE KEY-----/.test(decodeUtf8(content))) return;
    this.#add(generatedFile(place, content, { ...this.#options(cause), ...permissions }));
  }

  makeLink(path: string, target: string, cause: DraftCause): void {
    const place = this.#placeOf(path, false);
    if (place === undefined || target === '' || !this.#isFree(place)) return;
    this.#add(generatedLink(place, target, this.#options(cause)));
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
    if (!isFolder) return;
    this.#look(this.#made.size);
    for (const made of [...this.#made.keys()]) if (isWithin(made, place)) this.#made.delete(made);
  }

  /** `source` in words, for messages. Temporary files are a script's own: those of the one before are gone. */
  beginScript(source: string): void {
    this.#source = source;
    for (const path of [...this.#made.keys()]) if (isReserved(path) || isTemporary(path)) this.#made.delete(path);
  }

  get entries(): readonly GeneratedEntry[] {
    const kept = [...this.#made.values()].filter(({ path }) => !isReserved(path) && !isTemporary(path));
    return kept.sort((a, b) => compareStrings(a.path, b.path));
  }

  get changes(): readonly PermissionChange[] {
    return [...this.#changes.values()].sort((a, b) => compareStrings(a.path, b.path));
  }

  #add(entry: GeneratedEntry): void {
    this.#bytes += entry.content?.length ?? 0;
    this.#made.set(entry.path, entry);
    if (this.#made.size > limits.scriptedPaths) throw this.#exceeded(`${limits.scriptedPaths} files and folders`);
    if (this.#bytes > limits.scriptedBytes) throw this.#exceeded(`${limits.scriptedBytes} bytes of files`);
  }

  #look(paths: number): void {
    this.#looks += paths;
    if (this.#looks > limits.scriptedLooks) throw this.#exceeded(`a walk over ${limits.scriptedLooks} paths`);
  }

  #exceeded(what: string): SlimimageError {
    return new SlimimageError({
      code: 'LIMIT_EXCEEDED',
      message: `Maintainer scripts and tmpfiles.d files of the image, up to ${this.#source}, come to more than ${what}`,
      hint: 'No package of Debian does so. Leave out the package that does.',
    });
  }

  #placeOf(path: string, last: boolean): string | undefined {
    const place = followPath(this, path, { last });
    const isNone = place === undefined || place === '' || hasControlCharacter(place);
    return isNone || place.split('/').length > limits.pathDepth ? undefined : place;
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

/** Paths of packages have none (dpkg refuses them), and a list of paths has one a line. */
function hasControlCharacter(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  return /[\u0000-\u001f\u007f]/.test(path);
}
