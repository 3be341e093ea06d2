import { isSlimimageError } from '../errors.ts';
import type { OperationOptions } from '../events.ts';
import { limits } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Manifest } from '../oci/documents.ts';
import { documentKind } from '../oci/media-types.ts';
import { parseManifest } from '../oci/parse.ts';
import { readBlob } from '../store/read-document.ts';
import type { ReferrerTarget } from '../store/target.ts';
import type { BlobStore } from '../store/types.ts';

export interface KnownReferrer {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
}

/**
 * What speaks of a document, read: in the list under a fallback tag neither artifact type nor annotations can be relied on, for
 * not every client copies them there. What others left that can't be read is passed over, with a warning.
 */
export async function knownReferrers(
  target: ReferrerTarget,
  subject: Descriptor,
  options: OperationOptions,
): Promise<readonly KnownReferrer[]> {
  const known: KnownReferrer[] = [];
  const listed = await target.referrers(subject.digest);
  for await (const one of readReferrers(target, listed, { ...options, subject })) known.push(one);
  return known;
}

/** As `knownReferrers`, one after the other in the order of the list: who has found what it looks for reads no more of them. */
export async function* readReferrers(
  target: ReferrerTarget,
  listed: readonly Descriptor[],
  { subject: { digest }, onEvent }: OperationOptions & { readonly subject: Descriptor },
): AsyncGenerator<KnownReferrer, void, undefined> {
  for (const descriptor of listed) {
    if (documentKind(descriptor.mediaType) !== 'manifest') continue;
    const name = `referrer ${descriptor.digest}`;
    const manifest = await usableOrNone(async () => parseManifest(await readBlob(target, descriptor), { name }));
    if (manifest?.subject?.digest === digest) yield { descriptor, manifest };
    else
      onEvent?.({
        type: 'warning',
        message: `What ${descriptor.digest} says of ${digest} can't be read: it is left alone`,
      });
  }
}

/** The only blob of a referrer. @throws SlimimageError LIMIT_EXCEEDED and as the store */
export function readReferrerBlob(store: BlobStore, blob: Descriptor): Promise<Uint8Array> {
  return readBlob(store, blob, limits.paperBytes);
}

/** Undefined where something of a stranger's is damaged, missing or too large; other errors go on. */
export async function usableOrNone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (damages.some((code) => isSlimimageError(error, code))) return undefined;
    throw error;
  }
}

const damages = ['OCI_INVALID', 'LIMIT_EXCEEDED', 'DIGEST_MISMATCH', 'STORE'] as const;
