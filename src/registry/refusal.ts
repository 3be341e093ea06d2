import { type ErrorCode, SlimimageError } from '../errors.ts';
import { HttpError } from '../net/http-error.ts';
import type { HttpAnswer } from '../net/types.ts';
import { decodeUtf8 } from '../util/text.ts';
import type { RepositoryContext } from './context.ts';

/** Statuses whose body may say more than they do; 401 is the access's, 429 and the other 5xx are tried again by the client. */
export const refusals: readonly number[] = [400, 403, 404, 405, 406, 409, 410, 412, 413, 415, 416, 422, 501, 507];

/**
 * The error for an answer that refuses. The registry's own text is not repeated, only its code, and that in known words
 * (distribution-spec, "Error Codes").
 *
 * @param doing what failed, to read after "cannot": `send the manifest sha256:...`
 */
export function refusal({ where, name }: RepositoryContext, answer: HttpAnswer, doing: string): HttpError {
  const { status } = answer;
  const code = errorCodes(answer).find((known) => meanings.has(known));
  const meaning = meanings.get(code ?? '') ?? ofStatus(status);
  const reason = `${meaning.text} (${status}${code === undefined ? '' : ` ${code}`})`;
  return new HttpError({
    code: meaning.code ?? 'HTTP_STATUS',
    message: `${where}: cannot ${doing}: ${reason}`,
    hint: meaning.hint?.replace('HOST', name.registry),
    status,
  });
}

/** The codes of the errors that an answer's body lists; none where it is no such list. */
export function errorCodes(answer: HttpAnswer): readonly string[] {
  let body: unknown;
  try {
    body = JSON.parse(decodeUtf8(answer.bytes.subarray(0, 64 * 1024)));
  } catch {
    return [];
  }
  if (typeof body !== 'object' || body === null || !('errors' in body) || !Array.isArray(body.errors)) return [];
  return body.errors.slice(0, 20).flatMap((error: unknown) => {
    if (typeof error !== 'object' || error === null || !('code' in error)) return [];
    return typeof error.code === 'string' ? [error.code] : [];
  });
}

export function unknownRepository({ where, name }: RepositoryContext): SlimimageError {
  return new SlimimageError({
    code: 'IMAGE_NOT_FOUND',
    message: `there is no repository ${where}`,
    hint: `Is the name right? A private one needs a login: "docker login ${name.registry}".`,
  });
}

/** An answer against the specification. */
export function invalidAnswer({ where }: RepositoryContext, what: string): SlimimageError {
  return new SlimimageError({
    code: 'REGISTRY_INVALID',
    message: `${where}: ${what}`,
    hint: 'The registry, or a proxy before it, does not follow the OCI distribution specification.',
  });
}

interface Meaning {
  readonly text: string;
  readonly hint?: string;
  readonly code?: ErrorCode;
}

const login: Meaning = {
  text: 'this account may not do it',
  hint: 'Log in as somebody who may: "docker login HOST".',
  code: 'HTTP_AUTH',
};
const missing: Meaning = {
  text: 'there is no such repository',
  hint: 'Is the name right? Some registries want a repository to be made before the first push.',
  code: 'IMAGE_NOT_FOUND',
};
const notSupported: Meaning = {
  text: 'the registry does not allow it',
  hint: 'Is it read-only, or a mirror of another registry?',
};
const partsMissing: Meaning = {
  text: 'the registry misses what it refers to',
  hint: 'The registry may have cleaned up meanwhile: push again.',
};

const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['BLOB_UNKNOWN', { text: 'the registry does not have the blob' }],
  ['BLOB_UPLOAD_INVALID', { text: 'the registry gave the upload up' }],
  ['BLOB_UPLOAD_UNKNOWN', { text: 'the registry does not know the upload any more' }],
  ['DENIED', login],
  ['DIGEST_INVALID', { text: 'other bytes arrived than were sent' }],
  ['MANIFEST_BLOB_UNKNOWN', partsMissing],
  ['MANIFEST_INVALID', { text: 'the registry does not take such a manifest' }],
  ['MANIFEST_UNKNOWN', { text: 'the registry does not have the manifest', code: 'IMAGE_NOT_FOUND' }],
  ['MANIFEST_UNVERIFIED', { text: 'the registry wants a signed manifest' }],
  ['NAME_INVALID', { text: 'the registry does not take such a repository name', code: 'REFERENCE_INVALID' }],
  ['NAME_UNKNOWN', missing],
  ['RANGE_INVALID', { text: 'the registry expected other bytes of the upload' }],
  ['SIZE_INVALID', { text: 'the registry counted other bytes than were sent' }],
  // Also of one that is there: some registries let tags be made immutable.
  [
    'TAG_INVALID',
    { text: 'the registry does not take such a tag, or does not let it move', code: 'REFERENCE_INVALID' },
  ],
  ['TOOMANYREQUESTS', { text: 'too many requests', hint: 'Wait a little, or log in for a higher limit.' }],
  ['UNAUTHORIZED', login],
  ['UNSUPPORTED', notSupported],
]);

function ofStatus(status: number): Meaning {
  if (status === 403) return login;
  if (status === 404) return { text: 'the registry does not have it', hint: 'Is the name right?' };
  if (status === 405 || status === 501) return notSupported;
  if (status === 412) return { text: 'the registry refuses it', hint: 'Is a quota of the project used up?' };
  if (status === 507) return { text: 'the registry has no room for it', hint: 'Is a quota of the project used up?' };
  if (status === 413) return { text: 'it is too large for the registry, or for a proxy before it' };
  return { text: 'the registry refuses it' };
}
