import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isDocument } from '../oci/encode.ts';
import { throwIfAborted } from '../util/abort.ts';
import type { Digest } from '../util/digest.ts';
import { parseSuccessors, readBlob } from './read-document.ts';
import type { BlobStore } from './types.ts';

export interface CollectedDocument {
  readonly descriptor: Descriptor;
  /** Verified. */
  readonly bytes: Uint8Array;
}

export interface CollectedTree {
  readonly leaves: readonly Descriptor[];
  /** Parents before what they point to. */
  readonly documents: readonly CollectedDocument[];
}

/** Indexes of indexes; real ones have one level. */
const maxNesting = 8;

/**
 * Everything below `root`, each digest once, every document read once.
 * @throws SlimimageError LIMIT_EXCEEDED, OCI_INVALID, and what reading the source throws
 */
export async function collectTree(
  source: BlobStore,
  root: Descriptor,
  signal: AbortSignal | undefined,
): Promise<CollectedTree> {
  const leaves = new Map<Digest, Descriptor>();
  const documents = new Map<Digest, CollectedDocument>();
  let documentBytes = 0;
  let level: readonly Descriptor[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxNesting) throw tooMuch(`${root.digest} is nested too deep`);
    const next = new Map<Digest, Descriptor>();
    for (const descriptor of level) {
      throwIfAborted(signal);
      if (!isDocument(descriptor)) {
        leaves.set(descriptor.digest, descriptor);
        continue;
      }
      const known = documents.get(descriptor.digest);
      const bytes = known?.bytes ?? (await readBlob(source, descriptor));
      if (known === undefined) documentBytes += bytes.length;
      if (documentBytes > limits.imageDocumentsBytes) throw tooMuch(`${root.digest} has too many documents`);
      // Found again on a deeper level: it has to come before all of its parents.
      documents.delete(descriptor.digest);
      documents.set(descriptor.digest, { descriptor, bytes });
      for (const successor of parseSuccessors(bytes, descriptor)) next.set(successor.digest, successor);
    }
    level = [...next.values()];
  }
  return { leaves: [...leaves.values()], documents: [...documents.values()] };
}

function tooMuch(message: string): SlimimageError {
  return new SlimimageError({ code: 'LIMIT_EXCEEDED', message });
}
