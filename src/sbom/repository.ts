/**
 * A git remote as a URL without user: `git@host:group/app.git` becomes `ssh://host/group/app.git`. Undefined for what only one machine
 * can reach (a path), and what is no address.
 */
export function repositoryUrl(remote: string | undefined): string | undefined {
  if (remote === undefined) return undefined;
  const [, host, path] = /^(?:[\w.-]+@)?([\w.-]+):(?!\/)(\S+)$/.exec(remote) ?? [];
  return urlOf(host === undefined ? remote : `ssh://${host}/${path}`, ['http', 'https', 'ssh', 'git']);
}

/** A homepage that is one: control files hold anything. */
export function webAddress(homepage: string | undefined): string | undefined {
  return homepage === undefined ? undefined : urlOf(homepage, ['http', 'https', 'ftp']);
}

function urlOf(text: string, schemes: readonly string[]): string | undefined {
  if (/\s/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return schemes.includes(url.protocol.slice(0, -1)) && url.host !== '' && rfc3986.test(url.href)
    ? url.href
    : undefined;
}

/** Node's URL lets through a `%` that encodes nothing; the schemas do not. */
const rfc3986 = /^(?:[\w.~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/;
