import { createHash, hash } from 'node:crypto';
import { SlimimageError } from '../errors.ts';

/** A content digest as OCI writes it. sha256 is the only algorithm that slimimage reads or writes. */
export type Digest = `sha256:${string}`;

const pattern = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

/** @throws SlimimageError OCI_INVALID where `text` is no sha256 digest. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new SlimimageError({ code: 'OCI_INVALID', message: `"${text.slice(0, 100)}" is not a sha256 digest` });
}

/** The 64 hexadecimal digits of a digest. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes);
}

/** For formats that demand it; nothing is trusted by it. */
export function sha1Hex(bytes: Uint8Array | string): string {
  return createHash('sha1').update(bytes).digest('hex');
}

export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${sha256Hex(bytes)}`;
}

/** Incremental hash of bytes fed chunk by chunk. */
export class Sha256 {
  readonly #hash = createHash('sha256');
  /** Bytes fed so far. */
  size = 0;

  update(chunk: Uint8Array): this {
    this.#hash.update(chunk);
    this.size += chunk.length;
    return this;
  }

  digest(): Digest {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}
