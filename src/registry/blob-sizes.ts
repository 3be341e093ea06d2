import type { Digest } from '../util/digest.ts';
import { isDigest } from '../util/digest.ts';

/** More than any index with its manifests names. */
const maxEntries = 100_000;

/** What documents that were read say of the blobs that they name: a download then knows its end. */
export class BlobSizes {
  readonly #sizes = new Map<Digest, number>();

  get(digest: Digest): number | undefined {
    return this.#sizes.get(digest);
  }

  /** @param document JSON of a manifest or index; what does not look like a descriptor is left to who parses it */
  learn(document: unknown): void {
    const { config, layers, manifests } = Object(document) as Record<string, unknown>;
    for (const found of [config, layers, manifests].flat()) {
      const { digest, size } = Object(found) as Record<string, unknown>;
      if (this.#sizes.size >= maxEntries) return;
      if (typeof digest !== 'string' || !isDigest(digest)) continue;
      if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) this.#sizes.set(digest, size);
    }
  }
}
