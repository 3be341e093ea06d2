import { limits } from '../limits.ts';
import { basicAuthorization } from '../net/credentials.ts';
import { Secret } from '../net/secret.ts';
import type { HttpAnswer, HttpRequester, RequestOptions } from '../net/types.ts';
import { oneChunk } from '../util/bytes.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import type { RegistryLogin } from './login.ts';
import { formatScopes, type Scopes } from './scopes.ts';
import { checkRealm, invalid, realmOf, type TokenRealm } from './token-realm.ts';

export interface TokenRequest extends TokenRealm {
  readonly service: string | undefined;
  readonly scopes: Scopes;
  readonly login: RegistryLogin | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface BearerToken {
  readonly type: 'token';
  readonly token: Secret;
  /** Seconds. */
  readonly validFor: number;
}

export interface TokenRefusal {
  readonly type: 'refused';
  /** 400 and 403 may be about the scopes, 401 is about who asks. */
  readonly status: number;
}

/**
 * Asks the token server that a registry names (CNCF distribution, "Token authentication"; with an identity token its OAuth 2 form).
 * @throws SlimimageError REGISTRY_INVALID for a realm or an answer that is none; as HttpClient
 */
export async function fetchToken(http: HttpRequester, request: TokenRequest): Promise<BearerToken | TokenRefusal> {
  const realm = realmOf(request, { withLogin: request.login !== undefined });
  const answer =
    request.login?.type === 'identity'
      ? await exchangeIdentity(http, request, { realm, identity: request.login.token })
      : await http.request(withQuery(realm, request).href, {
          ...common,
          method: 'GET',
          accept: [200, ...refusals],
          headers: request.login === undefined ? {} : { authorization: basicAuthorization(request.login) },
          signal: request.signal,
        });
  if (refusals.includes(answer.status)) return { type: 'refused', status: answer.status };
  checkRealm(request, answer.url);
  return readToken(request, answer);
}

/** RFC 6749, section 6. The token is in the body, which a redirect would take to another host: none is followed. */
async function exchangeIdentity(
  http: HttpRequester,
  request: TokenRequest,
  { realm, identity }: { readonly realm: URL; readonly identity: Secret },
): Promise<HttpAnswer> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    service: request.service ?? '',
    client_id: 'slimimage',
    scope: formatScopes(request.scopes).join(' '),
    refresh_token: identity.reveal(),
  });
  const bytes = encodeUtf8(form.toString());
  const answer = await http.request(realm.href, {
    ...common,
    method: 'POST',
    accept: [200, ...refusals, ...redirects],
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: { size: bytes.length, open: () => oneChunk(bytes) },
    signal: request.signal,
  });
  if (redirects.includes(answer.status)) throw invalid(request, 'redirects a login to another address');
  return answer;
}

/** The realm may have a query of its own. */
function withQuery(realm: URL, { service, scopes }: TokenRequest): URL {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.append('service', service);
  for (const scope of formatScopes(scopes)) url.searchParams.append('scope', scope);
  return url;
}

function readToken(request: TokenRequest, answer: HttpAnswer): BearerToken {
  const fields = parseObject(answer);
  const { token, access_token: accessToken, expires_in: expiresIn } = fields ?? {};
  const found = [token, accessToken].find((value) => typeof value === 'string' && value !== '') as string | undefined;
  // Whatever goes into a header: RFC 6750 allows no more.
  if (found === undefined || found.length > limits.tokenLength || !/^[A-Za-z0-9._~+/=:|-]+$/.test(found)) {
    throw invalid(request, `has a token server that answered with no usable token`);
  }
  const validFor = typeof expiresIn === 'number' && expiresIn > 0 ? Math.min(expiresIn, maxSeconds) : defaultSeconds;
  return { type: 'token', token: new Secret(found), validFor };
}

function parseObject(answer: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(decodeUtf8(answer.bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // The parser's message would repeat the answer, which may hold a token.
    return undefined;
  }
}

const common = { maxSize: limits.tokenAnswerBytes } satisfies Partial<RequestOptions>;
/** A wrong identity token is 400 (RFC 6749, 5.2). */
const refusals: readonly number[] = [400, 401, 403];
const redirects: readonly number[] = [301, 302, 303, 307, 308];
/** Where the server does not tell: what the specification says. */
const defaultSeconds = 60;
const maxSeconds = 86_400;
