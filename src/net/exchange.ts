import { isSlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { abortedError, throwIfAborted } from '../util/abort.ts';
import { Semaphore } from '../util/concurrency.ts';
import { type BodyGuard, discardBody, guardedBody } from './body.ts';
import { basicAuthorization, type Credentials, type Login } from './credentials.ts';
import { connectionError, HttpError, statusError, timeoutError } from './http-error.ts';
import { type Patience, pacedBody } from './paced-body.ts';
import { redirectTarget } from './redirect.ts';
import { retryAfterMs } from './retry.ts';
import type { OutgoingBody, ResponseHeaders, TransportResponse } from './transport.ts';
import type { Transports } from './transports.ts';
import type { HttpMethod, RefusalHints, RequestBody, Timeouts } from './types.ts';
import { type Destination, redactUrl } from './url.ts';

export interface ExchangeRequest {
  readonly destination: Destination;
  /** Default GET. */
  readonly method?: HttpMethod | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestBody | undefined;
  /** Statuses that `read` wants to see; all others are errors. */
  readonly accept: readonly number[];
  /** False: to be sent once only, come what may. Default true. */
  readonly repeatable?: boolean | undefined;
  /** Takes its place among the streams of its host: it may last, and its reader may need another request to get on. */
  readonly stream?: boolean | undefined;
  /** Milliseconds, in place of the usual. */
  readonly responseMs?: number | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface HttpResponse {
  /** After redirects. */
  readonly url: URL;
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: AsyncIterable<Uint8Array>;
}

/** One try: redirects are followed, `read` gets the response, and its connection is free again when that returns. */
export type Exchange = <T>(request: ExchangeRequest, read: (response: HttpResponse) => Promise<T>) => Promise<T>;

export interface ExchangeContext {
  readonly transports: Transports;
  readonly credentials: Credentials | undefined;
  readonly timeouts: Timeouts;
  readonly connectionsFor: (hostname: string) => number;
  readonly hints: RefusalHints | undefined;
  readonly now: () => number;
}

export function createExchange(context: ExchangeContext): Exchange {
  const places = new Map<string, Semaphore>();

  /** What is sent may come out of a stream of the same host: counted together they would wait for each other for ever. */
  function placesAt(url: URL, { body, stream }: ExchangeRequest): Semaphore {
    const kind = `${url.origin} ${body !== undefined ? 'bodies' : stream ? 'streams' : ''}`;
    const found = places.get(kind) ?? new Semaphore(context.connectionsFor(url.hostname));
    places.set(kind, found);
    return found;
  }

  return async (request, read) => {
    const { destination, signal } = request;
    let url = destination.url;
    let login = destination.login;
    let headers = request.headers;
    for (let hop = 0; hop <= limits.redirects; hop++) {
      const release = await placesAt(url, request).acquire(signal);
      try {
        const sent = login ?? context.credentials?.find(url, { redirected: hop > 0 });
        const answer = await oneHop(context, { ...request, headers: withLogin(headers, sent) }, { url, read });
        if (answer.type === 'read') return answer.value;
        if (answer.target.origin !== url.origin) {
          // What was given for one host is no other's business; coming back does not bring it back.
          login = undefined;
          headers = withoutSecrets(headers);
        }
        url = answer.target;
      } finally {
        release();
      }
    }
    throw new HttpError({
      code: 'HTTP_REDIRECT_LOOP',
      message: `${redactUrl(destination.url)}: more than ${limits.redirects} redirects, the last to ${redactUrl(url)}`,
    });
  };
}

type Answer<T> = { readonly type: 'read'; readonly value: T } | { readonly type: 'redirect'; readonly target: URL };

async function oneHop<T>(
  context: ExchangeContext,
  request: ExchangeRequest,
  { url, read }: { readonly url: URL; readonly read: (response: HttpResponse) => Promise<T> },
): Promise<Answer<T>> {
  const controller = new AbortController();
  const stop = () => controller.abort(abortedError());
  request.signal?.addEventListener('abort', stop, { once: true });
  const guard: BodyGuard = { url, timeouts: context.timeouts, controller };
  try {
    throwIfAborted(request.signal);
    const response = await respond(context, request, guard);
    try {
      const { status, headers } = response;
      if (!request.accept.includes(status)) {
        const target = redirectTarget(url, response, request.method);
        if (target !== undefined) return { type: 'redirect', target };
        throw statusError(url, status, {
          // Of a host that was redirected to it says nothing about the one that was asked.
          challenge: url.origin === request.destination.url.origin ? headers['www-authenticate'] : undefined,
          hints: context.hints,
          retryAfterMs: retryAfterMs(headers['retry-after'], context.now()),
          credentialProblems: context.credentials?.problems,
        });
      }
      return { type: 'read', value: await read({ url, status, headers, body: guardedBody(response.body, guard) }) };
    } catch (error) {
      throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
      await discardBody(response.body);
    }
  } finally {
    request.signal?.removeEventListener('abort', stop);
  }
}

async function respond(
  context: ExchangeContext,
  request: ExchangeRequest,
  { url, controller }: BodyGuard,
): Promise<TransportResponse> {
  const { method = 'GET', headers, body, repeatable = true } = request;
  const responseMs = request.responseMs ?? context.timeouts.responseMs;
  const clock = startClock(responseMs, (milliseconds) => {
    controller.abort(timeoutError(url, `no answer in ${Math.max(1, Math.round(milliseconds / 1000))} s`));
  });
  let via: string | undefined;
  let sourceFailure: { readonly error: unknown } | undefined;
  const outgoing: OutgoingBody | undefined = body && {
    size: body.size,
    open: () =>
      pacedBody(body, {
        patience: clock,
        idleMs: context.timeouts.idleMs,
        responseMs,
        onSourceError: (error) => {
          sourceFailure = { error };
        },
      }),
  };
  try {
    const transport = await context.transports.to(url);
    via = transport.via;
    return await transport.send({
      url,
      method,
      headers: { ...fixedHeaders, ...lowerCaseNames(headers), ...lengthHeader(method, body) },
      body: outgoing,
      repeatable,
      signal: controller.signal,
    });
  } catch (cause) {
    if (controller.signal.aborted) throw controller.signal.reason;
    if (sourceFailure !== undefined) throw sourceFailure.error;
    throw isSlimimageError(cause) ? cause : connectionError(url, cause, { via, hints: context.hints });
  } finally {
    clock.stop();
  }
}

/** One timer whose owner changes; stopped, it never fires again. */
function startClock(
  milliseconds: number,
  late: (milliseconds: number) => void,
): Patience & { readonly stop: () => void } {
  let stopped = false;
  let timer = setTimeout(late, milliseconds, milliseconds);
  return {
    wait(next) {
      clearTimeout(timer);
      if (!stopped) timer = setTimeout(late, next, next);
    },
    pause: () => clearTimeout(timer),
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Else `Accept` would stand beside our own `accept`, and which of them counts would be up to the server. */
function lowerCaseNames(headers: ExchangeRequest['headers']): ExchangeRequest['headers'] {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function lengthHeader(method: HttpMethod, body: RequestBody | undefined): Readonly<Record<string, string>> {
  const expectsBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  return body === undefined && !expectsBody ? {} : { 'content-length': String(body?.size ?? 0) };
}

const fixedHeaders = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'slimimage' };

function withLogin(headers: ExchangeRequest['headers'], login: Login | undefined): ExchangeRequest['headers'] {
  if (login === undefined || Object.keys(headers).some((name) => name.toLowerCase() === 'authorization'))
    return headers;
  return { ...headers, authorization: basicAuthorization(login) };
}

function withoutSecrets(headers: ExchangeRequest['headers']): ExchangeRequest['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeaders.has(name.toLowerCase())));
}

const secretHeaders = new Set(['authorization', 'cookie', 'x-api-key', 'private-token', 'job-token']);
