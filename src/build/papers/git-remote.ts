/** A remote as papers may name it: no credentials, no path of this machine. Undefined for what nobody else could use. */
export function publicRemote(text: string): string | undefined {
  // `git@host:path` (git-clone(1), "Git URLs"). An `@` in the path is meant to end a login.
  const [, user, host, path] = /^(?:([^@/:\s]+)@)?([\w.-]+):(?!\/\/|:)([^\s@]+)$/.exec(text) ?? [];
  if (host !== undefined && !URL.canParse(text)) return `${user === 'git' ? 'git@' : ''}${host}:${path}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!['https:', 'http:', 'ssh:', 'git:'].includes(url.protocol) || url.host === '') return undefined;
  url.password = '';
  if (url.username !== 'git' || url.protocol !== 'ssh:') url.username = '';
  url.search = '';
  url.hash = '';
  return url.href;
}
