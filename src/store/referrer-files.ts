import { readdir, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Descriptor } from '../oci/descriptor.ts';
import { parseDescriptor } from '../oci/parse.ts';
import { type Digest, hexOf, isDigest } from '../util/digest.ts';
import { diskError, isMissing } from './disk-error.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { makeFolder } from './make-folder.ts';
import type { Workspace } from './workspace.ts';

/** What speaks of what: one small file each, `referrers/SUBJECT/REFERRER.json`, so that writers never race. */
export class ReferrerFiles {
  readonly #root: string;
  readonly #workspace: Workspace;

  constructor(root: string, workspace: Workspace) {
    this.#root = root;
    this.#workspace = workspace;
  }

  async set(referrer: Descriptor, subject: Digest): Promise<void> {
    const folder = this.#folder(subject);
    await makeFolder(folder).catch((cause: unknown) => {
      throw diskError(cause, `cannot create ${folder}`);
    });
    await writeJsonFile(this.#workspace, join(folder, `${hexOf(referrer.digest)}.json`), referrer);
  }

  /** In no particular order. */
  async list(subject: Digest): Promise<readonly Descriptor[]> {
    const folder = this.#folder(subject);
    const found: Descriptor[] = [];
    for (const name of await names(folder)) {
      const value = await readJsonFile(join(folder, name));
      // A file that a full disk cut off says nothing.
      if (value !== undefined) found.push(parseDescriptor(value, `referrer ${name}`));
    }
    return found;
  }

  async delete(referrer: Digest, subject: Digest): Promise<void> {
    await unlink(join(this.#folder(subject), `${hexOf(referrer)}.json`)).catch(() => undefined);
  }

  /** Forgets what is about a subject, or is itself, no longer there. */
  async sweep(has: (digest: Digest) => Promise<boolean>): Promise<void> {
    for (const hex of await names(this.#root)) {
      const subject = `sha256:${hex}`;
      const folder = join(this.#root, hex);
      if (!isDigest(subject)) continue;
      if (!(await has(subject))) await rm(folder, { recursive: true, force: true });
      for (const name of await names(folder)) {
        const referrer = `sha256:${name.replace(/\.json$/, '')}`;
        if (!isDigest(referrer) || !(await has(referrer))) await unlink(join(folder, name)).catch(() => undefined);
      }
    }
  }

  #folder(subject: Digest): string {
    return join(this.#root, hexOf(subject));
  }
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw diskError(cause, `cannot read ${folder}`);
  }
}
