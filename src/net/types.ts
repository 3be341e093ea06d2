import type { Digest } from '../util/digest.ts';
import type { Credentials } from './credentials.ts';
import type { Secret } from './secret.ts';

/**
 * Fetches over HTTP and HTTPS for package archives and registries. Every read has a byte limit, every wait an
 * end, every failure a code; credentials go to the host that they were given for and nowhere else.
 *
 * All methods throw SlimimageError:
 * - NETWORK: no connection, a broken answer, a time-out (after retries);
 * - HTTP_STATUS, HTTP_AUTH: what the server answered (an `HttpError` with `status`);
 * - HTTP_REDIRECT_LOOP, HTTP_REDIRECT_UNSAFE: too many redirects; one from https to http or to another scheme;
 * - DOWNLOAD_TOO_LARGE, DOWNLOAD_SHORT, DIGEST_MISMATCH: the body is not what was promised;
 * - CONFIG_INVALID: the URL, the proxy or the CA file that the user gave is unusable;
 * - IO: the local file could not be written;
 * - ABORTED: the signal fired (within a second).
 */
export interface HttpClient {
  /** A small document, in memory. */
  getBytes(url: string, options: GetOptions): Promise<HttpDocument>;
  /** As `getBytes`; undefined where the server says that what the validators stand for is still current. */
  getBytesIfChanged(
    url: string,
    options: GetOptions & { readonly validators: Validators },
  ): Promise<HttpDocument | undefined>;
  /** A file on disk, resumable. The folder of `partial` has to exist; one download a partial path at a time. */
  download(url: string, options: DownloadOptions): Promise<DownloadedFile>;
  /** Ends idle connections. The client is not usable afterwards. */
  close(): Promise<void>;
}

/** Requests of other kinds than a package archive needs. Throws as `HttpClient`. */
export interface HttpRequester {
  /**
   * One exchange of any method, the answer's small body in memory. What may be tried again (no answer, 429, 5xx) is, as in every other
   * method; a body is opened anew for each try. A redirect is followed with the body (307, 308), refused where it would lose it (301,
   * 302, 303), and an answer where `accept` names it.
   */
  request(url: string, options: RequestOptions): Promise<HttpAnswer>;
  /**
   * A body as a stream: continued by a range where the line breaks. Ends with the last byte of `expectedSize`, where it is given.
   * Its digest is the reader's to check, and two versions of one document may have been joined without a validator where `expectedSize`
   * says that its content is known.
   */
  stream(url: string, options: StreamOptions): AsyncIterable<Uint8Array>;
}

export interface HttpClientOptions {
  /** Proxy variables (http_proxy, https_proxy, all_proxy, no_proxy in either case) and SSL_CERT_FILE. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Ask the machine itself without a proxy, as Go's programs do; curl and apt do so where `no_proxy` names it. Default false. */
  readonly loopbackDirect?: boolean | undefined;
  /** From `loadCredentials`; without it only the user information of URLs is used. */
  readonly credentials?: Credentials | undefined;
  /** PEM file of CA certificates that are trusted beside the usual ones. */
  readonly caFile?: string | undefined;
  /** Trust the operating system's CA certificates too. */
  readonly systemCa?: boolean | undefined;
  /** What else vouches for one server, or that nothing has to; asked once for each origin. */
  readonly hostTrust?: ((origin: URL) => Promise<HostTrust | undefined>) | undefined;
  /** Requests under way at once for each host, those with bodies and streams counted apart. Default 6. */
  readonly connectionsPerHost?: number | undefined;
  /** Exceptions to it, by host name. */
  readonly hostConnections?: Readonly<Record<string, number>> | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** What to say next of a refusal. Default what helps with package archives. */
  readonly hints?: RefusalHints | undefined;
  /** Told before each wait; for warnings. */
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
  /** Milliseconds since 1970, for a Retry-After that is a date. */
  readonly now?: (() => number) | undefined;
  readonly sleep?: Sleep | undefined;
}

/** What a user can do where a server says no: it depends on what the client is for. */
export interface RefusalHints {
  /** The server wants a login, or another one. */
  login(url: URL): string;
  /** The server wants a certificate of who asks. */
  clientCertificate?(url: URL): string;
  /** Nobody vouches for its certificate. */
  certificate(url: URL): string;
  /** It does not speak TLS, and was asked to. */
  plainHttp(url: URL): string;
  /** It answers with that status. */
  status(status: number, url: URL): string | undefined;
}

