import type { Digest } from '../util/digest.ts';

export interface KnownDocument {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** Bytes of documents that are kept. An image has two or three of a few kB; an index of ten platforms twenty. */
const maxBytes = 16 * 1024 * 1024;

/** Verified documents on their way: those used last, so that none is asked for twice. */
export class DocumentMemory {
  readonly #documents = new Map<Digest, KnownDocument>();
  #bytes = 0;

  get(digest: Digest): KnownDocument | undefined {
    const found = this.#documents.get(digest);
    if (found !== undefined) {
      this.#documents.delete(digest);
      this.#documents.set(digest, found);
    }
    return found;
  }

  set(digest: Digest, document: KnownDocument): void {
    this.delete(digest);
    this.#documents.set(digest, document);
    this.#bytes += document.bytes.length;
    for (const oldest of this.#documents.keys()) {
      if (this.#bytes <= maxBytes) return;
      this.delete(oldest);
    }
  }

  delete(digest: Digest): void {
    this.#bytes -= this.#documents.get(digest)?.bytes.length ?? 0;
    this.#documents.delete(digest);
  }
}
