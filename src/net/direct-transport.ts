import type { ClientRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { http } from './node-http.ts';
import { firstValues, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

/**
 * Straight to the server, with keep-alive. Node's own `http` and not `fetch`: fetch decodes a Content-Encoding that a
 * server sends although identity was asked for, and the bytes would no longer be those that the digests speak of.
 */
export function createDirectTransport(options: { readonly ca?: readonly string[] | undefined }): Transport {
  // With Node's default of 250 ms for each address a slow link fails on every one of them.
  const common = { keepAlive: true, autoSelectFamilyAttemptTimeout: 2000 };
  const plain = new http.Agent(common);
  const secure = new HttpsAgent(options.ca === undefined ? common : { ...common, ca: [...options.ca] });

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
          return await responseOf(outgoing);
        } catch (error) {
          // The server closed an idle connection just as it was used again: not its refusal, and the next is fresh
          // or as stale, until none is left.
          if (!outgoing.reusedSocket || request.signal.aborted || !isCut(error)) throw error;
        }
      }
    },
    async close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

function responseOf(outgoing: ClientRequest): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      // Errors of the body belong to who reads it; without a listener of its own one would end the process.
      incoming.on('error', () => {});
      resolve({ status: incoming.statusCode ?? 0, headers: firstValues(incoming.headers), body: incoming });
    });
    outgoing.end();
  });
}

function isCut(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ECONNRESET' || code === 'EPIPE';
}
