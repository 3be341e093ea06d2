import { BlockList, isIP } from 'node:net';
import { SlimimageError } from '../errors.ts';
import type { Login } from './credentials.ts';
import { loginOf, redactUrl } from './url.ts';

export interface ProxyServer {
  /** Without user information; protocol http:, https: or socks5:. */
  readonly url: URL;
  readonly login: Login | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL, by curl's rules: `http_proxy` or `https_proxy` for the URL's scheme, else `all_proxy`; the lower
 * case name wins over the upper case one; an empty value means none; `no_proxy` names the hosts that are asked directly.
 * HTTP_PROXY is ignored where REQUEST_METHOD is set: in a CGI it is the client's header (httpoxy, as Go does).
 * @throws SlimimageError CONFIG_INVALID where the variable holds no usable proxy.
 */
export function proxyFor(url: URL, env: Env): ProxyServer | undefined {
  const variable = proxyVariable(url, env);
  if (variable === undefined || bypassesProxy(url, env['no_proxy'] ?? env['NO_PROXY'] ?? '')) return undefined;
  return parseProxy(variable.name, variable.value);
}

/**
 * Whether `no_proxy` names the URL's host. Its items, separated by commas or blanks: `*`; a host or domain, which stands
 * for its subdomains too (`.example.org` and `*.example.org` are the same); an IP address; a CIDR block; each but `*`
 * and CIDR optionally with `:port`.
 */
export function bypassesProxy(url: URL, noProxy: string): boolean {
  const host = bareHost(url.hostname);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return noProxy
    .split(/[\s,]+/)
    .filter((item) => item !== '')
    .some((item) => item === '*' || matchesItem(item.toLowerCase(), host, port));
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

function proxyVariable(url: URL, env: Env): Variable | undefined {
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const names = [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`, 'all_proxy', 'ALL_PROXY'].filter(
    (name) => name !== 'HTTP_PROXY' || env['REQUEST_METHOD'] === undefined,
  );
  const name = names.find((candidate) => env[candidate] !== undefined);
  const value = name === undefined ? undefined : env[name]?.trim();
  return name === undefined || value === undefined || value === '' ? undefined : { name, value };
}

function parseProxy(name: string, value: string): ProxyServer {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const protocol = parsed === undefined ? undefined : protocols.get(parsed.protocol);
  if (parsed === undefined || protocol === undefined || parsed.hostname === '') {
    throw new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `the proxy in ${name}, "${redactUrl(text)}", can't be used`,
      hint: `Set ${name} to http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT.`,
    });
  }
  // Rebuilt, because a URL's protocol can't be changed across schemes in place.
  const port = parsed.port !== '' || protocol !== 'socks5:' ? parsed.port : '1080';
  return {
    url: new URL(`${protocol}//${parsed.hostname}${port === '' ? '' : `:${port}`}`),
    login: loginOf(parsed),
  };
}

/** socks5h means that the proxy resolves names; it always does here. */
const protocols: ReadonlyMap<string, string> = new Map([
  ['http:', 'http:'],
  ['https:', 'https:'],
  ['socks5:', 'socks5:'],
  ['socks5h:', 'socks5:'],
]);

function matchesItem(item: string, host: string, port: string): boolean {
  const block = /^([0-9a-f:.]+)\/([0-9]{1,3})$/.exec(item);
  if (block !== null) return inBlock(host, block[1] as string, Number(block[2]));
  const parts = /^(\[[^\]]*\]|[^:]*)(?::([0-9]+))?$/.exec(item);
  // Several colons without brackets: a bare IPv6 address.
  const name = parts === null ? item : (parts[1] as string);
  if (parts?.[2] !== undefined && parts[2] !== port) return false;
  return matchesName(bareHost(name), host);
}

function matchesName(pattern: string, host: string): boolean {
  if (isIP(pattern) !== 0) return inBlock(host, pattern, isIP(pattern) === 6 ? 128 : 32);
  const domain = pattern.replace(/^\*?\./, '');
  return domain !== '' && (host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`)));
}

function inBlock(host: string, network: string, bits: number): boolean {
  const version = isIP(network);
  if (version === 0 || isIP(host) !== version || bits > (version === 6 ? 128 : 32)) return false;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(host, family);
}

/** Without IPv6 brackets and a root's trailing dot. */
function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
