import { SlimimageError } from '../errors.ts';
import type { RequestBody } from './types.ts';

/** Who guards the time of a request. */
export interface Patience {
  /** The network has its turn: it is waited for, this long at most. Milliseconds. */
  wait(milliseconds: number): void;
  /** Our own work has its turn. */
  pause(): void;
}

export interface PacedBodyOptions {
  readonly patience: Patience;
  /** Milliseconds for each piece of at most 64 KiB, and for the answer after the last one. */
  readonly idleMs: number;
  readonly responseMs: number;
  /** Told of what the body's own source throws: a failure of this side, not of the network. */
  readonly onSourceError: (error: unknown) => void;
}

/**
 * A body in small pieces (views, no copies), so that a slow line is told from a dead one: the clock runs while a piece is on its way
 * and stands still while the source makes the next.
 * @throws SlimimageError IO where the source gives other than `size` bytes; what the source throws.
 */
export async function* pacedBody(body: RequestBody, options: PacedBodyOptions): AsyncGenerator<Uint8Array> {
  const { patience, idleMs, responseMs, onSourceError } = options;
  let sent = 0;
  body.onProgress?.(0);
  const source = body.open()[Symbol.asyncIterator]();
  try {
    for (;;) {
      patience.pause();
      const next = await nextOf(source, onSourceError);
      if (next === undefined) break;
      if (sent + next.length > body.size) throw unlike(`has more than ${body.size} bytes`, onSourceError);
      for (let at = 0; at < next.length; at += pieceBytes) {
        const piece = next.subarray(at, at + pieceBytes);
        patience.wait(idleMs);
        yield piece;
        sent += piece.length;
        body.onProgress?.(sent);
      }
    }
    if (sent < body.size) throw unlike(`has ${sent} of ${body.size} bytes`, onSourceError);
    patience.wait(responseMs);
  } finally {
    await source.return?.();
  }
}

async function nextOf(
  source: AsyncIterator<Uint8Array>,
  onSourceError: (error: unknown) => void,
): Promise<Uint8Array | undefined> {
  try {
    const { done, value } = await source.next();
    return done ? undefined : value;
  } catch (error) {
    onSourceError(error);
    throw error;
  }
}

function unlike(what: string, onSourceError: (error: unknown) => void): SlimimageError {
  const error = new SlimimageError({
    code: 'IO',
    message: `what is to be sent ${what}: it changed while it was read`,
  });
  onSourceError(error);
  return error;
}

const pieceBytes = 64 * 1024;
