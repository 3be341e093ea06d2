import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { annotationKeys, type Descriptor } from '../oci/descriptor.ts';
import { checkLayoutFile, parseIndex } from '../oci/parse.ts';
import { checkedBytes } from '../store/blob-check.ts';
import { readBlob } from '../store/read-document.ts';
import { listReferrers, referrersTag } from '../store/referrers.ts';
import type { ReferrerTarget } from '../store/target.ts';
import type { StoredBlob } from '../store/types.ts';
import { type Digest, hexOf } from '../util/digest.ts';
import type { FileTar } from './file-tar.ts';

/** An OCI layout inside a tar (`oci-archive:`), as a store that can only be read. */
export class ArchiveLayout implements ReferrerTarget {
  readonly #tar: FileTar;
  readonly #entries: readonly Descriptor[];

  private constructor(tar: FileTar, entries: readonly Descriptor[]) {
    this.#tar = tar;
    this.#entries = entries;
  }

  /** @throws SlimimageError OCI_INVALID, LIMIT_EXCEEDED, IO */
  static async open(tar: FileTar): Promise<ArchiveLayout> {
    checkLayoutFile(await tar.read('oci-layout', limits.ociDocumentBytes));
    const index = parseIndex(await tar.read('index.json', limits.ociDocumentBytes), { name: 'index.json' });
    return new ArchiveLayout(tar, index.manifests);
  }

  entries(): readonly Descriptor[] {
    return this.#entries;
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    return (
      this.#entries.find((entry) => entry.annotations?.[annotationKeys.refName] === reference) ??
      this.#entries.find((entry) => entry.digest === reference)
    );
  }

  async has(digest: Digest): Promise<boolean> {
    return this.#tar.member(pathOf(digest)) !== undefined;
  }

  async size(digest: Digest): Promise<number | undefined> {
    return this.#tar.member(pathOf(digest))?.size;
  }

  open(digest: Digest): AsyncIterable<Uint8Array> {
    return checkedBytes(this.#tar.stream(pathOf(digest)), { digest });
  }

  async referrers(subject: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
    const list = await this.resolve(referrersTag(subject));
    if (list === undefined) return [];
    const bytes = await readBlob(this, list);
    return listReferrers(parseIndex(bytes, { name: `index ${list.digest}` }).manifests, artifactType);
  }

  async write(): Promise<StoredBlob> {
    throw readOnly();
  }

  async tag(): Promise<void> {
    throw readOnly();
  }

  async refer(): Promise<void> {
    throw readOnly();
  }
}

function readOnly(): SlimimageError {
  return new SlimimageError({
    code: 'OUTPUT_INVALID',
    message: 'an archive that was opened to be read takes no images',
  });
}

function pathOf(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}
