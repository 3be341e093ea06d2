import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskError, errorCode } from './disk-error.ts';
import { makeFolder } from './make-folder.ts';
import { escapeName } from './names.ts';
import { use } from './usage.ts';

/** Folders that appear whole or not at all, by kind and key: a converted .deb is one. */
export class FolderStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Absolute path of the committed folder, or undefined. Marks it as used. */
  async folder(kind: string, key: string): Promise<string | undefined> {
    const path = this.#path(kind, key);
    return (await use(path)) === undefined ? undefined : path;
  }

  /**
   * Makes `temporary` (a folder on the same file system) the folder of that key. Where another process was faster, its folder
   * stays and `temporary` is removed: equal keys mean equal contents.
   * @returns the absolute path of the committed folder
   * @throws SlimimageError STORE
   */
  async commit(kind: string, key: string, temporary: string): Promise<string> {
    const path = this.#path(kind, key);
    try {
      await makeFolder(dirname(path));
      await rename(temporary, path);
    } catch (cause) {
      await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
      const code = errorCode(cause);
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw diskError(cause, `cannot keep ${path}`);
    }
    return path;
  }

  /** Moves the folder of that key away, into `temporary`, and removes it there: readers never see a part of it. */
  async remove(kind: string, key: string, temporary: string): Promise<void> {
    try {
      await rename(this.#path(kind, key), temporary);
    } catch {
      return;
    }
    await rm(temporary, { recursive: true, force: true });
  }

  #path(kind: string, key: string): string {
    return join(this.#root, escapeName(kind), escapeName(key));
  }
}
