import { readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { concatBytes, plainBytes } from '../util/bytes.ts';
import { sha256Hex } from '../util/digest.ts';
import { encodeUtf8 } from '../util/text.ts';
import { diskError, isMissing } from './disk-error.ts';
import { readJsonFile, writeJsonFile, writeWholeFile } from './json-file.ts';
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
  /** The same for bytes, in a room of their own: megabytes that JSON would have to escape and copy. */
  getBytes(namespace: string, key: string): Promise<Uint8Array | undefined>;
  setBytes(namespace: string, key: string, value: Uint8Array): Promise<void>;
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
    await makeFolderOf(file);
    await writeJsonFile(this.#workspace, file, { key, value });
  }

  async getBytes(namespace: string, key: string): Promise<Uint8Array | undefined> {
    const file = this.#file(namespace, key, 'bytes');
    if ((await use(file)) === undefined) return undefined;
    const found = await readFile(file).catch((cause: unknown) => {
      if (isMissing(cause)) return undefined;
      throw diskError(cause, `cannot read ${file}`);
    });
    const head = headOf(key);
    if (found === undefined || !head.every((byte, at) => found[at] === byte)) return undefined;
    return plainBytes(found.subarray(head.length));
  }

  async setBytes(namespace: string, key: string, value: Uint8Array): Promise<void> {
    const file = this.#file(namespace, key, 'bytes');
    await makeFolderOf(file);
    await writeWholeFile(this.#workspace, file, concatBytes([headOf(key), value]));
  }

  async delete(namespace: string, key: string): Promise<void> {
    for (const ending of ['json', 'bytes']) await unlink(this.#file(namespace, key, ending)).catch(() => undefined);
  }

  #file(namespace: string, key: string, ending = 'json'): string {
    const hex = sha256Hex(key);
    return join(this.#root, escapeName(namespace), hex.slice(0, 2), `${hex}.${ending}`);
  }
}

async function makeFolderOf(file: string): Promise<void> {
  await makeFolder(dirname(file)).catch((cause: unknown) => {
    throw diskError(cause, `cannot create ${dirname(file)}`);
  });
}

/** What the file starts with, so that nobody takes it for another's. */
function headOf(key: string): Uint8Array {
  return encodeUtf8(`${key}\n`);
}
