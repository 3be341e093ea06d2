import type { Readable } from 'node:stream';
import { HttpError, timeoutError } from './http-error.ts';
import type { Timeouts } from './types.ts';
import { redactUrl } from './url.ts';

export interface BodyGuard {
  readonly url: URL;
  readonly timeouts: Timeouts;
  /** Ends the request; its reason is what the reader is thrown. */
  readonly controller: AbortController;
}

/**
 * A response's chunks. While the reader waits, at least `idleBytes` have to arrive in each window of `idleMs`; the time
 * that the reader itself takes does not count against the server.
 * @throws HttpError NETWORK (too slow) or DOWNLOAD_SHORT (cut), both worth a retry.
 */
export async function* guardedBody(
  body: Readable,
  { url, timeouts, controller }: BodyGuard,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  let inWindow = 0;
  let waiting = true;
  const timer = setInterval(() => {
    if (waiting && inWindow < timeouts.idleBytes) controller.abort(tooSlow(url, timeouts, total));
    inWindow = 0;
  }, timeouts.idleMs);
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      waiting = false;
      total += chunk.length;
      inWindow += chunk.length;
      yield chunk;
      waiting = true;
    }
  } catch (cause) {
    if (controller.signal.aborted) throw controller.signal.reason;
    throw new HttpError({
      code: 'DOWNLOAD_SHORT',
      message: `${redactUrl(url)}: the connection was cut after ${total} bytes`,
      cause,
      retryable: true,
    });
  } finally {
    clearInterval(timer);
  }
}

/** Frees the connection: a short rest is read so that it can be used again, a long or slow one ends it. */
export async function discardBody(body: Readable): Promise<void> {
  if (body.destroyed || body.readableEnded) return;
  const late = setTimeout(() => body.destroy(), worthWaitingMs);
  try {
    let rest = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      rest += chunk.length;
      if (rest > worthReadingBytes) break;
    }
  } catch {
    // Nobody wants these bytes; that they did not come is no failure.
  } finally {
    clearTimeout(late);
    body.destroy();
  }
}

/** About what a new connection costs. */
const worthReadingBytes = 16 * 1024;
const worthWaitingMs = 300;

function tooSlow(url: URL, { idleMs, idleBytes }: Timeouts, total: number): HttpError {
  const seconds = Math.max(1, Math.round(idleMs / 1000));
  return timeoutError(url, `less than ${idleBytes} bytes came in ${seconds} s (after ${total} bytes)`);
}
