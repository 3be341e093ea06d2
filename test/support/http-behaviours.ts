import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/* What a server may do to a client: the first few are good manners, the rest is what tests are for. */

/** A request to answer. */
export interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  /** 0 for the first request to this path. */
  readonly nth: number;
}

export type Behaviour = (asked: Asked) => void | Promise<void>;

export interface ContentOptions {
  /** Strong ETag; default a hash of the content, null for none. */
  readonly etag?: string | null;
  /** As an HTTP date. */
  readonly lastModified?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Bytes = Uint8Array | string;

/** A file, with ETag, conditional requests and ranges done right. */
export function content(bytes: Bytes, options: ContentOptions = {}): Behaviour {
  const body = Buffer.from(bytes);
  const validators = validatorHeaders(body, options);
  return ({ request, response }) => {
    const headers: Record<string, string> = { ...validators, 'accept-ranges': 'bytes', ...options.headers };
    const ifNoneMatch = request.headers['if-none-match'];
    if (ifNoneMatch !== undefined ? ifNoneMatch === headers['etag'] : isCurrent(request.headers, options)) {
      response.writeHead(304, headers).end();
      return;
    }
    const first = wantedStart(request.headers, headers);
    if (first === undefined) response.writeHead(200, { ...headers, 'content-length': body.length }).end(body);
    else if (first >= body.length) response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    else {
      const rest = body.subarray(first);
      const range = `bytes ${first}-${body.length - 1}/${body.length}`;
      response.writeHead(206, { ...headers, 'content-range': range, 'content-length': rest.length }).end(rest);
    }
  };
}

/** Sends at most `count` bytes of what was asked for (ranges included), then cuts the connection. */
export function cutAfter(bytes: Bytes, count: number, options: ContentOptions = {}): Behaviour {
  const body = Buffer.from(bytes);
  const headers = { ...validatorHeaders(body, options), ...options.headers };
  return async ({ request, response, socket }) => {
    const first = wantedStart(request.headers, headers) ?? 0;
    const length = body.length - first;
    const range = { 'content-range': `bytes ${first}-${body.length - 1}/${body.length}` };
    response.writeHead(first > 0 ? 206 : 200, { ...headers, ...(first > 0 ? range : {}), 'content-length': length });
    response.write(body.subarray(first, first + count), () => setTimeout(() => socket.destroy(), 5));
  };
}

/** Always 200 and the whole content, also to a range request. */
export function ignoresRanges(bytes: Bytes, options: ContentOptions = {}): Behaviour {
  const body = Buffer.from(bytes);
  const headers = { ...validatorHeaders(body, options), ...options.headers };
  return ({ response }) => {
    response.writeHead(200, { ...headers, 'content-length': body.length }).end(body);
  };
}

/** Answers a range request with a 206 that says `contentRange` and carries `bytes`; others get `bytes` plainly. */
export function liesAboutRanges(bytes: Bytes, contentRange: string, options: ContentOptions = {}): Behaviour {
  const body = Buffer.from(bytes);
  const headers = validatorHeaders(body, options);
  return ({ request, response }) => {
    const partial = request.headers.range !== undefined;
    response.writeHead(partial ? 206 : 200, { ...headers, ...(partial ? { 'content-range': contentRange } : {}) });
    response.end(body);
  };
}

/** Ends the connection properly, but after other than the announced number of bytes (fewer: a cut). */
export function announces(length: number, bytes: Bytes): Behaviour {
  return ({ response, socket }) => {
    response.writeHead(200, { 'content-length': length });
    response.write(bytes, () => setTimeout(() => socket.destroy(), 5));
  };
}

/** A body whose length nobody announced: it ends where the connection does. */
export function unannounced(bytes: Bytes): Behaviour {
  return ({ socket }) => {
    socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'), Buffer.from(bytes)]));
  };
}

/** Never stops sending. */
export function endless(): Behaviour {
  return ({ response }) => {
    const block = Buffer.alloc(64 * 1024, 'x');
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write(block));
    };
    response.on('drain', more);
    more();
  };
}

/** One byte every `everyMs`, for ever. */
export function drip(everyMs: number): Behaviour {
  return ({ response }) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), everyMs);
    response.on('close', () => clearInterval(timer));
  };
}

/** Accepts the request and says nothing. */
export function silent(): Behaviour {
  return () => {};
}

/** Sends the header and `bytes`, then nothing more, though more was announced. */
export function stalls(bytes: Bytes): Behaviour {
  return ({ response }) => {
    response.writeHead(200, { 'content-length': Buffer.byteLength(bytes) + 1000 });
    response.write(bytes);
  };
}

/** Cuts the connection instead of answering. */
export function reset(): Behaviour {
  return ({ socket }) => {
    socket.resetAndDestroy();
  };
}

/** Answers something that is no HTTP. */
export function garbage(bytes: Bytes): Behaviour {
  return ({ socket }) => {
    socket.end(bytes);
  };
}

export function status(code: number, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return ({ response }) => {
    response.writeHead(code, headers).end(`${code}\n`);
  };
}

export function redirectTo(location: string, code = 302): Behaviour {
  return status(code, { location });
}

/** 401 to everybody but `user` with `password`, who gets `inner`. */
export function requireLogin(user: string, password: string, inner: Behaviour): Behaviour {
  const expected = basic(user, password);
  return (asked) => {
    if (asked.request.headers.authorization === expected) return inner(asked);
    asked.response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
  };
}

/** Waits before `inner`; for tests of parallel work. */
export function after(milliseconds: number, inner: Behaviour): Behaviour {
  return async (asked) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    await inner(asked);
  };
}

/** The value of an Authorization header. */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function validatorHeaders(body: Buffer, { etag, lastModified }: ContentOptions): Record<string, string> {
  const tag = etag === undefined ? `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"` : etag;
  return {
    ...(tag === null ? {} : { etag: tag }),
    ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
  };
}

type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

function isCurrent(headers: RequestHeaders, { lastModified }: ContentOptions): boolean {
  return lastModified !== undefined && headers['if-modified-since'] === lastModified;
}

/** The first byte asked for; undefined where the whole is due. */
function wantedStart(headers: RequestHeaders, ours: Readonly<Record<string, string>>): number | undefined {
  const range = /^bytes=([0-9]+)-$/.exec(String(headers['range'] ?? ''));
  if (range === null) return undefined;
  const condition = headers['if-range'];
  if (condition !== undefined && condition !== ours['etag'] && condition !== ours['last-modified']) return undefined;
  return Number(range[1]);
}
