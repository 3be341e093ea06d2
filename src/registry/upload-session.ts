import { limits } from '../limits.ts';
import type { HttpAnswer, HttpMethod } from '../net/types.ts';
import type { Digest } from '../util/digest.ts';
import type { RepositoryContext } from './context.ts';
import { locationOf, withDigest } from './locations.ts';
import { refusal, refusals } from './refusal.ts';
import type { UploadPart } from './upload-source.ts';

/** Milliseconds for the answer to the last request of an upload: registries move or hash the whole blob before it. */
const closingMs = 600_000;

/** What a registry keeps of an upload: an address, which every answer may change. */
export interface UploadSession {
  readonly location: URL;
  /** Bytes that a part has to have, unless it is the last one (`OCI-Chunk-Min-Length`). */
  readonly minPartBytes: number;
}

export interface SessionRequest {
  readonly signal: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Begins an upload (distribution-spec, "POST then PUT"). */
export async function beginSession(context: RepositoryContext, options: SessionRequest): Promise<UploadSession> {
  const answer = await send(context, 'blobs/uploads/', { ...options, method: 'POST', accept: [202] });
  if (answer.status !== 202) throw refusal(context, answer, 'begin an upload');
  return sessionOf(context, answer);
}

export function sessionOf(context: RepositoryContext, answer: HttpAnswer): UploadSession {
  const minimum = answer.headers['oci-chunk-min-length'] ?? '';
  const minPartBytes = /^[0-9]{1,15}$/.test(minimum) ? Number(minimum) : 0;
  return { location: locationOf(context, answer), minPartBytes };
}

/**
 * Sends a part; one that is not all of the blob says where it belongs.
 * @returns 202 with a Range, or what refuses it
 */
export function patchPart(
  context: RepositoryContext,
  session: UploadSession,
  options: SessionRequest & { readonly part: UploadPart; readonly offset: number; readonly ranged: boolean },
): Promise<HttpAnswer> {
  const { part, offset, ranged } = options;
  // Without a range as Docker sends it: that every registry takes.
  const range = ranged ? { 'content-range': `${offset}-${offset + part.size - 1}` } : {};
  return send(context, session.location, {
    ...options,
    method: 'PATCH',
    body: part,
    headers: { 'content-type': 'application/octet-stream', ...range },
    accept: [201, 202, 204],
  });
}

/** Ends an upload, with the last or only part or with none. @returns 201, or what refuses it */
export function closeSession(
  context: RepositoryContext,
  session: UploadSession,
  options: SessionRequest & { readonly digest: Digest; readonly part?: UploadPart | undefined },
): Promise<HttpAnswer> {
  return send(context, withDigest(session.location, options.digest), {
    ...options,
    method: 'PUT',
    body: options.part ?? { size: 0, open: nothing },
    headers: { 'content-type': 'application/octet-stream' },
    accept: [200, 201, 202, 204],
    responseMs: closingMs,
  });
}

/** Bytes that the registry has of an upload, and where it goes on; undefined where it does not know it any more. */
export async function askSession(
  context: RepositoryContext,
  session: UploadSession,
  options: SessionRequest,
): Promise<{ readonly session: UploadSession; readonly offset: number } | undefined> {
  const answer = await send(context, session.location, { ...options, method: 'GET', accept: [200, 204] });
  const offset = answer.status <= 204 ? takenBytes(answer) : undefined;
  if (offset === undefined) return undefined;
  return { session: follow(context, session, answer), offset };
}

/** Gives an upload up, if the registry cares to hear it. Waits for it no longer than a moment. */
export async function cancelSession(context: RepositoryContext, session: UploadSession): Promise<void> {
  const signal = AbortSignal.timeout(500);
  await send(context, session.location, { signal, method: 'DELETE', accept: [200, 202, 204] }).catch(() => undefined);
}

/** The session as an answer to one of its requests changes it. */
export function follow(context: RepositoryContext, session: UploadSession, answer: HttpAnswer): UploadSession {
  if (answer.headers['location'] === undefined) return session;
  return { ...session, location: locationOf(context, answer) };
}

/**
 * Bytes that the registry has, by the Range of its answer; undefined where it does not say. `0-0` is one byte in the specification
 * and none in Docker's registry: none is the safe reading, because bytes sent twice are refused and bytes left out are not.
 */
export function takenBytes(answer: HttpAnswer): number | undefined {
  const range = /^(?:bytes=)?0-([0-9]{1,15})$/.exec(answer.headers['range']?.trim() ?? '');
  if (range === null) return undefined;
  return range[1] === '0' ? 0 : Number(range[1]) + 1;
}

function send(
  context: RepositoryContext,
  path: string | URL,
  options: SessionRequest & {
    readonly method: HttpMethod;
    readonly accept: readonly number[];
    readonly body?: UploadPart;
    readonly headers?: Readonly<Record<string, string>>;
    readonly responseMs?: number;
  },
): Promise<HttpAnswer> {
  const { method, accept, body, headers, responseMs, onProgress, signal } = options;
  return context.access.request(context.name, path, {
    method,
    actions: ['pull', 'push'],
    accept: [...accept, ...refusals],
    headers,
    body: body && { size: body.size, open: () => body.open(), onProgress },
    maxSize: limits.ociDocumentBytes,
    // What fails is tried again by the upload, which knows what has to come before it.
    retry: false,
    responseMs,
    signal,
  });
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}
