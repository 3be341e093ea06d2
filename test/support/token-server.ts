import { createHash, sign } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { makeCertificate } from './certificate.ts';
import { type Asked, basic } from './http-behaviours.ts';
import { startHttpServer } from './http-server.ts';

/** Gives the tokens that a registry wants (CNCF distribution, "Token authentication" and its OAuth2 form): real, signed ones. */
export interface TokenServer {
  /** The URL that the registry names in its challenge. */
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** PEM; the registry's `rootcertbundle`. */
  readonly certificate: string;
  /** What `docker login` would have kept in place of the password. */
  readonly identityToken: string;
  /** Every request so far: its scopes, and who asked. */
  readonly requests: readonly TokenRequest[];
  /** Seconds of validity of the tokens given from now on. Default 300. */
  expiresIn: number;
  close(): Promise<void>;
}

export interface TokenRequest {
  readonly method: string;
  readonly scopes: readonly string[];
  /** How it logged in; `anonymous` gets tokens for pulling. */
  readonly as: 'basic' | 'identity token' | 'anonymous' | 'refused';
}

export async function startTokenServer(login: {
  readonly user: string;
  readonly password: string;
}): Promise<TokenServer> {
  const server = await startHttpServer();
  const { key, certificate } = makeCertificate();
  const service = 'registry of tests';
  const issuer = 'tokens of tests';
  const identityToken = 'identity-token-of-mole';
  const requests: TokenRequest[] = [];
  const its = {
    realm: server.url('/token'),
    service,
    issuer,
    certificate,
    identityToken,
    requests,
    expiresIn: 300,
    close: () => server.close(),
  };

  function whoAsks({ request }: Asked, form: URLSearchParams): TokenRequest['as'] {
    const refresh = form.get('refresh_token');
    if (request.method === 'POST') return refresh === identityToken ? 'identity token' : 'refused';
    const { authorization } = request.headers;
    if (authorization === undefined) return 'anonymous';
    return authorization === basic(login.user, login.password) ? 'basic' : 'refused';
  }

  server.otherwise(async (asked) => {
    const { request, response } = asked;
    const query =
      request.method === 'POST'
        ? new URLSearchParams(await text(request))
        : new URL(request.url ?? '', its.realm).searchParams;
    const scopes = query.getAll('scope').flatMap((scope) => scope.split(' '));
    const as = whoAsks(asked, query);
    requests.push({ method: request.method ?? '', scopes, as });
    if (as === 'refused' || query.get('service') !== service) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"details":"incorrect login"}');
      return;
    }
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      sub: as === 'anonymous' ? '' : login.user,
      aud: service,
      exp: now + its.expiresIn,
      nbf: now - 10,
      iat: now,
      jti: createHash('sha256').update(`${requests.length}`).digest('hex'),
      access: scopes.map((scope) => grant(scope, as)),
    };
    const token = signToken(claims, { key, certificate });
    const named = request.method === 'POST' ? { access_token: token } : { token };
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ ...named, expires_in: its.expiresIn, issued_at: new Date(now * 1000).toISOString() }));
  });
  return its;
}

/** `repository:NAME:ACTION,...` as an entry of the `access` claim; strangers may only pull. */
function grant(scope: string, as: TokenRequest['as']): Readonly<Record<string, unknown>> {
  const [, type, name, actions] = /^([a-z]+):(.+):([a-z,*]+)$/.exec(scope) ?? [];
  const wanted = (actions ?? '').split(',');
  return { type, name, actions: as === 'anonymous' ? wanted.filter((action) => action === 'pull') : wanted };
}

/** A JWS of ES256 with its certificate in the header (RFC 7515, 4.1.6): the form that needs no key id of libtrust's. */
function signToken(
  claims: object,
  { key, certificate }: { readonly key: string; readonly certificate: string },
): string {
  const x5c = [certificate.replace(/-----[^-]+-----|\s/g, '')];
  const header = { typ: 'JWT', alg: 'ES256', x5c };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${encode(header)}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' });
  return `${content}.${signature.toString('base64url')}`;
}
