import { BlockList, isIP } from 'node:net';
import { SlimimageError } from '../errors.ts';
import { isConfidential, isLoopback } from '../net/credentials.ts';
import { isHttp, redactUrl } from '../net/url.ts';

export interface TokenRealm {
  /** For messages. */
  readonly registry: string;
  /** Of the registry. */
  readonly base: URL;
  /** From the registry's challenge: foreign input. */
  readonly realm: string;
  /** Whether the user called the host of that URL insecure. */
  readonly mayGoInTheClear: (url: URL) => boolean;
}

/**
 * The token server that a registry names.
 * @param options `withLogin`: a login is going to be sent there
 * @throws SlimimageError REGISTRY_INVALID where it is none, or one that this registry has no business to name
 */
export function realmOf(request: TokenRealm, { withLogin }: { readonly withLogin: boolean }): URL {
  const { realm } = request;
  const url = realm.length <= 2048 && URL.canParse(realm) ? new URL(realm) : undefined;
  if (url === undefined || !isHttp(url)) throw invalid(request, 'names a token server that is no http or https URL');
  url.username = '';
  url.password = '';
  url.hash = '';
  checkRealm(request, url);
  if (withLogin && !isConfidential(url) && !request.mayGoInTheClear(url)) {
    throw invalid(request, `wants the login to be sent to ${redactUrl(url)}, in the clear`);
  }
  return url;
}

/**
 * Whatever answers there with a token, the registry is going to be handed it: it may name no service of the machine itself or of its
 * cloud. One of this machine, or one that the user called insecure, may.
 * @throws SlimimageError REGISTRY_INVALID
 */
export function checkRealm(request: TokenRealm, url: URL): void {
  const { base, mayGoInTheClear } = request;
  if (isLoopback(base.hostname) || mayGoInTheClear(base)) return;
  if (url.protocol !== 'https:' && !mayGoInTheClear(url)) {
    throw invalid(request, `names a token server that is asked in the clear, ${redactUrl(url)}`);
  }
  if (isWithin(url.hostname)) throw invalid(request, `names a token server of this machine, ${redactUrl(url)}`);
}

export function invalid({ registry }: TokenRealm, what: string): SlimimageError {
  return new SlimimageError({
    code: 'REGISTRY_INVALID',
    message: `the registry ${registry} ${what}`,
    hint: 'Is that the right host, and is there a proxy that answers in its place?',
  });
}

/** @param hostname as a URL has it */
function isWithin(hostname: string): boolean {
  if (/(?:^|\.)localhost\.?$/.test(hostname)) return true;
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const version = isIP(address);
  return version !== 0 && withinAddresses.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

/** Loopback, this host, link-local: RFC 6890. */
const withinAddresses = new BlockList();
withinAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
withinAddresses.addSubnet('0.0.0.0', 8, 'ipv4');
withinAddresses.addSubnet('169.254.0.0', 16, 'ipv4');
withinAddresses.addSubnet('::', 127, 'ipv6');
withinAddresses.addSubnet('fe80::', 10, 'ipv6');
