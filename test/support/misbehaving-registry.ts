import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Digest } from '../../src/util/digest.ts';
import { readBody, repositoryOf, routeOf, serve } from './registry-protocol.ts';

/**
 * A registry on loopback, in memory, by the OCI distribution specification 1.1, that misbehaves on demand (faults are in
 * registry-faults.ts). It keeps nothing whose digest is wrong, whatever it says.
 *
 *     await using registry = await startMisbehavingRegistry({ referrers: false });
 *     registry.inject(cutUpload(1000), status('HEAD', 500));
 *     `docker://${registry.host}/team/app:1`
 */
export interface MisbehavingRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly origin: string;
  /** The same content on another port: where blobs and uploads may be sent to. */
  readonly elsewhere: string;
  /** Requests to both ports so far, in the order of their arrival. */
  readonly requests: readonly RegistryRequest[];
  repository(name: string): StoredRepository;
  /** Uploads that were begun and neither ended nor cancelled. */
  readonly openUploads: number;
  /** Faults befall requests in the order in which they were injected, each until its times are used up. */
  inject(...faults: readonly Fault[]): void;
  /** Faults that have not befallen as much as they were to; of those for ever, that have befallen nothing. */
  readonly pending: number;
  /** `PATCH uploads`, ...: methods and what they were about, without names and digests. */
  asked(): readonly string[];
  forget(): void;
  close(): Promise<void>;
}

export interface MisbehavingOptions {
  /** Whether it lists referrers. Default true. */
  readonly referrers?: boolean;
  /** What it answers to a mount of a blob that it has. Default 201. */
  readonly mounts?: 201 | 202 | 405;
  /** Bytes of a part at least (`OCI-Chunk-Min-Length`). */
  readonly minPartBytes?: number;
  /** `basic` login that it wants, on its first port. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Tags of a page at most. Default 1000. */
  readonly pageSize?: number;
}

export interface StoredRepository {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, Digest>;
}

export interface StoredManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

export interface RegistryRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Whether it came to the other port. */
  readonly isElsewhere: boolean;
}

/** A request that a fault befalls. */
export interface RegistryExchange extends RegistryRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  /** Answers as a registry should. */
  proceed(): Promise<void>;
  /** Takes the body of a PATCH as a registry should, but `count` bytes of it at most; the connection stays as it is then. */
  takePart(count: number): Promise<void>;
  /** The upload that the request is about. */
  readonly upload: StoredUpload | undefined;
  readonly registry: MisbehavingRegistry;
}

export interface StoredUpload {
  readonly id: string;
  bytes: Uint8Array;
}

export interface Fault {
  readonly on: (request: RegistryRequest) => boolean;
  /** Requests that it befalls. Default 1. */
  readonly times?: number;
  readonly answer: (exchange: RegistryExchange) => void | Promise<void>;
}

export async function startMisbehavingRegistry(options: MisbehavingOptions = {}): Promise<MisbehavingRegistry> {
  const requests: RegistryRequest[] = [];
  const repositories = new Map<string, StoredRepository>();
  const uploads = new Map<string, StoredUpload>();
  const sockets = new Set<Socket>();
  const faults: { readonly fault: Fault; times: number }[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse, isElsewhere: boolean): Promise<void> {
    const { method = '', url: path = '/', headers, socket } = request;
    const seen: RegistryRequest = { method, path, headers, isElsewhere };
    requests.push(seen);
    const route = routeOf(path);
    const store = { repositories, uploads, options };
    const exchange: RegistryExchange = {
      ...seen,
      request,
      response,
      socket,
      registry,
      upload: uploads.get(route.id ?? ''),
      proceed: () => serve(store, { request, response, route, isElsewhere }),
      takePart: async (count) => {
        const upload = uploads.get(route.id ?? '');
        if (upload !== undefined) upload.bytes = Buffer.concat([upload.bytes, await readBody(request, count)]);
      },
    };
    const found = faults.find(({ fault, times }) => times < (fault.times ?? 1) && fault.on(seen));
    if (found === undefined) return exchange.proceed();
    found.times++;
    await found.fault.answer(exchange);
  }

  async function listen(isElsewhere: boolean) {
    const server = createServer((request, response) => {
      answer(request, response, isElsewhere).catch(() => response.destroy());
    });
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { server, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  const [main, other] = [await listen(false), await listen(true)];
  async function close(): Promise<void> {
    const closed = [main, other].map(({ server }) => new Promise((resolve) => server.close(resolve)));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  }
  const registry: MisbehavingRegistry = {
    host: main.host,
    origin: `http://${main.host}`,
    elsewhere: `http://${other.host}`,
    requests,
    repository: (name) => repositoryOf(repositories, name),
    get openUploads() {
      return uploads.size;
    },
    inject(...more) {
      faults.push(...more.map((fault) => ({ fault, times: 0 })));
    },
    get pending() {
      return faults.filter(({ fault: { times = 1 }, times: had }) => had < (Number.isFinite(times) ? times : 1)).length;
    },
    asked: () => requests.map(({ method, path }) => `${method} ${routeOf(path).kind}`),
    forget() {
      requests.length = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return registry;
}