/** What says who one is on the level of TLS. */
export interface ClientCertificate {
  /** PEM, with what vouches for it. */
  readonly certificate: string;
  /** PEM. */
  readonly key: Secret;
}

export interface HostTrust {
  /** Shown to this server alone, should it ask. */
  readonly clientCertificates?: readonly ClientCertificate[] | undefined;
  /** PEM certificates of CAs, trusted for this server beside the usual ones. */
  readonly ca?: readonly string[] | undefined;
  /** False: any certificate will do. Default true. */
  readonly verify?: boolean | undefined;
}

export interface Timeouts {
  /** From the request (its body sent) to the response's header, connecting included. Milliseconds, default 30,000. */
  readonly responseMs: number;
  /**
   * Length of the windows in each of which `idleBytes` of body have to arrive; of a body that is sent, the longest that 64 KiB may
   * take. Milliseconds, default 30,000.
   */
  readonly idleMs: number;
  /** Bytes a window; a server that drips slower is taken for silent. Default 1,024. */
  readonly idleBytes: number;
}

/** Waits of baseMs, 2 baseMs, 4 baseMs, ... up to maxDelayMs: no jitter, so that runs are alike. */
export interface RetryPolicy {
  /** Tries in all, without a MiB of progress between them. Default 5. */
  readonly attempts: number;
  /** Default 500. */
  readonly baseMs: number;
  /** Default 15,000. */
  readonly maxDelayMs: number;
  /** A server that asks for a longer wait than this is not waited for. Default 120,000. */
  readonly maxRetryAfterMs: number;
}

export interface RetryNotice {
  readonly url: string;
  /** One sentence, without secrets. */
  readonly reason: string;
  readonly delayMs: number;
}

/** Rejects (with anything) as soon as the signal fires. */
export type Sleep = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;

export interface GetOptions {
  /** Bytes; more is DOWNLOAD_TOO_LARGE. */
  readonly maxSize: number;
  /** Bytes; more is DOWNLOAD_TOO_LARGE, less DOWNLOAD_SHORT. */
  readonly expectedSize?: number | undefined;
  readonly expectedDigest?: Digest | undefined;
  /** Extra request headers; Authorization and Cookie stay with the first origin. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Bytes held so far (absolute; it falls when a download has to start again). */
  readonly onProgress?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface StreamOptions extends Omit<GetOptions, 'expectedDigest'> {
  /** Bytes that the reader has already had, from a stream before this one. Default 0. */
  readonly alreadyRead?: number | undefined;
}

export interface DownloadOptions extends GetOptions {
  /**
   * Where the bytes gather. With an `expectedDigest` a file that lies there is continued, and is kept for the next run
   * when this one is interrupted. Without one, and whenever the content proves wrong, nothing is kept.
   */
  readonly partial: string;
  /** Where the verified file is renamed to. Without it the file stays at `partial`, for the caller to rename. */
  readonly final?: string | undefined;
}

/** What tells whether a document has changed: response headers to keep beside it. */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

export interface HttpDocument {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly validators: Validators;
  /** Where it came from after redirects, fit to be shown. */
  readonly url: string;
}

export interface DownloadedFile {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  readonly digest: Digest;
  readonly validators: Validators;
  /** Where it came from after redirects, fit to be shown. */
  readonly url: string;
}

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RequestOptions {
  readonly method: HttpMethod;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: RequestBody | undefined;
  /** Statuses that are answers; every other one is an error. */
  readonly accept: readonly number[];
  /** Bytes of the answer's body; more is DOWNLOAD_TOO_LARGE. */
  readonly maxSize: number;
  /** False: one try, for requests that must not be repeated blindly. Default true. */
  readonly retry?: boolean | undefined;
  /** Milliseconds for the answer, where a server is known to think for long. Default the client's. */
  readonly responseMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RequestBody {
  /** Bytes. */
  readonly size: number;
  /** From the beginning, each time. */
  open(): AsyncIterable<Uint8Array>;
  /** Bytes sent so far (absolute; it falls when the body is sent again). */
  readonly onProgress?: ((done: number) => void) | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Uint8Array;
  /** After redirects; may hold secrets of the server's (upload sessions), so it is not to be shown. */
  readonly url: URL;
}
