import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from './disk-error.ts';
import { makeFolder } from './make-folder.ts';
import { escapeName } from './names.ts';
import { currentOwner, isOwnerAlive, type Owner, parseOwner } from './owner.ts';
import { removeTree } from './remove-tree.ts';

/**
 * Where unfinished things are: `tmp/OWNER.N/...`. What a dead process left there is removed by the next one, but for its partial
 * downloads, which go back to `partial/` to be resumed.
 */
export class Workspace {
  readonly #root: string;
  readonly #partials: string;
  readonly #prefix: string;
  #folder: Promise<string> | undefined;

  /** @param options.prefix how the names of its folders start, where `root` holds other things too */
  constructor(root: string, partials: string, options: { readonly prefix?: string | undefined } = {}) {
    this.#root = root;
    this.#partials = partials;
    this.#prefix = options.prefix ?? '';
  }

  /** A path for a new file; nothing is there yet. */
  async file(label: string): Promise<string> {
    return join(await this.#own(), `${label}-${randomBytes(8).toString('hex')}`);
  }

  /** A new empty folder. */
  async folder(label: string): Promise<string> {
    const folder = await this.file(label);
    await mkdir(folder).catch((cause: unknown) => {
      throw diskError(cause, `cannot create ${folder}`);
    });
    return folder;
  }

  /**
   * A file for a download that others can't touch meanwhile. It holds what an earlier, interrupted download of the same key
   * got, or is not there. Rename it away when it is complete, else give it back with `keepPartial`.
   */
  async takePartial(key: string): Promise<string> {
    const name = escapeName(key);
    const file = join(await this.#own(), `partial-${randomBytes(4).toString('hex')}-${name}`);
    // Renaming is the claim: of two processes, one gets the bytes and the other begins anew.
    await rename(join(this.#partials, name), file).catch(() => undefined);
    return file;
  }

  async keepPartial(key: string, file: string): Promise<void> {
    await rename(file, join(this.#partials, escapeName(key))).catch(() => undefined);
  }

  /** Removes what dead processes left. */
  async sweep(): Promise<void> {
    const self = await currentOwner();
    for (const name of await readdir(this.#root)) {
      // A prune that died: it worked alone, so nobody is at it now.
      if (name.startsWith('removed-')) await rm(join(this.#root, name), { recursive: true, force: true });
      const owner = name.startsWith(this.#prefix) ? this.#ownerOf(name) : undefined;
      if (owner === undefined || owner.id === self.id) continue;
      const folder = join(this.#root, name);
      const touched = (await stat(folder).catch(() => undefined))?.mtimeMs;
      if (touched === undefined || (await isOwnerAlive(owner, touched, Date.now()))) continue;
      await this.#rescuePartials(folder);
      await removeTree(folder).catch(() => undefined);
    }
  }

  /** Marks the folder as in use, for processes that can't see this one. */
  async beat(): Promise<void> {
    const now = new Date();
    if (this.#folder !== undefined) await utimes(await this.#folder, now, now).catch(() => undefined);
  }

  /** Leaves nothing behind: what was given up on the way goes, but for downloads that can be resumed. */
  async close(): Promise<void> {
    if (this.#folder === undefined) return;
    const folder = await this.#folder;
    this.#folder = undefined;
    await this.#rescuePartials(folder);
    await removeTree(folder).catch(() => undefined);
  }

  async #rescuePartials(folder: string): Promise<void> {
    for (const name of await readdir(folder).catch(() => [])) {
      const [, key] = /^partial-[0-9a-f]{8}-(.+)$/.exec(name) ?? [];
      if (key !== undefined) await rename(join(folder, name), join(this.#partials, key)).catch(() => undefined);
    }
  }

  #ownerOf(name: string): Owner | undefined {
    return parseOwner(name.slice(this.#prefix.length).split('.')[0] ?? '');
  }

  #own(): Promise<string> {
    this.#folder ??= this.#create();
    return this.#folder;
  }

  async #create(): Promise<string> {
    const folder = join(this.#root, `${this.#prefix}${(await currentOwner()).id}.${randomBytes(4).toString('hex')}`);
    try {
      await makeFolder(folder);
    } catch (cause) {
      this.#folder = undefined;
      throw diskError(cause, `cannot create ${folder}`);
    }
    return folder;
  }
}
