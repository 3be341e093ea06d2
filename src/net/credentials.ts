import type { NetrcEntry } from './netrc.ts';
import type { Secret } from './secret.ts';

export interface Login {
  readonly user: string;
  readonly password: Secret;
}

/** What the user's files say about who may log in where. */
export interface Credentials {
  /** The login for a URL. `redirected`: a server chose this URL, not the user. */
  find(url: URL, options: { readonly redirected: boolean }): Login | undefined;
  /** Files that exist and could not be used, or lines in them: for a warning. No secret in it. */
  readonly problems: readonly string[];
}

export interface CredentialFiles {
  /** From apt's auth.conf files, in order of precedence. */
  readonly apt: readonly NetrcEntry[];
  readonly netrc: readonly NetrcEntry[];
  readonly problems?: readonly string[] | undefined;
}

/** apt's files first: they are the more specific ones. The first entry that fits decides. */
export function createCredentials(files: CredentialFiles): Credentials {
  return {
    find(url, { redirected }) {
      const entry =
        files.apt.find((candidate) => matchesAptEntry(candidate, url)) ??
        files.netrc.find((candidate) => matchesNetrcEntry(candidate, url, redirected));
      if (entry?.password === undefined) return undefined;
      return { user: entry.login ?? '', password: entry.password };
    },
    problems: files.problems ?? [],
  };
}

/**
 * apt_auth.conf(5): `[scheme://]host[:port][/path]`; no port means any port, the path is a plain prefix, and an entry
 * without a scheme is for https only, because it would otherwise go over the wire in the clear. Loopback is no wire.
 */
export function matchesAptEntry(entry: NetrcEntry, url: URL): boolean {
  const parts = entry.machine === undefined ? undefined : machinePattern.exec(entry.machine);
  if (parts === null || parts === undefined) return false;
  const [, scheme, host, port, path] = parts;
  if (scheme === undefined ? !isConfidential(url) : `${scheme.toLowerCase()}:` !== url.protocol) return false;
  if (host?.toLowerCase() !== url.hostname) return false;
  if (port !== undefined && Number(port) !== portOf(url)) return false;
  return path === undefined || url.pathname.startsWith(path);
}

/**
 * A netrc names hosts only. Over plain http its password is sent where the user wrote the URL (as curl does), but not
 * where a server redirected to: whoever can forge an http answer could otherwise ask for any host's password.
 */
function matchesNetrcEntry(entry: NetrcEntry, url: URL, redirected: boolean): boolean {
  if (redirected && (entry.machine === undefined || !isConfidential(url))) return false;
  return entry.machine === undefined || entry.machine.toLowerCase() === url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** The value of an Authorization or Proxy-Authorization header (RFC 7617). */
export function basicAuthorization(login: Login): string {
  return `Basic ${Buffer.from(`${login.user}:${login.password.reveal()}`, 'utf8').toString('base64')}`;
}

const machinePattern = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\[[0-9a-f:.]+\]|[^/:[\]]+)(?::([0-9]{1,5}))?(\/.*)?$/is;

/** Over https, or to this machine. */
export function isConfidential(url: URL): boolean {
  return url.protocol === 'https:' || isLoopback(url.hostname);
}

/** @param hostname as a URL has it */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(hostname);
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
