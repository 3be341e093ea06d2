import { unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256Hex } from '../util/digest.ts';
import { diskError } from './disk-error.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { makeFolder } from './make-folder.ts';
import { escapeName } from './names.ts';
import { use } from './usage.ts';
import type { Workspace } from './workspace.ts';

/** Small facts that are dear to find out again, as JSON by namespace and key. Any of them may be forgotten at any time. */
export interface Memo {
  /** The remembered value, as JSON gave it back: the caller checks its shape. Undefined where nothing is remembered. */
  get(namespace: string, key: string): Promise<unknown>;
  set(namespace: string, key: string, value: unknown): Promise<void>;
  delete(namespace: string, key: string): Promise<void>;
}

export class DiskMemo implements Memo {
  readonly #root: string;
  readonly #workspace: Workspace;

  constructor(root: string, workspace: Workspace) {
    this.#root = root;
    this.#workspace = workspace;
  }

  async get(namespace: string, key: string): Promise<unknown> {
    const file = this.#file(namespace, key);
    if ((await use(file)) === undefined) return undefined;
    const found = await readJsonFile(file);
    if (typeof found !== 'object' || found === null || !('key' in found) || found.key !== key) return undefined;
    return 'value' in found ? found.value : undefined;
  }

  async set(namespace: string, key: string, value: unknown): Promise<void> {
    const file = this.#file(namespace, key);
    await makeFolder(dirname(file)).catch((cause: unknown) => {
      throw diskError(cause, `cannot create ${dirname(file)}`);
    });
    await writeJsonFile(this.#workspace, file, { key, value });
  }

  async delete(namespace: string, key: string): Promise<void> {
    await unlink(this.#file(namespace, key)).catch(() => undefined);
  }

  #file(namespace: string, key: string): string {
    const hex = sha256Hex(key);
    return join(this.#root, escapeName(namespace), hex.slice(0, 2), `${hex}.json`);
  }
}
