import { HttpError } from './http-error.ts';
import type { TransportResponse } from './transport.ts';
import type { HttpMethod } from './types.ts';
import { isHttp, redactUrl } from './url.ts';

/**
 * Where a redirecting response points to; undefined for every other response. User information in the Location is
 * dropped: a server has no business telling us whom to log in as.
 * @throws HttpError HTTP_REDIRECT_UNSAFE for a step from https to http, or to no http at all; for 301, 302 and 303 to a request that
 *   changes something, which would arrive as a GET (RFC 9110, 15.4).
 */
export function redirectTarget(
  from: URL,
  { status, headers }: TransportResponse,
  method: HttpMethod = 'GET',
): URL | undefined {
  const location = headers['location'];
  if (!redirects.has(status) || location === undefined) return undefined;
  const target = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (target === undefined || !isHttp(target)) {
    throw unsafe(from, `redirects to "${redactUrl(location)}", which is no http or https URL`);
  }
  if (from.protocol === 'https:' && target.protocol === 'http:') {
    throw unsafe(from, `redirects to ${redactUrl(target)}, from https to plain http`);
  }
  if (status <= 303 && method !== 'GET' && method !== 'HEAD') {
    throw new HttpError({
      code: 'HTTP_REDIRECT_UNSAFE',
      message: `${redactUrl(from)} redirects a ${method} to ${redactUrl(target)} with ${status}, which would lose what is sent`,
      hint: 'Use the address that it points to; a server that moves requests with a body has to answer 307 or 308.',
      status,
    });
  }
  target.username = '';
  target.password = '';
  target.hash = '';
  return target;
}

const redirects = new Set([301, 302, 303, 307, 308]);

function unsafe(from: URL, what: string): HttpError {
  return new HttpError({
    code: 'HTTP_REDIRECT_UNSAFE',
    message: `${redactUrl(from)} ${what}`,
    hint: 'Use another mirror, or the address that it should have pointed to.',
  });
}
