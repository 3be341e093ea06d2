import { SlimimageError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { concatBytes, oneChunk } from '../util/bytes.ts';
import type { Digest } from '../util/digest.ts';
import { BlobCheck, checkedBytes } from './blob-check.ts';
import { listReferrers } from './referrers.ts';
import type { ReferrerTarget } from './target.ts';
import type { ExpectedBlob, StoredBlob } from './types.ts';

/** Images in memory, for tests. References are any text. */
export class MemoryStore implements ReferrerTarget {
  readonly #blobs = new Map<Digest, Uint8Array>();
  readonly #tags = new Map<string, Descriptor>();
  readonly #referrers = new Map<Digest, Descriptor[]>();

  async has(digest: Digest): Promise<boolean> {
    return this.#blobs.has(digest);
  }

  async size(digest: Digest): Promise<number | undefined> {
    return this.#blobs.get(digest)?.length;
  }

  async *open(digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
    const bytes = this.#blobs.get(digest);
    if (bytes === undefined) throw new SlimimageError({ code: 'STORE', message: `the store has no blob ${digest}` });
    // The chunk is the store's own memory: one that the caller changed is found out the next time.
    yield* checkedBytes(oneChunk(bytes), { digest });
  }

  async write(bytes: AsyncIterable<Uint8Array> | Uint8Array, expected: ExpectedBlob = {}): Promise<StoredBlob> {
    const check = new BlobCheck(expected);
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes instanceof Uint8Array ? oneChunk(bytes) : bytes) {
      check.update(chunk);
      chunks.push(chunk.slice());
    }
    const stored = check.finish();
    this.#blobs.set(stored.digest, concatBytes(chunks));
    return stored;
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    return this.#tags.get(reference);
  }

  async tag(descriptor: Descriptor, reference: string): Promise<void> {
    if (!this.#blobs.has(descriptor.digest)) {
      const message = `the store has no blob ${descriptor.digest} to call ${reference}`;
      throw new SlimimageError({ code: 'STORE', message });
    }
    this.#tags.set(reference, descriptor);
  }

  async referrers(subject: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
    return listReferrers(this.#referrers.get(subject) ?? [], artifactType);
  }

  async refer(referrer: Descriptor, subject: Descriptor): Promise<void> {
    if (!this.#blobs.has(referrer.digest)) {
      const message = `the store has no blob ${referrer.digest} that could speak of ${subject.digest}`;
      throw new SlimimageError({ code: 'STORE', message });
    }
    this.#referrers.set(subject.digest, [...(this.#referrers.get(subject.digest) ?? []), referrer]);
  }
}
