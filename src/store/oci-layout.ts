import { lstat, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { annotationKeys, type Descriptor } from '../oci/descriptor.ts';
import { encodeIndex } from '../oci/encode.ts';
import { checkLayoutFile, parseIndex } from '../oci/parse.ts';
import { type Digest, hexOf } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import { copyBlobFile, readBlobFile, writeBlobFile } from './blob-file.ts';
import { diskError, isMissing } from './disk-error.ts';
import { makeFolder } from './make-folder.ts';
import { readBlob } from './read-document.ts';
import { listReferrers, referrersTag } from './referrers.ts';
import type { DownloadKeeping, FetchFile, FileBacked, FileImporting, ReferrerTarget } from './target.ts';
import type { ExpectedBlob, StoredBlob } from './types.ts';
import { Workspace } from './workspace.ts';

export const layoutFile = canonicalJson({ imageLayoutVersion: '1.0.0' });

/**
 * A folder in the OCI image layout (image-spec, image-layout.md). `index.json` has one entry for each tag, named by
 * `org.opencontainers.image.ref.name`, and changes in one step, after the blobs are there: a process that dies leaves the old image or
 * the new one. Two processes that tag in the same layout at the same instant may lose one of the tags.
 */
export class OciLayout implements ReferrerTarget, FileBacked, FileImporting, DownloadKeeping {
  /** Absolute path. */
  readonly directory: string;
  readonly #workspace: Workspace;
  #changes: Promise<unknown> = Promise.resolve();

  private constructor(directory: string) {
    this.directory = directory;
    this.#workspace = new Workspace(directory, join(directory, '.slimimage-partial'), { prefix: '.slimimage-' });
  }

  /**
   * A layout to read.
   * @throws SlimimageError IMAGE_NOT_FOUND where there is none, OCI_INVALID where it has another version, STORE
   */
  static async open(directory: string): Promise<OciLayout> {
    const layout = new OciLayout(resolve(directory));
    const version = await layout.#read('oci-layout', 1024 * 1024);
    if (version === undefined) {
      throw new SlimimageError({
        code: 'IMAGE_NOT_FOUND',
        message: `${directory} is not an OCI image layout`,
        hint: 'A layout is a folder with the files oci-layout and index.json.',
      });
    }
    checkLayoutFile(version);
    return layout;
  }

  /**
   * A layout to write to: a new folder, an empty one, or a layout that gets more images.
   * @throws SlimimageError OUTPUT_INVALID where the folder holds something else, OCI_INVALID, STORE
   */
  static async create(directory: string): Promise<OciLayout> {
    const layout = new OciLayout(resolve(directory));
    try {
      await makeFolder(layout.directory);
      const version = await layout.#read('oci-layout', 1024 * 1024);
      if (version !== undefined) checkLayoutFile(version);
      else await layout.#begin();
      await makeFolder(join(layout.directory, 'blobs', 'sha256'));
      await layout.#workspace.sweep();
    } catch (cause) {
      throw diskError(cause, `cannot write the layout ${directory}`);
    }
    return layout;
  }

  /** Removes temporary files. */
  async close(): Promise<void> {
    await this.#workspace.close();
  }

  path(digest: Digest): string {
    return join(this.directory, 'blobs', 'sha256', hexOf(digest));
  }

  async has(digest: Digest): Promise<boolean> {
    return (await this.size(digest)) !== undefined;
  }

  async size(digest: Digest): Promise<number | undefined> {
    const stats = await stat(this.path(digest)).catch(() => undefined);
    // A layout may come from a stranger: reading a pipe or a device would never end.
    return stats?.isFile() === true ? stats.size : undefined;
  }

  async *open(digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
    if (!(await this.has(digest))) {
      throw new SlimimageError({ code: 'STORE', message: `the layout ${this.directory} has no blob ${digest}` });
    }
    yield* readBlobFile(this.path(digest), digest);
  }

  async write(bytes: AsyncIterable<Uint8Array> | Uint8Array, expected: ExpectedBlob = {}): Promise<StoredBlob> {
    const temporary = await this.#workspace.file('blob');
    return this.#keep(temporary, await writeBlobFile(temporary, bytes, expected));
  }

  async importFile(file: string, expected: ExpectedBlob = {}): Promise<StoredBlob> {
    const temporary = await this.#workspace.file('blob');
    return this.#keep(temporary, await copyBlobFile(file, temporary, expected));
  }

  async keepDownload(expected: StoredBlob, fetch: FetchFile): Promise<StoredBlob> {
    const temporary = await this.#workspace.file('blob');
    await fetch(temporary);
    return this.#keep(temporary, expected);
  }

  /** `reference`: a tag of the layout, or a digest of one of its entries. */
  async resolve(reference: string): Promise<Descriptor | undefined> {
    const entries = await this.entries();
    const found =
      entries.find((entry) => entry.annotations?.[annotationKeys.refName] === reference) ??
      entries.find((entry) => entry.digest === reference);
    return found === undefined ? undefined : withoutName(found);
  }

  async tag(descriptor: Descriptor, reference: string): Promise<void> {
    if (!(await this.has(descriptor.digest))) {
      const message = `the layout ${this.directory} has no blob ${descriptor.digest} to call ${reference}`;
      throw new SlimimageError({ code: 'STORE', message });
    }
    await this.#change(() => this.#setEntry(descriptor, reference));
  }

  /** From the index that the tag `sha256-HEX` of the subject names, as in a registry without lists of referrers. */
  async referrers(subject: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
    const list = await this.resolve(referrersTag(subject));
    return list === undefined ? [] : listReferrers(await this.#readList(list), artifactType);
  }

  async refer(referrer: Descriptor, subject: Descriptor): Promise<void> {
    if (!(await this.has(referrer.digest))) {
      const message = `the layout ${this.directory} has no blob ${referrer.digest} that could speak of ${subject.digest}`;
      throw new SlimimageError({ code: 'STORE', message });
    }
    await this.#change(() => this.#addReferrer(referrer, subject.digest));
  }

  /** The entries of index.json as they are. @throws SlimimageError OCI_INVALID, STORE */
  async entries(): Promise<readonly Descriptor[]> {
    const bytes = await this.#read('index.json', limits.ociDocumentBytes);
    return bytes === undefined ? [] : parseIndex(bytes, { name: `${this.directory}/index.json` }).manifests;
  }

  /** One after the other: each replaces index.json. */
  async #change(action: () => Promise<void>): Promise<void> {
    const change = this.#changes.then(action);
    this.#changes = change.catch(() => undefined);
    await change;
  }

  async #addReferrer(referrer: Descriptor, subject: Digest): Promise<void> {
    const tag = referrersTag(subject);
    const before = await this.resolve(tag);
    const known = before === undefined ? [] : await this.#readList(before);
    const { bytes, descriptor } = encodeIndex({ manifests: listReferrers([...known, referrer]) });
    if (descriptor.digest === before?.digest) return;
    await this.write(bytes);
    await this.#setEntry(descriptor, tag);
    const named = (await this.entries()).some(({ digest }) => digest === before?.digest);
    if (before !== undefined && !named) await unlink(this.path(before.digest)).catch(() => undefined);
  }

  async #readList(list: Descriptor): Promise<readonly Descriptor[]> {
    return parseIndex(await readBlob(this, list), { name: `index ${list.digest}` }).manifests;
  }

  async #setEntry(descriptor: Descriptor, reference: string): Promise<void> {
    const named = nameDescriptor(descriptor, reference);
    const others = (await this.entries()).filter(
      (entry) => entry.annotations?.[annotationKeys.refName] !== reference && !isSameUnnamed(entry, descriptor),
    );
    const { bytes } = encodeIndex({ manifests: [...others, named] });
    await this.#replace('oci-layout', layoutFile);
    await this.#replace('index.json', bytes);
  }

  async #keep(temporary: string, stored: StoredBlob): Promise<StoredBlob> {
    try {
      await rename(temporary, this.path(stored.digest));
    } catch (cause) {
      await unlink(temporary).catch(() => undefined);
      throw diskError(cause, `cannot keep blob ${stored.digest}`);
    }
    return stored;
  }

  /**
   * Marks an empty folder as a layout. It gets an index.json with its first image only: another process may be writing
   * there as well.
   */
  async #begin(): Promise<void> {
    const names = await readdir(this.directory);
    // Another process has just done it.
    if (names.includes('oci-layout')) return;
    const stranger = names.find((name) => name !== 'blobs' && !name.startsWith('.slimimage-'));
    if (stranger !== undefined) {
      throw new SlimimageError({
        code: 'OUTPUT_INVALID',
        message: `${this.directory} is not an OCI image layout and not empty (it holds ${JSON.stringify(stranger)})`,
        hint: 'Choose a new folder.',
      });
    }
    await this.#replace('oci-layout', layoutFile);
  }

  async #replace(name: string, bytes: Uint8Array | string): Promise<void> {
    const temporary = await this.#workspace.file('json');
    try {
      await writeFile(temporary, bytes, { flag: 'wx' });
      await rename(temporary, join(this.directory, name));
    } catch (cause) {
      await unlink(temporary).catch(() => undefined);
      throw diskError(cause, `cannot write ${join(this.directory, name)}`);
    }
  }

  /** A small regular file of the layout, or undefined where it is missing. */
  async #read(name: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const file = join(this.directory, name);
    try {
      const stats = await lstat(file);
      if (!stats.isFile() || stats.size > maxBytes) {
        const message = `${file} is not a file of at most ${maxBytes} bytes`;
        throw new SlimimageError({ code: 'OCI_INVALID', message });
      }
      return await readFile(file);
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw diskError(cause, `cannot read ${file}`);
    }
  }
}

/** The descriptor as the entry of a layout's index that carries that tag. */
export function nameDescriptor(descriptor: Descriptor, reference: string): Descriptor {
  return { ...descriptor, annotations: { ...descriptor.annotations, [annotationKeys.refName]: reference } };
}

function withoutName(descriptor: Descriptor): Descriptor {
  const { annotations, ...rest } = descriptor;
  const { [annotationKeys.refName]: _name, [annotationKeys.containerdName]: _full, ...others } = annotations ?? {};
  return Object.keys(others).length === 0 ? rest : { ...rest, annotations: others };
}

/** An entry without a name for the same image would make two entries of one image: tools refuse to choose. */
function isSameUnnamed(entry: Descriptor, descriptor: Descriptor): boolean {
  return entry.digest === descriptor.digest && entry.annotations?.[annotationKeys.refName] === undefined;
}
