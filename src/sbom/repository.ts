/**
 * A git remote as a URL: `git@host:group/app.git` becomes `ssh://git@host/group/app.git`. Undefined for what only one machine can
 * reach (a path), and what is no address.
 */
export function repositoryUrl(remote: string | undefined): string | undefined {
  if (remote === undefined) return undefined;
  const [, host, path] = /^((?:[\w.-]+@)?[\w.-]+):(?!\/)(\S+)$/.exec(remote) ?? [];
  const url = host === undefined ? remote : `ssh://${host}/${path}`;
  return /^(?:https?|ssh|git):\/\/\S+$/.test(url) && URL.canParse(url) ? new URL(url).href : undefined;
}

/** A homepage that is one: control files hold anything. */
export function webAddress(homepage: string | undefined): string | undefined {
  if (homepage === undefined || !/^(?:https?|ftp):\/\/\S+$/.test(homepage)) return undefined;
  return URL.canParse(homepage) ? new URL(homepage).href : undefined;
}
