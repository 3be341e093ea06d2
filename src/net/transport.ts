import type { Readable } from 'node:stream';
import type { HttpMethod } from './types.ts';

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
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  /** Its length is in the headers. The next chunk is asked for once the one before is on its way. */
  readonly body?: OutgoingBody | undefined;
  /** Whether the request may be sent a second time where the server may or may not have had it. */
  readonly repeatable: boolean;
  /** Ends the request, and the body while it is read. */
  readonly signal: AbortSignal;
}

export interface OutgoingBody {
  /** Bytes. */
  readonly size: number;
  /** From the beginning, each time. */
  open(): AsyncIterable<Uint8Array>;
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: Readable;
}

/** Lower-case names; of a header that came several times the first value, or all of them where that means a list. */
export type ResponseHeaders = Readonly<Record<string, string | undefined>>;

export function headerValues(headers: Readonly<Record<string, string | string[] | undefined>>): ResponseHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? (lists.has(name) ? value.join(', ') : value[0]) : value,
    ]),
  );
}

/** A registry sends each of its challenges as a header of its own. */
const lists = new Set(['www-authenticate', 'link']);
