import { SlimimageError } from '../errors.ts';
import { createHttpClient } from '../net/client.ts';
import { HttpError } from '../net/http-error.ts';
import type { HttpAnswer, HttpClientOptions, RefusalHints } from '../net/types.ts';
import { Authorisation, type Wanted } from './authorisation.ts';
import { Endpoints, isInsecure, registryTrust } from './endpoints.ts';
import { createLogins } from './find-login.ts';
import { scopesFor } from './scopes.ts';
import type { AuthorisedRequest, AuthorisedStream, OpenRegistryAccess, RepositoryName } from './types.ts';

export interface RegistryAccessOptions
  extends Pick<
    HttpClientOptions,
    'caFile' | 'systemCa' | 'connectionsPerHost' | 'timeouts' | 'retry' | 'onRetry' | 'now' | 'sleep'
  > {
  /** Proxies, logins, HOME. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `HOST` or `HOST:PORT`: to be asked over plain HTTP, or over HTTPS with whatever certificate. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** Folders of `HOST[:PORT]/*.crt`, `*.cert` and `*.key`. Default docker's, podman's and the user's. */
  readonly certificateFolders?: readonly string[] | undefined;
}

/** Nothing is read or opened before the first request. The client is its own: what is trusted here is not trusted of archives. */
export function createRegistryAccess(options: RegistryAccessOptions): OpenRegistryAccess {
  const { env, caFile, systemCa, now = Date.now } = options;
  const { connectionsPerHost, timeouts, retry, onRetry, sleep } = options;
  const endpointOptions = {
    insecureRegistries: options.insecureRegistries ?? [],
    certificateFolders: options.certificateFolders ?? certificateFolders(env),
    hasCa: caFile !== undefined,
  };
  const hostTrust = (origin: URL) => registryTrust(origin, endpointOptions);
  const usual = { env, caFile, systemCa, connectionsPerHost, timeouts, retry, onRetry, now, sleep };
  // A login for this machine would go to the proxy, and its answer would be that of another machine.
  const http = createHttpClient({ ...usual, hostTrust, hints, loopbackDirect: true });
  const endpoints = new Endpoints(http, endpointOptions);
  const logins = createLogins(env);
  const authorisations = new Map<string, Authorisation>();

  function authorisationOf(base: URL): Authorisation {
    const mayGoInTheClear = (url: URL) => isInsecure(url, endpointOptions);
    const known = authorisations.get(base.origin) ?? new Authorisation({ http, logins, mayGoInTheClear, now });
    authorisations.set(base.origin, known);
    return known;
  }

  async function request(name: RepositoryName, path: string | URL, asked: AuthorisedRequest): Promise<HttpAnswer> {
    const { actions, mountFrom, ...wanted } = asked;
    const base = await endpoints.baseOf(name.registry, asked.signal);
    const url = urlOf(base, name, path);
    if (url.origin !== base.origin) return http.request(url.href, wanted);

    const authorisation = authorisationOf(base);
    const scopes = scopesFor({ repository: name.repository, actions, mountFrom });
    const need: Wanted = { name, base, scopes, signal: asked.signal };
    const accept = asked.accept.includes(401) ? asked.accept : [...asked.accept, 401];
    const send = (header: Awaited<ReturnType<Authorisation['header']>>) =>
      http.request(url.href, { ...wanted, accept, headers: withHeader(wanted.headers, header?.reveal()) });

    const first = await authorisation.header(need);
    const answer = await send(first);
    if (answer.status !== 401) return answer;
    // A host that it redirected to has no say in where logins go.
    if (answer.url.origin !== base.origin) throw await authorisation.refused(need);
    const second = await authorisation.renewed(need, first, answer.headers['www-authenticate']);
    const again = await send(second);
    if (again.status === 401) throw await authorisation.refused(need);
    return again;
  }

  async function* stream(
    name: RepositoryName,
    path: string | URL,
    asked: AuthorisedStream,
  ): AsyncGenerator<Uint8Array> {
    const base = await endpoints.baseOf(name.registry, asked.signal);
    const url = urlOf(base, name, path);
    if (url.origin !== base.origin) {
      yield* http.stream(url.href, asked);
      return;
    }
    const authorisation = authorisationOf(base);
    const scopes = scopesFor({ repository: name.repository, actions: asked.actions ?? ['pull'] });
    const need: Wanted = { name, base, scopes, signal: asked.signal };
    let header = await authorisation.header(need);
    let done = asked.alreadyRead ?? 0;
    let doneBefore = -1;
    for (;;) {
      const wanted = { ...asked, headers: withHeader(asked.headers, header?.reveal()), alreadyRead: done };
      try {
        for await (const chunk of http.stream(url.href, wanted)) {
          done += chunk.length;
          yield chunk;
        }
        return;
      } catch (error) {
        // A token may run out while a large blob is on its way; one that gave not a byte is not renewed twice.
        if (!(error instanceof HttpError) || error.challenge === undefined) throw error;
        if (done === doneBefore) throw await authorisation.refused(need);
        doneBefore = done;
        header = await authorisation.renewed(need, header, error.challenge);
      }
    }
  }

  return { request, stream, close: () => http.close() };
}

function urlOf(base: URL, { registry, repository }: RepositoryName, path: string | URL): URL {
  if (path instanceof URL) return path;
  if (!/^[A-Za-z0-9._/-]+$/.test(repository) || /(?:^|\/)\.{0,2}(?:\/|$)/.test(repository)) {
    throw new SlimimageError({
      code: 'REFERENCE_INVALID',
      message: `"${repository}" is no name of a repository of ${registry}`,
    });
  }
  return new URL(`/v2/${repository}/${path}`, base);
}

function withHeader(
  headers: Readonly<Record<string, string>> | undefined,
  authorization: string | undefined,
): Readonly<Record<string, string>> {
  return authorization === undefined ? { ...headers } : { ...headers, authorization };
}

const hints: RefusalHints = {
  status: (status, { host }) =>
    status === 429
      ? `The registry limits how often it is asked: wait, or log in with "docker login ${host}".`
      : undefined,
  login: ({ host }) => `Log in with "docker login ${host}".`,
  plainHttp: ({ host }) => `Is the port right? If it speaks plain HTTP: --insecure-registry ${host}`,
  clientCertificate: ({ host }) =>
    `Put one that it takes into /etc/docker/certs.d/${host}/client.cert, and its key into client.key.`,
  certificate: ({ host }) =>
    `Name its CA with --ca-file FILE, or put it into /etc/docker/certs.d/${host}/ca.crt. With --insecure-registry ${host} whatever answers is trusted.`,
};

function certificateFolders(env: RegistryAccessOptions['env']): readonly string[] {
  const home = env['HOME'];
  const own = home === undefined || home === '' ? [] : [`${home}/.config/containers/certs.d`];
  return ['/etc/docker/certs.d', '/etc/containers/certs.d', ...own];
}
