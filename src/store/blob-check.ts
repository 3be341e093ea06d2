import { SlimimageError } from '../errors.ts';
import { type Digest, Sha256 } from '../util/digest.ts';
import type { ExpectedBlob, StoredBlob } from './types.ts';

/** Holds a stream of bytes against what is expected of it: too much fails at once, the rest at the end. */
export class BlobCheck {
  readonly #hash = new Sha256();
  readonly #expected: ExpectedBlob;
  readonly #name: string;

  constructor(expected: ExpectedBlob = {}, name?: string) {
    this.#expected = expected;
    this.#name = name ?? expected.digest ?? 'blob';
  }

  /** @throws SlimimageError DOWNLOAD_TOO_LARGE */
  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    const { size, maxSize } = this.#expected;
    const limit = size ?? maxSize;
    if (limit === undefined || this.#hash.size <= limit) return;
    throw new SlimimageError({
      code: 'DOWNLOAD_TOO_LARGE',
      message: `${this.#name} is larger than ${size === undefined ? 'the limit of' : 'its'} ${limit} bytes`,
    });
  }

  /** @throws SlimimageError DOWNLOAD_SHORT, DIGEST_MISMATCH */
  finish(): StoredBlob {
    const stored = { digest: this.#hash.digest(), size: this.#hash.size };
    const { size, digest } = this.#expected;
    if (size !== undefined && stored.size < size) {
      const message = `${this.#name} ended after ${stored.size} of ${size} bytes`;
      throw new SlimimageError({ code: 'DOWNLOAD_SHORT', message });
    }
    if (digest !== undefined && stored.digest !== digest) throw mismatch(this.#name, digest, stored.digest);
    return stored;
  }
}

/**
 * The same bytes, checked while they flow.
 * @throws SlimimageError DOWNLOAD_TOO_LARGE at once; DOWNLOAD_SHORT or DIGEST_MISMATCH at the end.
 */
export async function* checkedBytes(
  bytes: AsyncIterable<Uint8Array>,
  expected: ExpectedBlob,
): AsyncGenerator<Uint8Array, void, undefined> {
  const check = new BlobCheck(expected);
  for await (const chunk of bytes) {
    check.update(chunk);
    yield chunk;
  }
  check.finish();
}

function mismatch(name: string, expected: Digest, actual: Digest): SlimimageError {
  return new SlimimageError({
    code: 'DIGEST_MISMATCH',
    message: name === expected ? `blob ${expected} holds ${actual}` : `${name} holds ${actual}, not ${expected}`,
    hint: 'The bytes are damaged or were replaced. "slimimage cache verify" checks the local store.',
  });
}
