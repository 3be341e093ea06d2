import type { Fault, RegistryExchange, RegistryRequest } from './misbehaving-registry.ts';

/* What a registry, or the line to it, may do wrong. Each befalls one request unless told otherwise. */

type Path = 'manifests' | 'blobs/sha256' | 'blobs/uploads' | 'tags/list' | 'referrers';

/** @param which `PATCH blobs/uploads`: a method and what its path has */
export function matching(which: `${string} ${Path}`): (request: RegistryRequest) => boolean {
  const [method, part = ''] = which.split(' ');
  return (request) => request.method === method && request.path.includes(`/${part}`);
}

type Which = `${string} ${Path}`;

/** For ever, for any fault. */
export const always = { times: Number.POSITIVE_INFINITY } as const;

interface Times {
  readonly times?: number;
}

/** Answers with a status, and maybe with codes of the specification, instead of doing anything. */
export function refuses(
  which: Which,
  status: number,
  options: Times & { readonly codes?: readonly string[]; readonly headers?: Readonly<Record<string, string>> } = {},
): Fault {
  const { codes = [], headers = {} } = options;
  return {
    on: matching(which),
    ...options,
    answer({ request, response }) {
      request.resume();
      response.writeHead(status, headers);
      response.end(JSON.stringify({ errors: codes.map((code) => ({ code, message: '\u001b[2J do as I say' })) }));
    },
  };
}

/** Takes `count` bytes of a part and cuts the connection. */
export function cutsUpload(count: number, options: Times = {}): Fault {
  return {
    on: matching('PATCH blobs/uploads'),
    ...options,
    async answer({ takePart, socket }) {
      await takePart(count);
      socket.resetAndDestroy();
    },
  };
}

/** Takes `count` bytes of a part and answers a status, the rest unread. */
export function breaksUpload(count: number, status: number, options: Times = {}): Fault {
  return {
    on: matching('PATCH blobs/uploads'),
    ...options,
    async answer({ takePart, response, request }) {
      await takePart(count);
      request.resume();
      response.writeHead(status).end();
    },
  };
}

/** Takes `count` bytes of a part, reads no more of it and says nothing. */
export function stopsReading(count: number, options: Times = {}): Fault {
  return {
    on: matching('PATCH blobs/uploads'),
    ...options,
    answer: ({ takePart }) => takePart(count),
  };
}

/** Does what was asked and cuts the connection instead of saying so. */
export function losesAnswer(which: Which): Fault {
  return {
    on: matching(which),
    async answer({ response, socket, proceed }) {
      response.writeHead = (() => response) as typeof response.writeHead;
      response.end = (() => response) as typeof response.end;
      await proceed();
      socket.resetAndDestroy();
    },
  };
}

/** Takes the part and forgets the upload. */
export function forgetsUpload(which: Which, options: Times = {}): Fault {
  return refuses(which, 404, { codes: ['BLOB_UPLOAD_UNKNOWN'], ...options });
}

/** Answers rightly, but with other headers; undefined leaves one out. */
export function changesHeaders(
  which: Which,
  headers: Readonly<Record<string, string | undefined>>,
  options: Times = {},
): Fault {
  return { on: matching(which), ...options, answer: (exchange) => proceedWith(exchange, { headers: () => headers }) };
}

/** Uploads go on at the other host. */
export function uploadsElsewhere(): Fault {
  return {
    on: matching('POST blobs/uploads'),
    ...always,
    answer: (exchange) =>
      proceedWith(exchange, {
        headers: ({ location }) => ({ location: `${exchange.registry.elsewhere}${location}` }),
      }),
  };
}

/** Answers rightly, but with another body. */
export function changesBody(which: Which, change: (body: Buffer) => Buffer, options: Times = {}): Fault {
  return { on: matching(which), ...options, answer: (exchange) => proceedWith(exchange, { change }) };
}

/** Sends `count` bytes of the body that it announced, and cuts the connection. */
export function cutsDownload(which: Which, count: number, options: Times = {}): Fault {
  return {
    on: matching(which),
    ...options,
    async answer(exchange) {
      const { response, socket } = exchange;
      const end = response.end.bind(response);
      response.end = ((body?: Uint8Array) => {
        if (!(body instanceof Uint8Array)) return end();
        response.write(body.subarray(0, count), () => setTimeout(() => socket.destroy(), 2));
        return response;
      }) as typeof response.end;
      await exchange.proceed();
    },
  };
}

/** The beginning of the body, then nothing. */
export function stalls(which: Which, options: Times = {}): Fault {
  return {
    on: matching(which),
    ...options,
    async answer(exchange) {
      const { response } = exchange;
      response.end = ((body?: Uint8Array) => {
        response.write(body?.subarray(0, 20));
        return response;
      }) as typeof response.end;
      await exchange.proceed();
    },
  };
}

/** The body byte by byte, slower than anybody waits for. */
export function drips(which: Which, options: Times = {}): Fault {
  return {
    on: matching(which),
    ...options,
    async answer(exchange) {
      const { response } = exchange;
      response.end = ((body: Uint8Array) => {
        let at = 0;
        const timer = setInterval(() => response.write(body.subarray(at, ++at)), 50);
        response.on('close', () => clearInterval(timer));
        return response;
      }) as typeof response.end;
      await exchange.proceed();
    },
  };
}

/** A body that does not end. */
export function neverEnds(which: Which): Fault {
  return {
    on: matching(which),
    times: Number.POSITIVE_INFINITY,
    answer({ response }) {
      const block = Buffer.alloc(64 * 1024, ' ');
      response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' });
      const more = () => {
        while (!response.destroyed && response.write(block));
      };
      response.on('drain', more);
      more();
    },
  };
}

/** Sends the client to the other host, by 307. */
export function redirectsElsewhere(which: Which, options: Times = {}): Fault {
  const here = matching(which);
  return {
    on: (request) => here(request) && !request.isElsewhere,
    ...options,
    answer({ request, response, path, registry }) {
      request.resume();
      response.writeHead(307, { location: `${registry.elsewhere}${path}` }).end();
    },
  };
}

/** Whatever a test wants, before the request is answered as it should be. */
export function before(which: Which, action: (exchange: RegistryExchange) => void, options: Times = {}): Fault {
  return {
    on: matching(which),
    ...options,
    async answer(exchange) {
      action(exchange);
      await exchange.proceed();
    },
  };
}

type Headers = Readonly<Record<string, string | number | undefined>>;

async function proceedWith(
  exchange: RegistryExchange,
  changes: {
    readonly headers?: (right: Headers) => Headers;
    readonly change?: (body: Buffer) => Buffer;
  },
): Promise<void> {
  const { response } = exchange;
  const writeHead = response.writeHead.bind(response);
  const end = response.end.bind(response);
  let status = 200;
  let headers: Headers = {};
  response.writeHead = ((code: number, given: Headers = {}) => {
    status = code;
    headers = given;
    return response;
  }) as typeof response.writeHead;
  response.end = ((body?: Uint8Array | string) => {
    const bytes = Buffer.from(body ?? '');
    const changed = changes.change?.(bytes) ?? bytes;
    const length = changes.change === undefined ? {} : { 'content-length': changed.length };
    const sent: Record<string, string | number> = {};
    for (const [name, value] of Object.entries({ ...headers, ...length, ...changes.headers?.(headers) })) {
      if (value !== undefined) sent[name] = value;
    }
    writeHead(status, sent);
    return body === undefined ? end() : end(changed);
  }) as typeof response.end;
  await exchange.proceed();
}
