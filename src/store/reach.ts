import { isSlimimageError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isDocument } from '../oci/encode.ts';
import type { Digest } from '../util/digest.ts';
import { readSuccessors } from './read-document.ts';
import { keepsReferrers } from './target.ts';
import type { BlobStore } from './types.ts';

export interface Reach {
  readonly digests: ReadonlySet<Digest>;
  /** Blobs that are named but missing, or documents that can't be read, with the reason. */
  readonly broken: readonly { readonly descriptor: Descriptor; readonly reason: string }[];
}

/** Everything that the descriptors reach in a store, with what refers to it. Never throws for a damaged image: it is reported as broken. */
export async function reach(store: BlobStore, roots: Iterable<Descriptor>): Promise<Reach> {
  const digests = new Set<Digest>();
  const broken: { descriptor: Descriptor; reason: string }[] = [];
  const queue = [...roots];
  for (let descriptor = queue.pop(); descriptor !== undefined; descriptor = queue.pop()) {
    if (digests.has(descriptor.digest)) continue;
    digests.add(descriptor.digest);
    try {
      if (await store.has(descriptor.digest)) queue.push(...(await next(store, descriptor)));
      else broken.push({ descriptor, reason: 'missing' });
    } catch (error) {
      if (!isSlimimageError(error)) throw error;
      broken.push({ descriptor, reason: error.message });
    }
  }
  return { digests, broken };
}

async function next(store: BlobStore, descriptor: Descriptor): Promise<readonly Descriptor[]> {
  if (!isDocument(descriptor)) return [];
  const referrers = keepsReferrers(store) ? await store.referrers(descriptor.digest) : [];
  return [...(await readSuccessors(store, descriptor)), ...referrers];
}
