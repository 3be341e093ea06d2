import { readFile, rename, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { parseStoreName } from '../oci/location.ts';
import { documentKind, mediaTypes } from '../oci/media-types.ts';
import { type Digest, hexOf } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import { checkFile, copyBlobFile, readBlobFile, writeBlobFile } from './blob-file.ts';
import { diskError, errorCode, isMissing } from './disk-error.ts';
import { FolderStore } from './folders.ts';
import { writeJsonFile } from './json-file.ts';
import { type Lock, lockExclusive, lockShared } from './lock.ts';
import { makeFolder } from './make-folder.ts';
import { DiskMemo, type Memo } from './memo.ts';
import { type PruneOptions, type PruneReport, pruneStore } from './prune.ts';
import { readDocument } from './read-document.ts';
import { ReferrerFiles } from './referrer-files.ts';
import { listReferrers } from './referrers.ts';
import { type StoreReport, surveyStore } from './survey.ts';
import { type StoredTag, TagFiles } from './tags.ts';
import type { DownloadKeeping, FetchFile, FileBacked, FileImporting, ReferrerTarget } from './target.ts';
import type { ExpectedBlob, StoredBlob } from './types.ts';
import { use } from './usage.ts';
import { type VerifyReport, verifyStore } from './verify.ts';
import { Workspace } from './workspace.ts';

/** Version of the layout on disk: another one is refused, never guessed at. */
const format = 1;
const versionFile = 'slimimage-store.json';
const folders = ['blobs/sha256', 'tags', 'referrers', 'memo', 'contents', 'partial', 'tmp', 'locks'] as const;

export interface LocalStoreOptions {
  /** Milliseconds to wait while another process prunes; default 30,000. */
  readonly lockTimeout?: number | undefined;
}

/**
 * The store on disk: blobs by digest, tags, contents, memos and unfinished downloads below one folder. Everything appears
 * by a rename, so a process killed at any instant leaves a whole store; what it left unfinished is removed by the next.
 * Any number of processes may use it at a time; `prune` waits until it is alone.
 */
export class LocalStore implements ReferrerTarget, FileBacked, FileImporting, DownloadKeeping {
  /** Absolute path of the store's folder. */
  readonly root: string;
  readonly memo: Memo;
  readonly #workspace: Workspace;
  readonly #tags: TagFiles;
  readonly #referrers: ReferrerFiles;
  readonly #folders: FolderStore;
  readonly #options: LocalStoreOptions;
  #lock: Lock | undefined;

  private constructor(root: string, options: LocalStoreOptions) {
    this.root = root;
    this.#options = options;
    this.#workspace = new Workspace(join(root, 'tmp'), join(root, 'partial'));
    this.#tags = new TagFiles(join(root, 'tags'), this.#workspace);
    this.#referrers = new ReferrerFiles(join(root, 'referrers'), this.#workspace);
    this.#folders = new FolderStore(join(root, 'contents'));
    this.memo = new DiskMemo(join(root, 'memo'), this.#workspace);
  }

  /**
   * Opens the store, making it where it is missing. A store that this user may only read opens too; writing to it fails.
   * @throws SlimimageError STORE where the folder can't be used or has another layout version.
   */
  static async open(root: string, options: LocalStoreOptions = {}): Promise<LocalStore> {
    const store = new LocalStore(resolve(root), options);
    const readable = await store.#checkVersion();
    try {
      for (const folder of folders) await makeFolder(join(store.root, folder));
      store.#lock = await lockShared(join(store.root, 'locks'), {
        timeout: options.lockTimeout,
        onBeat: () => store.#workspace.beat(),
      });
      if (!readable) await writeJsonFile(store.#workspace, join(store.root, versionFile), { format });
      await store.#workspace.sweep();
    } catch (cause) {
      const code = errorCode(cause instanceof SlimimageError ? cause.cause : cause);
      const forbidden = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
      if (!(readable && forbidden)) throw diskError(cause, `cannot use the store at ${store.root}`);
    }
    return store;
  }

  /** Gives back the lock and removes temporary folders. The store can't be used any more. */
  async close(): Promise<void> {
    await this.#workspace.close();
    await this.#lock?.release();
    this.#lock = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  path(digest: Digest): string {
    return join(this.root, 'blobs', 'sha256', hexOf(digest));
  }

  async has(digest: Digest): Promise<boolean> {
    return (await this.size(digest)) !== undefined;
  }

  async size(digest: Digest): Promise<number | undefined> {
    return (await use(this.path(digest)))?.size;
  }

  async *open(digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
    if (!(await this.has(digest))) {
      throw new SlimimageError({ code: 'STORE', message: `the store has no blob ${digest}` });
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
    const key = `blob-${hexOf(expected.digest)}`;
    const partial = await this.takePartial(key);
    try {
      await fetch(partial);
    } catch (error) {
      const got = (await stat(partial).catch(() => undefined))?.size ?? 0;
      if (got > 0) await this.keepPartial(key, partial);
      else await unlink(partial).catch(() => undefined);
      throw error;
    }
    return this.#keep(partial, expected);
  }

  /**
   * Makes a finished temporary file (of `temporaryFile` or `takePartial`) a blob, moving it.
   * @param expected held against the file's bytes; with `trusted`, digest and size are what the caller hashed while it
   *   wrote the file, and the bytes are not read again
   * @throws SlimimageError STORE, DIGEST_MISMATCH, DOWNLOAD_SHORT, DOWNLOAD_TOO_LARGE (the file is then removed)
   */
  async adoptFile(
    file: string,
    expected: ExpectedBlob & { readonly trusted?: StoredBlob | undefined } = {},
  ): Promise<StoredBlob> {
    try {
      return await this.#keep(file, expected.trusted ?? (await checkFile(file, expected)));
    } catch (error) {
      await unlink(file).catch(() => undefined);
      throw error;
    }
  }

  /** `reference`: NAME[:TAG][@DIGEST]; a digest that the store holds is found whatever the tag points to. */
  async resolve(reference: string): Promise<Descriptor | undefined> {
    const { name, tag, digest } = parseStoreName(reference);
    if (digest === undefined) return this.#tags.get(name, tag);
    const tagged = await this.#tags.get(name, tag);
    return tagged?.digest === digest ? tagged : this.#describe(digest);
  }

  async tag(descriptor: Descriptor, reference: string): Promise<void> {
    const { name, tag } = parseStoreName(reference);
    if (!(await this.has(descriptor.digest))) {
      throw new SlimimageError({
        code: 'STORE',
        message: `the store has no blob ${descriptor.digest} to call ${reference}`,
      });
    }
    await this.#tags.set({ name, tag, descriptor });
  }

  /** @returns whether there was such a tag */
  async untag(reference: string): Promise<boolean> {
    const { name, tag } = parseStoreName(reference);
    return this.#tags.delete(name, tag);
  }

  /** Every tag, by name and tag. */
  tags(): Promise<readonly StoredTag[]> {
    return this.#tags.list();
  }

  async referrers(subject: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
    const found: Descriptor[] = [];
    for (const referrer of await this.#referrers.list(subject)) {
      if (await this.has(referrer.digest)) found.push(referrer);
    }
    return listReferrers(found, artifactType);
  }

  async refer(referrer: Descriptor, subject: Descriptor): Promise<void> {
    if (!(await this.has(referrer.digest))) {
      const message = `the store has no blob ${referrer.digest} that could speak of ${subject.digest}`;
      throw new SlimimageError({ code: 'STORE', message });
    }
    await this.#referrers.set(referrer, subject.digest);
  }

  /** Takes back that one speaks of the other; the documents stay until they are pruned. */
  async unrefer(referrer: Digest, subject: Digest): Promise<void> {
    await this.#referrers.delete(referrer, subject);
  }

  /** Forgets referrers that are gone, and those of what is gone. */
  sweepReferrers(): Promise<void> {
    // Not `has`, which would mark what it finds as used.
    return this.#referrers.sweep(
      async (digest) => (await stat(this.path(digest)).catch(() => undefined)) !== undefined,
    );
  }

  /** A path for a new file on the store's file system; it is removed with the process that asked for it. */
  temporaryFile(label = 'file'): Promise<string> {
    return this.#workspace.file(label);
  }

  /** A new empty folder on the store's file system; it is removed after the process that asked for it. */
  temporaryFolder(label = 'folder'): Promise<string> {
    return this.#workspace.folder(label);
  }

  /** See `FolderStore.folder`. */
  folder(kind: string, key: string): Promise<string | undefined> {
    return this.#folders.folder(kind, key);
  }

  /** See `FolderStore.commit`. */
  commitFolder(kind: string, key: string, temporary: string): Promise<string> {
    return this.#folders.commit(kind, key, temporary);
  }

  async removeFolder(kind: string, key: string): Promise<void> {
    await this.#folders.remove(kind, key, await this.#workspace.file('removed'));
  }

  /** See `Workspace.takePartial`; complete it with `adoptFile`. */
  takePartial(key: string): Promise<string> {
    return this.#workspace.takePartial(key);
  }

  /** See `Workspace.keepPartial`. */
  keepPartial(key: string, file: string): Promise<void> {
    return this.#workspace.keepPartial(key, file);
  }

  /** What is in the store and how much room it takes. */
  list(): Promise<StoreReport> {
    return surveyStore(this);
  }

  /** Hashes every blob again and follows every tag. Nothing is changed. */
  verify(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<VerifyReport> {
    return verifyStore(this, options);
  }

  /**
   * Removes what was used longest ago until the store is small enough; never what a kept tag reaches.
   * @throws SlimimageError STORE where other processes keep using the store.
   */
  async prune(options: PruneOptions = {}): Promise<PruneReport> {
    await this.#lock?.release();
    this.#lock = undefined;
    const locks = join(this.root, 'locks');
    const timeout = this.#options.lockTimeout;
    const exclusive = await lockExclusive(locks, { timeout, signal: options.signal });
    try {
      return await pruneStore(this, options);
    } finally {
      await exclusive.release();
      this.#lock = await lockShared(locks, { timeout, onBeat: () => this.#workspace.beat() });
    }
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

  /** A document that is known by its digest alone says itself what it is. */
  async #describe(digest: Digest): Promise<Descriptor | undefined> {
    const size = await this.size(digest);
    if (size === undefined) return undefined;
    const document = await readDocument(this, { mediaType: mediaTypes.ociManifest, digest, size });
    const fallback = 'manifests' in document ? mediaTypes.ociIndex : mediaTypes.ociManifest;
    const mediaType =
      document.mediaType !== undefined && documentKind(document.mediaType) !== undefined
        ? document.mediaType
        : fallback;
    return { mediaType, digest, size };
  }

  /** @returns false where there is no store yet */
  async #checkVersion(): Promise<boolean> {
    const file = join(this.root, versionFile);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (cause) {
      if (isMissing(cause)) return false;
      throw diskError(cause, `cannot use the store at ${this.root}`);
    }
    if (text.trim() === canonicalJson({ format })) return true;
    throw new SlimimageError({
      code: 'STORE',
      message: `the store at ${this.root} was made by another version of slimimage`,
      hint: `Use another folder, or remove this one: it holds only what can be made again, and the images in it.`,
    });
  }
}
