import { isSlimimageError, type SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { HttpError } from '../net/http-error.ts';
import type { HttpAnswer } from '../net/types.ts';
import { type Digest, digestOf, isDigest } from '../util/digest.ts';
import { decodeUtf8 } from '../util/text.ts';
import type { RepositoryContext } from './context.ts';
import { documentTypes } from './document-type.ts';
import type { Documents } from './documents.ts';
import type { Referrers } from './referrers.ts';
import { refusal, refusals } from './refusal.ts';

/** What else knows of the manifests of the repository. */
export interface DeletionContext extends RepositoryContext {
  readonly documents: Documents;
  readonly referrers: Referrers;
}

/**
 * Takes a tag away, or a manifest with every tag of it (distribution-spec, "Deleting tags", "Deleting Manifests"). One that speaks of
 * another goes from the list of those too, where the registry does not keep it itself.
 *
 * @returns false where there is none
 * @throws SlimimageError HTTP_STATUS, HTTP_AUTH where the registry does not allow it; as the client
 */
export async function deleteReference(context: DeletionContext, reference: string): Promise<boolean> {
  const digest = isDigest(reference) ? reference : undefined;
  const found = await request(context, digest === undefined ? 'HEAD' : 'GET', reference);
  // A registry that takes no tag away answers anything, also where there is none.
  if (found.status === 404) return false;
  const answer = await request(context, 'DELETE', reference);
  if (answer.status === 404) {
    if (found.status !== 200) return false;
    // It was there. The answer to a first try may have been lost; some registries say so where they don't delete.
    const left = await request(context, 'HEAD', reference);
    if (left.status !== 404) throw await cannotDelete(context, answer, reference);
  } else if (answer.status > 204) throw await cannotDelete(context, answer, reference);
  if (digest === undefined) return true;
  context.documents.forget(digest);
  const subject = digestOf(found.bytes) === digest ? subjectOf(found.bytes) : undefined;
  if (subject !== undefined) await leaveList(context, digest, subject);
  return true;
}

function request(
  context: RepositoryContext,
  method: 'GET' | 'HEAD' | 'DELETE',
  reference: string,
): Promise<HttpAnswer> {
  return context.access.request(context.name, `manifests/${reference}`, {
    method,
    // One login for all of it.
    actions: ['pull', 'delete'],
    // Whatever it is.
    headers: method === 'DELETE' ? {} : { accept: `${documentTypes}, */*` },
    accept: [200, 202, 204, ...refusals],
    maxSize: limits.ociDocumentBytes,
    signal: context.signal,
  });
}

/** Whatever the document is: what can't be read may be deleted all the same. */
function subjectOf(document: Uint8Array): Digest | undefined {
  try {
    const { subject } = Object(JSON.parse(decodeUtf8(document))) as Record<string, unknown>;
    const { digest } = Object(subject) as Record<string, unknown>;
    return typeof digest === 'string' && isDigest(digest) ? digest : undefined;
  } catch {
    return undefined;
  }
}

/** The manifest is gone, whatever comes of this. */
async function leaveList(
  { referrers, onEvent, where }: DeletionContext,
  digest: Digest,
  subject: Digest,
): Promise<void> {
  try {
    await referrers.remove(digest, subject);
  } catch (error) {
    if (!isSlimimageError(error) || error.code === 'ABORTED') throw error;
    const message = `${where}: the list of what speaks of ${subject} still names ${digest}, which is gone: ${error.message}`;
    onEvent?.({ type: 'warning', message });
  }
}

async function cannotDelete(context: DeletionContext, answer: HttpAnswer, reference: string): Promise<SlimimageError> {
  const { where, documents } = context;
  const told = refusal(context, answer, `delete ${reference}`);
  if (told.code === 'HTTP_AUTH') return told;
  const { message, status } = told;
  const code = 'HTTP_STATUS';
  if (isDigest(reference)) {
    const hint = 'Deleting has to be switched on in the registry, or is done in its own interface.';
    return new HttpError({ code, message, hint, status });
  }
  // Registries of before specification 1.1 take a tag for a digest that is none.
  const image = await documents.resolve(reference);
  return new HttpError({
    code,
    message: `${where}: cannot delete ${reference}: the registry takes no single tag away (${status})`,
    hint:
      image && `Delete the image with all of its tags: "slimimage tags docker://${where} --delete ${image.digest}".`,
    status,
  });
}
