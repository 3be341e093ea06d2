import { type ProxyServer, proxyFor } from './proxy.ts';
import type { Transport } from './transport.ts';
import { type TrustOptions, trustedCertificates } from './trust.ts';
import { redactUrl } from './url.ts';

export interface Transports {
  /** The way to a URL: straight, or through the proxy that the environment names for it. */
  to(url: URL): Promise<Transport>;
  close(): Promise<void>;
}

export interface TransportsOptions extends TrustOptions {
  /** Milliseconds to connect to a proxy. */
  readonly connectMs: number;
}

/** Makes each transport once, when it is first needed. */
export function createTransports(options: TransportsOptions): Transports {
  const byRoute = new Map<string, Promise<Transport>>();
  let trust: Promise<readonly string[] | undefined> | undefined;

  async function open(proxy: ProxyServer | undefined): Promise<Transport> {
    trust ??= trustedCertificates(options);
    const ca = await trust;
    if (proxy === undefined) return (await import('./direct-transport.ts')).createDirectTransport({ ca });
    return (await import('./proxy-transport.ts')).createProxyTransport(proxy, { ca, connectMs: options.connectMs });
  }

  return {
    to(url) {
      const proxy = proxyFor(url, options.env);
      // The environment holds still, so an address has one login.
      const route = proxy === undefined ? 'direct' : redactUrl(proxy.url);
      const transport = byRoute.get(route) ?? open(proxy);
      byRoute.set(route, transport);
      return transport;
    },
    async close() {
      const opened = await Promise.allSettled(byRoute.values());
      await Promise.all(opened.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)));
    },
  };
}
