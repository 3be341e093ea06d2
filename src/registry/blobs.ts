import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { HttpError } from '../net/http-error.ts';
import type { HttpAnswer } from '../net/types.ts';
import { type Digest, Sha256 } from '../util/digest.ts';
import { eitherSignal, type RepositoryContext } from './context.ts';
import { refusal, refusals } from './refusal.ts';

export interface BlobReading {
  /** Bytes; undefined where nobody said. */
  readonly size: number | undefined;
  /** What the reader has had of it already; it goes on behind that. */
  readonly begun?: Sha256 | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Size of a blob that the repository has, `unknown` where the registry does not tell, undefined where it has none. */
export async function blobSize(
  context: RepositoryContext,
  digest: Digest,
  options: { readonly retry?: boolean } = {},
): Promise<number | 'unknown' | undefined> {
  const answer = await context.access.request(context.name, `blobs/${digest}`, {
    method: 'HEAD',
    actions: ['pull'],
    accept: [200, ...refusals],
    maxSize: limits.ociDocumentBytes,
    retry: options.retry,
    signal: context.signal,
  });
  if (answer.status === 200) return lengthOf(answer);
  if (answer.status === 404 || answer.status === 410) return undefined;
  // A registry that keeps blobs elsewhere may send us there with a ticket for GET alone.
  if (answer.status === 403 && !answer.url.pathname.startsWith('/v2/')) return 'unknown';
  throw refusal(context, answer, `look for the blob ${digest}`);
}

/**
 * A blob's bytes, their digest checked while they flow.
 * @throws SlimimageError STORE where the repository has none; DIGEST_MISMATCH, DOWNLOAD_SHORT, DOWNLOAD_TOO_LARGE, NETWORK, HTTP_STATUS
 */
export async function* readBlob(
  context: RepositoryContext,
  digest: Digest,
  { size, begun, signal }: BlobReading,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = begun ?? new Sha256();
  const bytes = context.access.stream(context.name, `blobs/${digest}`, {
    alreadyRead: hash.size,
    expectedSize: size,
    maxSize: size ?? limits.dataTarBytes,
    signal: eitherSignal(context.signal, signal),
  });
  try {
    for await (const chunk of bytes) {
      hash.update(chunk);
      if (hash.size > (size ?? limits.dataTarBytes)) throw wrongSize(context, digest, 'DOWNLOAD_TOO_LARGE');
      yield chunk;
    }
  } catch (error) {
    throw error instanceof HttpError && (error.status === 404 || error.status === 410)
      ? missing(context, digest)
      : error;
  }
  if (size !== undefined && hash.size < size) throw wrongSize(context, digest, 'DOWNLOAD_SHORT');
  const got = hash.digest();
  if (got === digest) return;
  throw new SlimimageError({
    code: 'DIGEST_MISMATCH',
    message: `${context.where}: the registry sent ${got} in the place of the blob ${digest}`,
    hint: 'The bytes were damaged on their way, or the registry, or a proxy before it, changes them: try again.',
  });
}

function lengthOf({ headers }: HttpAnswer): number | 'unknown' {
  const length = headers['content-length'] ?? '';
  return /^[0-9]{1,15}$/.test(length) ? Number(length) : 'unknown';
}

function missing({ where }: RepositoryContext, digest: Digest): SlimimageError {
  return new SlimimageError({ code: 'STORE', message: `the repository ${where} has no blob ${digest}` });
}

function wrongSize(
  { where }: RepositoryContext,
  digest: Digest,
  code: 'DOWNLOAD_SHORT' | 'DOWNLOAD_TOO_LARGE',
): SlimimageError {
  const message = `${where}: the blob ${digest} is ${code === 'DOWNLOAD_SHORT' ? 'shorter' : 'longer'} than its descriptor says`;
  return new SlimimageError({ code, message });
}
