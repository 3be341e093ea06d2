import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TestCertificate } from './certificate.ts';
import { type Behaviour, content, status } from './http-behaviours.ts';

/**
 * A real HTTP server on loopback that does exactly what a test tells it to, and remembers what it was asked.
 *
 *     await using server = await startHttpServer();
 *     server.on('/file', cutAfter(bytes, 1000), content(bytes));   // first request, every further one
 *     server.serve({ '/debian/dists/sid/InRelease': text });       // plain files with ETag and ranges
 *     await client.getBytes(server.url('/file'), { maxSize: 1e6 });
 *     server.requestsTo('/file').map((request) => request.headers.range);
 *
 * Behaviours live in http-behaviours.ts; a behaviour is any function of an `Asked`, so a test may write its own.
 * Paths that nobody spoke for answer 404.
 */
export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, or https where a certificate was given. */
  readonly origin: string;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** All requests so far, in the order of their arrival. */
  readonly requests: readonly RecordedRequest[];
  /** TCP connections accepted so far, and the most that had a request under way at once. */
  readonly connections: { readonly accepted: number; readonly busiest: number };
  url(path: string): string;
  /** The n-th request to a path gets the n-th behaviour, all further ones the last. Replaces what the path had. */
  on(path: string, ...script: readonly Behaviour[]): void;
  /** For every path without a script of its own; undefined: 404. */
  otherwise(behaviour: Behaviour | undefined): void;
  /** Many files at once. */
  serve(files: Readonly<Record<string, Uint8Array | string>>): void;
  requestsTo(path: string): readonly RecordedRequest[];
  /** Forgets the requests recorded so far; scripts go on where they are. */
  forget(): void;
  /** Ends every connection, at once. */
  close(): Promise<void>;
}

export interface RecordedRequest {
  readonly method: string;
  /** With the query, as sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export async function startHttpServer(
  options: {
    readonly certificate?: TestCertificate;
    /** PEM: it wants a client certificate for which this one vouches. */
    readonly clientCa?: string;
    readonly host?: string;
  } = {},
): Promise<TestServer> {
  const scripts = new Map<string, readonly Behaviour[]>();
  const asked = new Map<string, number>();
  const requests: RecordedRequest[] = [];
  const sockets = new Set<Socket>();
  const connections = { accepted: 0, busiest: 0 };
  let fallback: Behaviour | undefined;
  let busy = 0;

  const listener: RequestListener = (request, response) => {
    const path = request.url ?? '/';
    requests.push({
      method: request.method ?? '',
      path,
      headers: request.headers as Record<string, string | undefined>,
    });
    connections.busiest = Math.max(connections.busiest, ++busy);
    response.on('close', () => busy--);
    const script = scripts.get(path) ?? (fallback === undefined ? [status(404)] : [fallback]);
    const nth = asked.get(path) ?? 0;
    asked.set(path, nth + 1);
    const behaviour = script[Math.min(nth, script.length - 1)] ?? status(404);
    Promise.resolve(behaviour({ request, response, socket: request.socket, nth })).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  };

  const server =
    options.certificate === undefined
      ? createServer(listener)
      : createSecureServer(
          {
            key: options.certificate.key,
            cert: options.certificate.certificate,
            ...(options.clientCa === undefined ? {} : { requestCert: true, ca: options.clientCa }),
          },
          listener,
        );
  server.on('connection', (socket: Socket) => {
    connections.accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const address = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const host = `${address}:${(server.address() as AddressInfo).port}`;
  const origin = `${options.certificate === undefined ? 'http' : 'https'}://${host}`;

  async function close(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  return {
    origin,
    host,
    requests,
    connections,
    url: (path) => `${origin}${path}`,
    on(path, ...script) {
      scripts.set(path, script);
      asked.delete(path);
    },
    otherwise(behaviour) {
      fallback = behaviour;
    },
    serve(files) {
      for (const [path, bytes] of Object.entries(files)) scripts.set(path, [content(bytes)]);
    },
    requestsTo: (path) => requests.filter((request) => request.path === path),
    forget() {
      requests.length = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
