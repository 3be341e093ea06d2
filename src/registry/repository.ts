import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { documentKind } from '../oci/media-types.ts';
import { parseJson } from '../oci/parse.ts';
import { isTag } from '../oci/reference.ts';
import { BlobCheck } from '../store/blob-check.ts';
import type { FileDownload, ImportOptions } from '../store/target.ts';
import type { ExpectedBlob, StoredBlob } from '../store/types.ts';
import { concatBytes, oneChunk } from '../util/bytes.ts';
import { type Digest, isDigest } from '../util/digest.ts';
import { blobSize, readBlob } from './blobs.ts';
import { createContext, eitherSignal, type RepositoryContext, type RepositoryOptions } from './context.ts';
import { deleteReference } from './delete-reference.ts';
import { statedType } from './document-type.ts';
import { Documents } from './documents.ts';
import { downloadFile } from './download-file.ts';
import { Mounts } from './mount.ts';
import { Referrers } from './referrers.ts';
import { streamSource } from './stream-source.ts';
import { listTags } from './tag-list.ts';
import type { RegistryTarget, RepositoryName } from './types.ts';
import { upload } from './upload.ts';
import { fileSource, type UploadSource } from './upload-source.ts';

/**
 * One repository of a registry, by the OCI distribution specification 1.1. Nothing is asked before the first call. Bytes are believed by
 * their digest alone, whatever the registry says.
 */
export function openRepository(name: RepositoryName, options: RepositoryOptions): RegistryTarget {
  return new Repository(createContext(name, options));
}

class Repository implements RegistryTarget {
  readonly name: RepositoryName;
  readonly #context: RepositoryContext;
  readonly #documents: Documents;
  readonly #referrers: Referrers;
  readonly #mounts: Mounts;
  /** What is under way, by digest: registries do not all bear two writers of one blob. */
  readonly #uploads = new Map<Digest, Promise<StoredBlob>>();

  constructor(context: RepositoryContext) {
    this.name = context.name;
    this.#context = context;
    this.#documents = new Documents(context);
    this.#referrers = new Referrers(context, this.#documents);
    this.#mounts = new Mounts(context);
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    return this.#documents.resolve(checkReference(reference));
  }

  async tag(descriptor: Descriptor, reference: string): Promise<void> {
    if (!isTag(reference)) throw notATag(reference);
    // Under the type that it gives itself, whoever calls it otherwise.
    await this.#documents.put(await this.#documents.read(descriptor.digest), reference);
  }

  async currentDigest(tag: string): Promise<Digest | undefined> {
    return this.#documents.currentDigest(checkReference(tag));
  }

