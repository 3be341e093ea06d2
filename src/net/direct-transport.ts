import type { ClientRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { http } from './node-http.ts';
import { type Sending, sendBody } from './send-body.ts';
import { headerValues, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';
import { type ServerTrust, tlsOptions } from './trust.ts';

/**
 * Straight to the server, with keep-alive. Node's own `http` and not `fetch`: fetch decodes a Content-Encoding that a
 * server sends although identity was asked for, and the bytes would no longer be those that the digests speak of.
 */
export function createDirectTransport(trust: ServerTrust): Transport {
  // With Node's default of 250 ms for each address a slow link fails on every one of them.
  const common = { keepAlive: true, autoSelectFamilyAttemptTimeout: 2000 };
  const plain = new http.Agent(common);
  const secure = new HttpsAgent({ ...common, ...tlsOptions(trust) });

  function open({ url, method, headers, signal }: TransportRequest): ClientRequest {
    return url.protocol === 'https:'
      ? httpsRequest(url, { method, headers, signal, agent: secure })
      : http.request(url, { method, headers, signal, agent: plain });
  }

  return {
    async send(request) {
      for (;;) {
        const outgoing = open(request);
        try {
          return await responseOf(outgoing, request);
        } catch (error) {
          // The server closed an idle connection just as it was used again: not its refusal, and the next is fresh
          // or as stale, until none is left.
          const isStale = outgoing.reusedSocket && isCut(error) && request.repeatable;
          if (!isStale || request.signal.aborted) throw error;
        }
      }
    },
    async close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** The answer, which may come before the body is sent: then the rest of the body is of no use to anybody. */
function responseOf(outgoing: ClientRequest, { body }: TransportRequest): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    const sending: Sending = { answered: false, complete: body === undefined };
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      sending.answered = true;
      // Errors of the body belong to who reads it; without a listener of its own one would end the process.
      incoming.on('error', () => {});
      // A connection with half a request on it is of no further use.
      incoming.on('close', () => sending.complete || outgoing.destroy());
      resolve({ status: incoming.statusCode ?? 0, headers: headerValues(incoming.headers), body: incoming });
    });
    if (body === undefined) outgoing.end();
    else sendBody(outgoing, body.open(), sending).catch((error) => outgoing.destroy(error));
  });
}

function isCut(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ECONNRESET' || code === 'EPIPE';
}
