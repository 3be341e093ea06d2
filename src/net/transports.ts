import { isLoopback } from './credentials.ts';
import { type ProxyServer, proxyFor } from './proxy.ts';
import type { Transport } from './transport.ts';
import { serverTrust, type TrustOptions, trustedCertificates } from './trust.ts';
import type { HostTrust } from './types.ts';
import { redactUrl } from './url.ts';

export interface Transports {
  /** The way to a URL: straight, or through the proxy that the environment names for it. */
  to(url: URL): Promise<Transport>;
  close(): Promise<void>;
}

export interface TransportsOptions extends TrustOptions {
  /** Milliseconds to connect to a proxy. */
  readonly connectMs: number;
  readonly loopbackDirect?: boolean | undefined;
  readonly hostTrust?: ((origin: URL) => Promise<HostTrust | undefined>) | undefined;
}

/** Makes each transport once, when it is first needed. */
export function createTransports(options: TransportsOptions): Transports {
  const byRoute = new Map<string, Promise<Transport>>();
  const byOrigin = new Map<string, Promise<HostTrust | undefined>>();
  let usual: Promise<readonly string[] | undefined> | undefined;

  function trustedFor(url: URL): Promise<HostTrust | undefined> {
    if (options.hostTrust === undefined || url.protocol !== 'https:') return nobody;
    const known = byOrigin.get(url.origin) ?? options.hostTrust(new URL(url.origin));
    byOrigin.set(url.origin, known);
    return known;
  }

  async function open(proxy: ProxyServer | undefined, host: HostTrust | undefined): Promise<Transport> {
    usual ??= trustedCertificates(options);
    const trust = await serverTrust(await usual, host);
    if (proxy === undefined) return (await import('./direct-transport.ts')).createDirectTransport(trust);
    return (await import('./proxy-transport.ts')).createProxyTransport(proxy, { trust, connectMs: options.connectMs });
  }

  return {
    async to(url) {
      const host = await trustedFor(url);
      const isDirect = options.loopbackDirect === true && isLoopback(url.hostname);
      const proxy = isDirect ? undefined : proxyFor(url, options.env);
      // The environment holds still, so an address has one login.
      const way = proxy === undefined ? 'direct' : redactUrl(proxy.url);
      const route = host === undefined ? way : `${way} to ${url.origin}`;
      const transport = byRoute.get(route) ?? open(proxy, host);
      byRoute.set(route, transport);
      return transport;
    },
    async close() {
      const opened = await Promise.allSettled(byRoute.values());
      await Promise.all(opened.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)));
    },
  };
}

const nobody = Promise.resolve(undefined);
