import type { Readable } from 'node:stream';

/** One request over one connection: no redirects, no retries, no decoding of the body. */
export interface Transport {
  /** The proxy on the way, fit to be shown. */
  readonly via?: string | undefined;
  /** Rejects with whatever the network says; the caller makes an error of ours of it. */
  send(request: TransportRequest): Promise<TransportResponse>;
  close(): Promise<void>;
}

export interface TransportRequest {
  /** Without user information. */
  readonly url: URL;
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the request, and the body while it is read. */
  readonly signal: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: Readable;
}

/** Lower-case names; of a header that came several times the first value. */
export type ResponseHeaders = Readonly<Record<string, string | undefined>>;

export function firstValues(headers: Readonly<Record<string, string | string[] | undefined>>): ResponseHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}
