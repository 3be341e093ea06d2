import { type Dispatcher, ProxyAgent } from 'undici';
import { basicAuthorization } from './credentials.ts';
import { proxyAuthError } from './http-error.ts';
import type { ProxyServer } from './proxy.ts';
import { headerValues, type Transport } from './transport.ts';
import { type ServerTrust, tlsOptions } from './trust.ts';
import { redactUrl } from './url.ts';

export interface ProxyTransportOptions {
  readonly trust: ServerTrust;
  /** To the proxy, its handshake included. Milliseconds. */
  readonly connectMs: number;
}

/**
 * Through a proxy: plain http in absolute form, https through CONNECT, either over SOCKS5. Imported only where a proxy
 * is set, because undici costs some 70 ms at start.
 */
export function createProxyTransport(proxy: ProxyServer, options: ProxyTransportOptions): Transport {
  const agent = createAgent(proxy, options);
  return {
    via: redactUrl(proxy.url).replace(/\/$/, ''),
    async send({ url, method, headers, body, signal }) {
      try {
        const sent = agent.request({
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method,
          headers,
          signal,
          // Its types leave out what it takes: an iterable is asked for the next chunk when the one before has left.
          body: (body?.open() ?? null) as null,
          // The caller keeps the time, for this and the direct way alike.
          headersTimeout: 0,
          bodyTimeout: 0,
        });
        const response = await untilAborted(sent, signal);
        response.body.on('error', () => {});
        return { status: response.statusCode, headers: headerValues(response.headers), body: response.body };
      } catch (error) {
        throw isLoginRefused(error) ? proxyAuthError(url) : error;
      }
    },
    close: () => agent.destroy(),
  };
}

/** undici tells some refusals in the message only: 407, and a SOCKS5 login that nobody gave. */
function isLoginRefused(error: unknown): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return (
    /\(407\)|Username and password required/.test(String(message)) ||
    /^UND_ERR_SOCKS5_AUTH_(?:REJECTED|METHOD|FAILED)$/.test(String(code))
  );
}

/** undici looks at a signal only once it is connected, which a silent proxy may never let it be. */
function untilAborted(sent: Promise<Dispatcher.ResponseData>, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    sent
      .then((response) => {
        if (signal.aborted) response.body.destroy();
        resolve(response);
      }, reject)
      .finally(() => signal.removeEventListener('abort', leave));
  });
}

function createAgent({ url, login }: ProxyServer, { trust, connectMs }: ProxyTransportOptions): Dispatcher {
  // HTTP/1.1 as on the direct way: one protocol to be cut, resumed and bounded.
  const tls = { allowH2: false, ...tlsOptions(trust) };
  const common = { uri: url.href, allowH2: false, requestTls: tls, connectTimeout: connectMs };
  if (url.protocol === 'socks5:') {
    // No proxyTls: undici would speak TLS to the proxy itself.
    const account = login === undefined ? {} : { username: login.user, password: login.password.reveal() };
    return new ProxyAgent({ ...common, ...account });
  }
  const token = login === undefined ? {} : { token: basicAuthorization(login) };
  // Who may not be what it says is the server, not the proxy on the way to it; nor is the proxy shown what is for the server.
  const proxyTls = { allowH2: false, ...tlsOptions({ ca: trust.ca, verify: true }), rejectUnauthorized: true };
  return new ProxyAgent({ ...common, proxyTls, ...token });
}
