import { HttpError } from '../net/http-error.ts';
import type { Secret } from '../net/secret.ts';
import type { RepositoryName } from './types.ts';

/** Who one is at a registry. */
export type RegistryLogin =
  | { readonly type: 'basic'; readonly user: string; readonly password: Secret }
  /** Exchanged for tokens at the registry's token server (OAuth 2 refresh token); `docker login` keeps it in place of a password. */
  | { readonly type: 'identity'; readonly token: Secret };

export interface FoundLogin {
  readonly login: RegistryLogin;
  /** Where it was found, for messages: a file, a program, the environment. */
  readonly source: string;
  /** Whether it comes before what `docker login` would write. */
  readonly comesFirst?: boolean | undefined;
  /** What takes it away, but for the registry's name: `docker logout`. */
  readonly logout?: string | undefined;
}

/** Finds the logins that the user wrote down. */
export interface Logins {
  /** @param url the registry's base */
  find(name: RepositoryName, url: URL): Promise<FoundLogin | undefined>;
  /** Files that `find` has looked into so far. */
  readonly looked: readonly string[];
  /** What could not be used on the way, without secrets. */
  readonly problems: readonly string[];
}

export interface LoginErrorOptions {
  readonly found: FoundLogin | undefined;
  readonly logins: Logins;
  /** `access`: who one is was not doubted. Default login. */
  readonly lacking?: 'login' | 'access' | undefined;
  /** What the registry does, in the place of what is `lacking`. */
  readonly what?: string | undefined;
}

/** The error where a registry wants another login than there is. Most do not tell strangers which repositories there are. */
export function loginError({ registry, repository }: RepositoryName, options: LoginErrorOptions): HttpError {
  const { found, logins, lacking = 'login' } = options;
  const places =
    logins.looked.length === 0 ? 'No file with logins was found.' : `Looked in ${logins.looked.join(', ')}.`;
  const next = found === undefined ? `Log in with "docker login ${registry}".` : anotherLogin(registry, found);
  const notes = logins.problems.length === 0 ? [] : [`Not used: ${logins.problems.join('; ')}.`];
  return new HttpError({
    code: 'HTTP_AUTH',
    message: `${registry}/${repository}: the registry ${options.what ?? refusalText(found, lacking)}`,
    hint: [next, ...(found === undefined ? [places] : []), ...notes].join(' '),
    status: 401,
  });
}

function refusalText(found: FoundLogin | undefined, lacking: 'login' | 'access'): string {
  if (found === undefined) return 'wants a login, or there is no such repository';
  if (lacking === 'login') return `refused the login from ${found.source}`;
  return `gives the login from ${found.source} no access to it, or there is no such repository`;
}

/** Whoever pulls what is public needs none, and is refused one that is wrong all the same. */
function anotherLogin(registry: string, { comesFirst, logout }: FoundLogin): string {
  const login = `"docker login ${registry}"`;
  if (comesFirst === true) return `Correct it there, or take it away and use ${login}.`;
  const none = logout === undefined ? 'take it out of there' : `"${logout} ${registry}"`;
  return `Log in with ${login}; or, for what everybody may have, ${none}.`;
}
