import { readdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Descriptor } from '../oci/descriptor.ts';
import { parseDescriptor } from '../oci/parse.ts';
import { compareStrings } from '../util/text.ts';
import { diskError, isMissing } from './disk-error.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { makeFolder } from './make-folder.ts';
import { escapeName } from './names.ts';
import type { Workspace } from './workspace.ts';

export interface StoredTag {
  readonly name: string;
  readonly tag: string;
  readonly descriptor: Descriptor;
}

/** Names of images: one small file each, `tags/NAME/TAG.json`, replaced in one step. */
export class TagFiles {
  readonly #root: string;
  readonly #workspace: Workspace;

  constructor(root: string, workspace: Workspace) {
    this.#root = root;
    this.#workspace = workspace;
  }

  async get(name: string, tag: string): Promise<Descriptor | undefined> {
    return (await this.#read(this.#file(name, tag)))?.descriptor;
  }

  async set(entry: StoredTag): Promise<void> {
    const file = this.#file(entry.name, entry.tag);
    await makeFolder(dirname(file)).catch((cause: unknown) => {
      throw diskError(cause, `cannot create ${dirname(file)}`);
    });
    await writeJsonFile(this.#workspace, file, entry);
  }

  /** @returns whether there was such a tag */
  async delete(name: string, tag: string): Promise<boolean> {
    try {
      await unlink(this.#file(name, tag));
      return true;
    } catch (cause) {
      if (isMissing(cause)) return false;
      throw diskError(cause, `cannot remove the tag ${name}:${tag}`);
    }
  }

  /** Every tag, by name and tag. */
  async list(): Promise<readonly StoredTag[]> {
    const tags: StoredTag[] = [];
    for (const folder of await readdir(this.#root)) {
      const files = await readdir(join(this.#root, folder)).catch(() => []);
      for (const file of files) {
        const entry = await this.#read(join(this.#root, folder, file));
        if (entry !== undefined) tags.push(entry);
      }
    }
    return tags.sort((a, b) => compareStrings(a.name, b.name) || compareStrings(a.tag, b.tag));
  }

  async #read(file: string): Promise<StoredTag | undefined> {
    const value = await readJsonFile(file);
    if (typeof value !== 'object' || value === null || !('descriptor' in value)) return undefined;
    if (!('name' in value) || typeof value.name !== 'string') return undefined;
    if (!('tag' in value) || typeof value.tag !== 'string') return undefined;
    const descriptor = parseDescriptor(value.descriptor, `tag ${value.name}:${value.tag}`);
    return { name: value.name, tag: value.tag, descriptor };
  }

  #file(name: string, tag: string): string {
    return join(this.#root, escapeName(name), `${escapeName(tag)}.json`);
  }
}
