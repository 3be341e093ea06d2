import { type ErrorCode, isSlimimageError, SlimimageError } from '../errors.ts';
import type { OnEvent } from '../events.ts';
import { limits } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { documentKind } from '../oci/media-types.ts';
import { parseIndex, parseManifest } from '../oci/parse.ts';
import type { Digest } from '../util/digest.ts';
import type { CollectedDocument } from './collect-tree.ts';
import { keepsReferrers, type ReferrerTarget, refersAtOnce } from './target.ts';
import type { BlobStore } from './types.ts';

export interface ReferrersJob {
  /** Those whose referrers are wanted. */
  readonly documents: readonly CollectedDocument[];
  readonly onEvent: OnEvent | undefined;
  /** Copies a referrer with what it points to, and gives its documents, the referrer first. */
  copyTree(root: Descriptor): Promise<readonly CollectedDocument[]>;
}

/**
 * Copies what refers to the documents, and what refers to that, each once: a circle of referrers ends where it began. What a list names
 * and is there no more (others delete manifests without a word to the list) is passed over with a warning.
 *
 * @returns how many there were
 * @throws SlimimageError LIMIT_EXCEEDED beyond `limits.imageReferrers`
 */
export async function copyReferrers(source: BlobStore, destination: BlobStore, job: ReferrersJob): Promise<number> {
  if (!keepsReferrers(source) || !keepsReferrers(destination)) return 0;
  const seen = new Set<Digest>(job.documents.map(({ descriptor }) => descriptor.digest));
  const queue = [...job.documents];
  let count = 0;
  for (let subject = queue.shift(); subject !== undefined; subject = queue.shift()) {
    const listed = await source.referrers(subject.descriptor.digest).catch((error: unknown) => {
      throw withWayOut(error);
    });
    const described: Descriptor[] = [];
    for (const found of listed) {
      if (seen.has(found.digest)) continue;
      seen.add(found.digest);
      if (seen.size > limits.imageReferrers) throw tooMany(job.documents[0]?.descriptor);
      const documents = await copyReferrer(source, found, { ...job, subject: subject.descriptor.digest });
      if (documents === undefined) continue;
      const referrer = documents.find(({ descriptor }) => descriptor.digest === found.digest);
      const entry = referrer === undefined ? undefined : describeReferrer(referrer, subject.descriptor.digest);
      // A list that names what speaks of something else: it is no paper of this image.
      if (entry === undefined) continue;
      described.push(entry);
      queue.push(...documents);
    }
    await referAll(destination, described, subject.descriptor);
    count += described.length;
  }
  return count;
}

async function referAll(
  destination: ReferrerTarget,
  referrers: readonly Descriptor[],
  subject: Descriptor,
): Promise<void> {
  if (refersAtOnce(destination)) await destination.referAll(referrers, subject);
  else for (const referrer of referrers) await destination.refer(referrer, subject);
}

/** @returns undefined where it is gone */
async function copyReferrer(
  source: BlobStore,
  referrer: Descriptor,
  { copyTree, onEvent, subject }: ReferrersJob & { readonly subject: Digest },
): Promise<readonly CollectedDocument[] | undefined> {
  try {
    return await copyTree(referrer);
  } catch (error) {
    if (!isSlimimageError(error)) throw error;
    const { digest, mediaType } = referrer;
    if (error.code !== 'STORE' || (await source.has(digest, mediaType))) throw withWayOut(error);
    onEvent?.({
      type: 'warning',
      message: `${digest}, which is listed as speaking of ${subject}, is not there: it is left out`,
    });
    return undefined;
  }
}

/** An image can be copied without what others attached to it, as long as that is what is wrong. */
function withWayOut(error: unknown): unknown {
  if (!isSlimimageError(error) || !ofReferrers.has(error.code)) return error;
  const { code, message, hint } = error;
  const both = [hint, '"slimimage copy --no-referrers" leaves out what refers to an image.'].filter(
    (text) => text !== undefined,
  );
  return new SlimimageError({ code, message, hint: both.join(' '), cause: error });
}

const ofReferrers = new Set<ErrorCode>(['STORE', 'DIGEST_MISMATCH', 'OCI_INVALID', 'HTTP_STATUS', 'REGISTRY_INVALID']);

/**
 * The descriptor for a list of referrers, by what the manifest itself says (distribution-spec, "Listing Referrers"); undefined where it
 * speaks of another subject.
 */
export function describeReferrer({ descriptor, bytes }: CollectedDocument, subject: Digest): Descriptor | undefined {
  const { mediaType, digest, size } = descriptor;
  const name = `referrer ${digest}`;
  const isIndex = documentKind(mediaType) === 'index';
  const document = isIndex ? parseIndex(bytes, { name }) : parseManifest(bytes, { name });
  if (document.subject?.digest !== subject) return undefined;
  const artifactType = document.artifactType ?? ('config' in document ? document.config.mediaType : undefined);
  const { annotations } = document;
  const isAnnotated = annotations !== undefined && Object.keys(annotations).length > 0;
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(isAnnotated ? { annotations } : {}),
  };
}

function tooMany(root: Descriptor | undefined): SlimimageError {
  return new SlimimageError({
    code: 'LIMIT_EXCEEDED',
    message: `${root?.digest ?? 'the image'} has more than ${limits.imageReferrers} referrers`,
    hint: 'Leave them out with --no-referrers.',
  });
}