  async has(digest: Digest, mediaType?: string): Promise<boolean> {
    if (this.#isDocument(digest, mediaType)) return (await this.#documents.size(digest)) !== undefined;
    return (await blobSize(this.#context, digest)) !== undefined;
  }

  async size(digest: Digest, mediaType?: string): Promise<number | undefined> {
    if (this.#isDocument(digest, mediaType)) return this.#documents.size(digest);
    const size = await blobSize(this.#context, digest);
    return size === 'unknown' ? this.#documents.sizes.get(digest) : size;
  }

  async holds({ digest, size, mediaType }: StoredBlob & { readonly mediaType?: string | undefined }): Promise<boolean> {
    if (this.#isDocument(digest, mediaType)) return (await this.#documents.size(digest)) === size;
    const found = await blobSize(this.#context, digest);
    // Its name is its digest.
    return found === size || found === 'unknown';
  }

  async *open(digest: Digest, mediaType?: string): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#isDocument(digest, mediaType)) {
      // A copy: what the caller does to it is not to be sent under a tag.
      yield (await this.#documents.read(digest)).bytes.slice();
    } else {
      yield* readBlob(this.#context, digest, { size: this.#documents.sizes.get(digest) });
    }
  }

  downloadFile(digest: Digest, options: FileDownload): Promise<void> {
    return downloadFile(this.#context, digest, options);
  }

  async write(bytes: AsyncIterable<Uint8Array> | Uint8Array, expected: ExpectedBlob = {}): Promise<StoredBlob> {
    const { mediaType } = expected;
    const stream = bytes instanceof Uint8Array ? oneChunk(bytes) : bytes;
    if (mediaType !== undefined && documentKind(mediaType) !== undefined) {
      return this.#writeDocument(stream, { ...expected, mediaType });
    }
    return this.#upload(await streamSource(stream, expected), {});
  }

  async importFile(file: string, expected: ExpectedBlob, options: ImportOptions = {}): Promise<StoredBlob> {
    return this.#upload(await fileSource(file, expected), options);
  }

  mount(digest: Digest, options: { readonly from: string; readonly size: number }): Promise<boolean> {
    return this.#mounts.mount(digest, options);
  }

  listTags(): Promise<readonly string[]> {
    return listTags(this.#context);
  }

  async delete(reference: string): Promise<boolean> {
    const parts = { documents: this.#documents, referrers: this.#referrers };
    return deleteReference({ ...this.#context, ...parts }, checkReference(reference));
  }

  referrers(subject: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
    return this.#referrers.list(subject, artifactType);
  }

  refer(referrer: Descriptor, subject: Descriptor): Promise<void> {
    return this.#referrers.add([referrer], subject);
  }

  referAll(referrers: readonly Descriptor[], subject: Descriptor): Promise<void> {
    return this.#referrers.add(referrers, subject);
  }

  /** By its media type; without one, by what has been seen. */
  #isDocument(digest: Digest, mediaType: string | undefined): boolean {
    return mediaType === undefined ? this.#documents.isKnown(digest) : documentKind(mediaType) !== undefined;
  }

  async #writeDocument(
    bytes: AsyncIterable<Uint8Array>,
    expected: ExpectedBlob & { readonly mediaType: string },
  ): Promise<StoredBlob> {
    const check = new BlobCheck({ maxSize: limits.ociDocumentBytes, ...expected });
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) {
      check.update(chunk);
      chunks.push(chunk.slice());
    }
    const stored = check.finish();
    const document = concatBytes(chunks);
    // Registries hold the Content-Type against it.
    const stated = statedType(parseJson(document, `document ${stored.digest}`, {}));
    await this.#documents.put({ bytes: document, mediaType: stated ?? expected.mediaType }, stored.digest);
    return stored;
  }

  async #upload(source: ClosableSource, options: ImportOptions): Promise<StoredBlob> {
    const { digest } = source;
    if (digest === undefined) return this.#uploadAlone(source, options);
    const under = this.#uploads.get(digest);
    const own = under === undefined ? this.#uploadAlone(source, options) : this.#afterOther(under, source, options);
    this.#uploads.set(digest, own);
    try {
      return await own;
    } finally {
      if (this.#uploads.get(digest) === own) this.#uploads.delete(digest);
    }
  }

  /** Nothing is left to send where the other one succeeded. */
  async #afterOther(other: Promise<StoredBlob>, source: ClosableSource, options: ImportOptions): Promise<StoredBlob> {
    const stored = await other.catch(() => undefined);
    if (stored === undefined) return this.#uploadAlone(source, options);
    await source.close?.();
    return stored;
  }

  async #uploadAlone(source: ClosableSource, options: ImportOptions): Promise<StoredBlob> {
    try {
      return await upload(this.#context, source, {
        onProgress: options.onProgress,
        signal: eitherSignal(this.#context.signal, options.signal),
        session: this.#mounts.takeSession(source.digest),
      });
    } finally {
      await source.close?.();
    }
  }
}

interface ClosableSource extends UploadSource {
  close?(): Promise<void>;
}

function checkReference(reference: string): string {
  if (isDigest(reference) || isTag(reference)) return reference;
  throw notATag(reference);
}

function notATag(reference: string): SlimimageError {
  return new SlimimageError({
    code: 'REFERENCE_INVALID',
    message: `"${reference.slice(0, 200)}" can't name an image in a registry`,
    hint: 'A tag has 1 to 128 letters, digits, "_", "." and "-".',
  });
}
