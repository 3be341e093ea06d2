import { type ErrorCode, SlimimageError } from '../errors.ts';
import { http } from './node-http.ts';
import type { RefusalHints } from './types.ts';
import { redactUrl } from './url.ts';

export interface HttpErrorOptions {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  readonly status?: number | undefined;
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly challenge?: string | undefined;
}

/** A failed exchange, with what a caller may want to decide on. */
export class HttpError extends SlimimageError {
  /** The response's status, where there was one. */
  readonly status: number | undefined;
  /** Whether the same request may succeed a little later. */
  readonly retryable: boolean;
  /** How long the server asked to wait. */
  readonly retryAfterMs: number | undefined;
  /** Of a 401: how the server wants to be logged in to (WWW-Authenticate), for who can do more about it than the user. */
  readonly challenge: string | undefined;

  constructor(options: HttpErrorOptions) {
    super(options);
    this.status = options.status;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.challenge = options.challenge;
  }
}

/** The error for a status that the request has no use for. Nothing of the server's text is repeated. */
export function statusError(
  url: URL,
  status: number,
  options: {
    readonly retryAfterMs?: number | undefined;
    readonly challenge?: string | undefined;
    readonly hints?: RefusalHints | undefined;
    /** Why logins that the user wrote down may not have been seen. */
    readonly credentialProblems?: readonly string[] | undefined;
  } = {},
): HttpError {
  const { retryAfterMs, challenge, hints = archiveHints, credentialProblems = [] } = options;
  const meaning = http.STATUS_CODES[status];
  const answer = meaning === undefined ? `${status}` : `${status} ${meaning}`;
  if (status === 407) return proxyAuthError(url);
  if (status === 401) {
    const notes = credentialProblems.length === 0 ? [] : [`Not used: ${credentialProblems.join('; ')}.`];
    return new HttpError({
      code: 'HTTP_AUTH',
      message: `${redactUrl(url)}: the server asks for a login, or refused the one it got (${answer})`,
      hint: [hints.login(url), ...notes].join(' '),
      status,
      challenge,
    });
  }
  return new HttpError({
    code: 'HTTP_STATUS',
    message: `${redactUrl(url)}: the server answered ${answer}`,
    hint: hints.status(status, url),
    status,
    retryable:
      status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505),
    retryAfterMs,
  });
}

export function proxyAuthError(url: URL): HttpError {
  return new HttpError({
    code: 'HTTP_AUTH',
    message: `${redactUrl(url)}: the proxy asks for a login, or refused the one it got`,
    hint: 'Write it into the proxy variable: http://NAME:PASSWORD@HOST:PORT',
    status: 407,
  });
}

/** The error for a request that got no response. `cause` is kept: Node's network errors carry addresses, no headers. */
export function connectionError(
  url: URL,
  cause: unknown,
  options: { readonly via?: string | undefined; readonly hints?: RefusalHints | undefined } = {},
): HttpError {
  const { via, hints = archiveHints } = options;
  const code = errorCode(cause);
  const known = tlsReason(cause) ?? reasons.get(code ?? '');
  const hint = ownHint(known, { url, hints }) ?? known?.hint;
  return new HttpError({
    code: 'NETWORK',
    message: `${redactUrl(url)}${via === undefined ? '' : ` (through the proxy ${via})`}: ${known?.text ?? `the connection failed${code === undefined ? '' : ` (${code})`}`}`,
    hint: hint ?? (isCertificateCode(code) ? hints.certificate(url) : undefined),
    cause,
    retryable: known?.retryable ?? false,
  });
}

function ownHint(reason: Reason | undefined, { url, hints }: { readonly url: URL; readonly hints: RefusalHints }) {
  if (reason === plainHttp) return hints.plainHttp(url);
  return reason === unknownClient ? hints.clientCertificate?.(url) : undefined;
}

/** Whether nobody vouches for the server's certificate, or the server wants one of the client's. */
export function isCertificateError(error: unknown): boolean {
  const cause = error instanceof HttpError ? error.cause : error;
  return isCertificateCode(errorCode(cause)) || tlsReason(cause) === unknownClient;
}

export function timeoutError(url: URL, what: string): HttpError {
  return new HttpError({ code: 'NETWORK', message: `${redactUrl(url)}: ${what}`, retryable: true });
}

interface Reason {
  readonly text: string;
  readonly retryable: boolean;
  readonly hint?: string;
}

const reasons: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ['ENOTFOUND', { text: 'there is no such host', retryable: false, hint: 'Check the address, DNS and http_proxy.' }],
  [
    'EAI_AGAIN',
    { text: 'the host name could not be looked up', retryable: true, hint: 'Is there a network, and DNS?' },
  ],
  ['ECONNREFUSED', { text: 'the connection was refused', retryable: false, hint: 'Is the server up, the port right?' }],
  ['ECONNRESET', { text: 'the connection was cut', retryable: true }],
  ['EPIPE', { text: 'the connection was cut', retryable: true }],
  ['UND_ERR_PRX_CONN', { text: 'the proxy cut the connection', retryable: true }],
  ['UND_ERR_SOCKET', { text: 'the connection was cut', retryable: true }],
  ['ETIMEDOUT', { text: 'the connection timed out', retryable: true }],
  ['UND_ERR_CONNECT_TIMEOUT', { text: 'the connection timed out', retryable: true }],
  ['EHOSTUNREACH', { text: 'the host is unreachable', retryable: false }],
  ['ENETUNREACH', { text: 'the network is unreachable', retryable: false }],
  [
    'HPE_INVALID_CONSTANT',
    { text: 'what answers there is no HTTP server', retryable: false, hint: 'Is the port right?' },
  ],
  ['HPE_HEADER_OVERFLOW', { text: 'the response header is too large', retryable: false }],
]);

const unknownClient: Reason = { text: 'the server wants a certificate of the client', retryable: false };
const plainHttp: Reason = { text: 'the server does not speak TLS', retryable: false };

const archiveHints: RefusalHints = {
  login: ({ hostname, origin }) =>
    `Put "machine ${hostname} login NAME password PASSWORD" into ~/.netrc, or with "machine ${origin}" into /etc/apt/auth.conf.d/NAME.conf.`,
  plainHttp: () => 'Is the port right? If it speaks plain HTTP, write http:// in the place of https://.',
  certificate: () => 'Trust the CA with NODE_EXTRA_CA_CERTS=FILE, or SSL_CERT_FILE=FILE.',
  status: (status) =>
    status === 404 || status === 410 ? 'Is the address right, and does the server still carry this file?' : undefined,
};

function isCertificateCode(code: string | undefined): boolean {
  return code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_|CRL|HOSTNAME_MISMATCH/.test(code);
}

/** What OpenSSL tells in the text of its error alone. */
function tlsReason(error: unknown): Reason | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code !== 'EPROTO' && !code.startsWith('ERR_SSL_')) return tlsReason(error.cause);
  const text = `${code} ${message}`.replaceAll('_', ' ');
  // The first bytes of whatever else is spoken it takes for a record of TLS.
  if (/wrong version number|packet length too long/i.test(text)) return plainHttp;
  return /alert (?:certificate required|bad certificate|unknown ca|certificate unknown)/i.test(text)
    ? unknownClient
    : undefined;
}

function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return typeof code === 'string' ? code : errorCode(cause);
}
