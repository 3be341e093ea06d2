import type { SlimimageError } from '../errors.ts';
import { HttpError } from '../net/http-error.ts';
import type { HttpAnswer } from '../net/types.ts';
import type { StoredBlob } from '../store/types.ts';
import { blobSize } from './blobs.ts';
import type { RepositoryContext } from './context.ts';
import { errorCodes, invalidAnswer, refusal } from './refusal.ts';
import {
  askSession,
  beginSession,
  cancelSession,
  closeSession,
  follow,
  patchPart,
  takenBytes,
  type UploadSession,
} from './upload-session.ts';
import type { UploadPart, UploadSource } from './upload-source.ts';

export interface UploadOptions {
  /** One that was begun already, by a mount that did not come to pass. */
  readonly session?: UploadSession | undefined;
  /** Bytes sent so far (absolute; it falls when they are sent again). */
  readonly onProgress?: ((done: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

export type Outcome =
  | { readonly type: 'stored'; readonly stored: StoredBlob }
  /** It may go right on the next try. */
  | { readonly type: 'setback'; readonly error: SlimimageError; readonly waitMs?: number | undefined };

/** Blobs of at most this many bytes are sent with the request that ends the upload. */
const smallBytes = 1024 * 1024;
/** Parts, where a registry or a proxy before it takes no larger request. */
const partBytes = 8 * 1024 * 1024;

/**
 * How a blob is sent: `stream`, all that is left in one PATCH; `parts`, in PATCHes of `partBytes`, where requests are limited; `whole`,
 * in the closing PUT: small blobs, and where no PATCH is taken.
 */
type Manner = 'stream' | 'parts' | 'whole';

/** One upload over all its tries: each goes on from what the registry says that it has. */
export class Upload {
  /** Bytes that the registry has, as far as it said so. */
  offset = 0;
  readonly #context: RepositoryContext;
  readonly #source: UploadSource;
  readonly #options: UploadOptions;
  #session: UploadSession | undefined;
  #manner: Manner;
  /** Bytes that it can have at most: those that were taken from the source. */
  #sent = 0;
  #isFirst = true;
  /** The last request went out and its answer did not come: the blob may be there. */
  #mayBeThere = false;
  #refusedParts = 0;
  #refusedEnds = 0;

  constructor(context: RepositoryContext, source: UploadSource, options: UploadOptions) {
    this.#context = context;
    this.#source = source;
    this.#options = options;
    this.#session = options.session;
    this.#manner = isWhole(source) && source.size <= smallBytes ? 'whole' : 'stream';
  }

  async attempt(): Promise<Outcome> {
    try {
      const found = this.#isFirst ? undefined : await this.#findOut();
      this.#isFirst = false;
      return found ?? (await this.#send());
    } catch (error) {
      if (!(error instanceof HttpError) || !error.retryable) throw error;
      return { type: 'setback', error, waitMs: error.retryAfterMs };
    }
  }

  /** Gives up what has not been ended. */
  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.offset = 0;
    this.#sent = 0;
    if (session !== undefined) await cancelSession(this.#context, session);
  }

  /** Where things stand after a setback. */
  async #findOut(): Promise<Outcome | undefined> {
    const { digest, size } = this.#source;
    if (this.#mayBeThere && digest !== undefined) {
      const found = await blobSize(this.#context, digest, { retry: false });
      if (found === size || found === 'unknown') {
        await this.close();
        return { type: 'stored', stored: this.#source.finish() };
      }
    }
    this.#mayBeThere = false;
    if (this.#session === undefined) return undefined;
    // A closing PUT carries all of the blob: what is there already would be in its way.
    const state = this.#manner === 'whole' ? undefined : await this.#ask(this.#session);
    if (state === undefined || state.offset > this.#sent) {
      await this.close();
      return undefined;
    }
    this.#session = state.session;
    this.offset = state.offset;
    return undefined;
  }

  #ask(session: UploadSession) {
    return askSession(this.#context, session, { signal: this.#options.signal });
  }

  async #send(): Promise<Outcome> {
    this.#session ??= await beginSession(this.#context, { signal: this.#options.signal });
    while (this.#manner !== 'whole') {
      const { minPartBytes } = this.#session;
      const atMost = this.#manner === 'parts' ? Math.max(partBytes, minPartBytes) : Number.POSITIVE_INFINITY;
      const part = await this.#source.part(this.offset, { atLeast: minPartBytes, atMost });
      if (part === undefined) break;
      const setback = await this.#patch(this.#session, part);
      if (setback !== undefined) return setback;
    }
    return this.#finish(this.#session);
  }

  async #patch(session: UploadSession, part: UploadPart): Promise<Outcome | undefined> {
    const { offset } = this;
    const end = offset + part.size;
    const ranged = offset > 0 || end !== this.#source.size;
    const counted = { size: part.size, open: () => this.#counted(part, offset) };
    const request = { part: counted, offset, ranged, ...this.#request(offset) };
    const answer = await patchPart(this.#context, session, request);
    if (answer.status > 204) return this.#refusedPart(answer, part);
    this.#session = follow(this.#context, session, answer);
    const taken = takenBytes(answer) ?? end;
    // A single byte is told as none is.
    if (taken === end || end === 1) {
      this.offset = end;
      return undefined;
    }
    const what = `the registry took ${taken} bytes of ${this.#what}, where ${end} were sent`;
    return { type: 'setback', error: invalidAnswer(this.#context, what) };
  }

  async #finish(session: UploadSession): Promise<Outcome> {
    const whole = this.#manner === 'whole' ? await this.#source.part(0, everything) : undefined;
    const digest = (whole === undefined ? undefined : this.#source.digest) ?? this.#source.finish().digest;
    this.#mayBeThere = true;
    const answer = await closeSession(this.#context, session, { digest, part: whole, ...this.#request(this.offset) });
    if (answer.status > 204) return this.#refusedEnd(answer);
    this.#session = undefined;
    const stored = this.#source.finish();
    const kept = answer.headers['docker-content-digest'];
    if (kept?.startsWith('sha256:') !== true || kept === stored.digest) return { type: 'stored', stored };
    return {
      type: 'setback',
      error: invalidAnswer(this.#context, `the registry calls ${this.#what} by another digest`),
    };
  }

  async #refusedPart(answer: HttpAnswer, part: UploadPart): Promise<Outcome> {
    const error = refusal(this.#context, answer, `send ${this.#what}`);
    if (isFinal(answer)) throw error;
    if (answer.status === 413) {
      if (this.#manner === 'parts' || part.size <= partBytes) throw error;
      this.#manner = 'parts';
    } else if (++this.#refusedParts > 1 && isWhole(this.#source)) {
      // Twice, and the second time where the registry wanted it: it does not like parts at all.
      this.#manner = 'whole';
    }
    // Only of a wrong place the registry's own count is worth asking for.
    if (answer.status !== 416) await this.close();
    return { type: 'setback', error };
  }

  async #refusedEnd(answer: HttpAnswer): Promise<Outcome> {
    const error = refusal(this.#context, answer, `send ${this.#what}`);
    // Each further try sends all of the blob.
    if (isFinal(answer) || ++this.#refusedEnds > 1) throw error;
    if (answer.status === 413 && this.#refusedParts === 0) this.#manner = 'parts';
    else if (!mayPass(answer)) throw error;
    await this.close();
    return { type: 'setback', error };
  }

  async *#counted(part: UploadPart, offset: number): AsyncGenerator<Uint8Array, void, undefined> {
    let end = offset;
    for await (const chunk of part.open()) {
      end += chunk.length;
      this.#sent = Math.max(this.#sent, end);
      yield chunk;
    }
  }

  #request(offset: number) {
    const { onProgress, signal } = this.#options;
    return { signal, onProgress: onProgress && ((sent: number) => onProgress(offset + sent)) };
  }

  get #what(): string {
    return this.#source.digest ?? 'a blob';
  }
}

const everything = { atLeast: 0, atMost: Number.POSITIVE_INFINITY };

/** Whether all of it can be sent at once, as often as it takes. */
function isWhole(source: UploadSource): source is UploadSource & { readonly size: number } {
  return source.isRepeatable && source.size !== undefined && source.digest !== undefined;
}

/** Whether another try would be refused as well: nobody may, nothing is wanted, there is no room. */
function isFinal(answer: HttpAnswer): boolean {
  return finalStatuses.has(answer.status) || errorCodes(answer).some((code) => finalCodes.has(code));
}

/** Whether something may have gone wrong on the way, or between the registry's own servers. */
function mayPass(answer: HttpAnswer): boolean {
  return passingStatuses.has(answer.status) || errorCodes(answer).some((code) => passingCodes.has(code));
}

const finalStatuses = new Set([403, 406, 412, 507]);
const finalCodes = new Set(['DENIED', 'UNAUTHORIZED', 'NAME_INVALID', 'NAME_UNKNOWN']);
const passingStatuses = new Set([404, 410, 416]);
const passingCodes = new Set([
  'BLOB_UPLOAD_INVALID',
  'BLOB_UPLOAD_UNKNOWN',
  'DIGEST_INVALID',
  'RANGE_INVALID',
  'SIZE_INVALID',
]);
