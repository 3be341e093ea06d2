import { isSlimimageError, SlimimageError } from '../errors.ts';
import { isLoopback } from '../net/credentials.ts';
import { HttpError, isCertificateError } from '../net/http-error.ts';
import type { HostTrust, HttpRequester } from '../net/types.ts';
import { hostCertificates } from './host-certificates.ts';

export interface EndpointOptions {
  /** `HOST` or `HOST:PORT`: plain HTTP, or HTTPS with any certificate. */
  readonly insecureRegistries: readonly string[];
  /** Folders of `HOST[:PORT]/*.crt`, `*.cert` and `*.key`, as docker has them. */
  readonly certificateFolders: readonly string[];
  /** Whether the user named a CA: then certificates of this machine's own registries are checked, too. */
  readonly hasCa: boolean;
}

/**
 * The base URL of a registry. HTTPS, but where plain HTTP is allowed (the loopback and the registries that the user calls insecure)
 * and HTTPS is not spoken: docker's rule. Found out once for each registry.
 */
export class Endpoints {
  readonly #options: EndpointOptions;
  readonly #http: HttpRequester;
  readonly #bases = new Map<string, Promise<URL>>();

  constructor(http: HttpRequester, options: EndpointOptions) {
    this.#http = http;
    this.#options = options;
  }

  /** @throws SlimimageError REFERENCE_INVALID where `registry` is no host; NETWORK for a certificate that nobody vouches for */
  async baseOf(registry: string, signal: AbortSignal | undefined): Promise<URL> {
    const known = this.#bases.get(registry) ?? this.#find(registry, signal);
    this.#bases.set(registry, known);
    try {
      return await known;
    } catch (error) {
      if (this.#bases.get(registry) === known) this.#bases.delete(registry);
      // Who asked first has given up; that is no reason for the others to.
      if (!isSlimimageError(error, 'ABORTED') || signal?.aborted) throw error;
      return this.baseOf(registry, signal);
    }
  }

  async #find(registry: string, signal: AbortSignal | undefined): Promise<URL> {
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
    const secure = URL.canParse(`https://${host}`) ? new URL(`https://${host}`) : undefined;
    if (secure === undefined || secure.pathname !== '/' || host.includes('@')) {
      throw new SlimimageError({ code: 'REFERENCE_INVALID', message: `"${registry}" is not the host of a registry` });
    }
    if (!isInsecure(secure, this.#options) && !isLoopback(secure.hostname)) return secure;
    return (await this.#speaksTls(secure, signal)) ? secure : new URL(`http://${host}`);
  }

  async #speaksTls(base: URL, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      await this.#http.request(new URL('/v2/', base).href, {
        method: 'GET',
        accept: [200],
        maxSize: 64 * 1024,
        retry: false,
        responseMs: 5000,
        signal,
      });
      return true;
    } catch (error) {
      if (error instanceof HttpError && error.code === 'NETWORK' && !isCertificateError(error)) return false;
      // Any answer, even one that is no good, came over TLS.
      if (error instanceof HttpError && !isCertificateError(error)) return true;
      throw error;
    }
  }
}

/** What vouches for a registry's certificate: docker's folder of it, or nothing where the user wants it so; and what is shown to it. */
export async function registryTrust(origin: URL, options: EndpointOptions): Promise<HostTrust | undefined> {
  const { ca, clientCertificates } = await hostCertificates(origin, options.certificateFolders);
  if (isInsecure(origin, options)) return { verify: false, clientCertificates };
  if (ca.length > 0) return { ca, clientCertificates };
  if (isLoopback(origin.hostname) && !options.hasCa) return { verify: false, clientCertificates };
  return clientCertificates.length === 0 ? undefined : { clientCertificates };
}

/** Whether the user called the host insecure: with this port, or without any. */
export function isInsecure(url: URL, { insecureRegistries }: EndpointOptions): boolean {
  return insecureRegistries.some((text) => {
    const name = text
      .trim()
      .toLowerCase()
      .replace(/^https?:\/\//, '')
      .replace(/\/.*$/, '');
    return name !== '' && (name === url.hostname || name === url.host || name === `${url.hostname}:${portOf(url)}`);
  });
}

function portOf(url: URL): string {
  return url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
}
