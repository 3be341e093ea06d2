import { isSlimimageError, type SlimimageError } from '../../errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { BlobStore } from '../../store/types.ts';
import { Sha256 } from '../../util/digest.ts';
import { isDamage } from './open-subject.ts';

export const missing = 'is missing';

/** What is wrong with a blob; undefined where nothing is. `take` may see bytes that turn out to be wrong. */
export async function holdBlob(
  blobs: BlobStore,
  { digest, size, mediaType }: Descriptor,
  take?: (chunk: Uint8Array) => void,
): Promise<string | undefined> {
  const hash = new Sha256();
  try {
    for await (const chunk of blobs.open(digest, mediaType)) {
      hash.update(chunk);
      if (hash.size > size) return `has more than its ${size} bytes`;
      take?.(chunk);
    }
  } catch (error) {
    if (!isSlimimageError(error) || !isDamage(error)) throw error;
    // A registry or an archive may stop in the middle: then the digest tells nothing.
    if (error.code === 'STORE' || isMissingAtRegistry(error)) return missing;
    if (error.code !== 'DIGEST_MISMATCH') return `can't be read: ${error.message}`;
  }
  if (hash.size !== size) return `has ${hash.size} bytes, not ${size}`;
  const found = hash.digest();
  return found === digest ? undefined : `has other bytes: their digest is ${found}`;
}

function isMissingAtRegistry(error: SlimimageError): boolean {
  return error.code === 'HTTP_STATUS' && 'status' in error && error.status === 404;
}
