import { type Dispatcher, ProxyAgent } from 'undici';
import { basicAuthorization } from './credentials.ts';
import { proxyAuthError } from './http-error.ts';
import type { ProxyServer } from './proxy.ts';
import { firstValues, type Transport } from './transport.ts';

/**
 * Through a proxy: plain http in absolute form, https through CONNECT, either over SOCKS5. Imported only where a proxy
 * is set, because undici costs some 70 ms at start.
 */
export function createProxyTransport(
  proxy: ProxyServer,
  options: { readonly ca?: readonly string[] | undefined },
): Transport {
  const agent = createAgent(proxy, options.ca);
  return {
    async send({ url, method, headers, signal }) {
      try {
        const response = await agent.request({
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method,
          headers,
          signal,
          // The caller keeps the time, for this and the direct way alike.
          headersTimeout: 0,
          bodyTimeout: 0,
        });
        response.body.on('error', () => {});
        return { status: response.statusCode, headers: firstValues(response.headers), body: response.body };
      } catch (error) {
        // undici tells a proxy's refusal in the message only.
        if (/\(407\)/.test(error instanceof Error ? error.message : '')) throw proxyAuthError(url);
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}

function createAgent(proxy: ProxyServer, ca: readonly string[] | undefined): Dispatcher {
  const tls = ca === undefined ? undefined : { ca: [...ca] };
  // undici's SOCKS5 wants the user name and password in the URL.
  const uri = new URL(proxy.url);
  if (uri.protocol === 'socks5:' && proxy.login !== undefined) {
    uri.username = encodeURIComponent(proxy.login.user);
    uri.password = encodeURIComponent(proxy.login.password.reveal());
  }
  return new ProxyAgent({
    uri: uri.href,
    ...(proxy.login === undefined || uri.protocol === 'socks5:' ? {} : { token: basicAuthorization(proxy.login) }),
    ...(tls === undefined ? {} : { requestTls: tls, proxyTls: tls }),
    connectTimeout: 30_000,
  });
}
