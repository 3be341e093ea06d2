import type { ClientRequest } from 'node:http';
import { setImmediate } from 'node:timers/promises';

/** How far a body is; shared with who waits for the answer. */
export interface Sending {
  /** The server has answered: nothing more needs to be sent. */
  answered: boolean;
  /** Every byte has been handed to the connection. */
  complete: boolean;
}

/**
 * Writes a body, each chunk once the one before has left, and ends the request. Returns early where the server answers or the
 * connection ends; that failure is told by the request's own `error`.
 * @throws what the body throws
 */
export async function sendBody(
  outgoing: ClientRequest,
  body: AsyncIterable<Uint8Array>,
  sending: Sending,
): Promise<void> {
  for await (const chunk of body) {
    // An answer that has arrived is to be read before a write finds the connection closed behind it, which loses what was not read. The
    // first ends the turn of the loop in which the chunk came, the second comes after all has been read that is there.
    await setImmediate();
    await setImmediate();
    if (sending.answered || outgoing.destroyed) return;
    if (!outgoing.write(chunk)) await drained(outgoing);
    if (sending.answered || outgoing.destroyed) return;
  }
  sending.complete = true;
  outgoing.end();
}

function drained(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done).off('close', done).off('response', done);
      resolve();
    };
    outgoing.on('drain', done).on('close', done).on('response', done);
  });
}
