import { Secret } from '../net/secret.ts';
import { decodeUtf8Strict } from '../util/text.ts';
import type { RegistryLogin } from './login.ts';
import type { RepositoryName } from './types.ts';

/** What a `config.json` of docker's, or an `auth.json` of podman's (containers-auth.json(5)), says about logins. */
export interface DockerConfig {
  /** Program names by registry: `docker-credential-NAME` knows its login. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** The one for every other registry. */
  readonly credsStore: string | undefined;
  /** By the file's own keys. */
  readonly auths: ReadonlyMap<string, RegistryLogin>;
}

/**
 * Reads the text of such a file.
 * @returns undefined where it is no JSON object. Entries of unusable form are left out.
 */
export function parseDockerConfig(text: string): DockerConfig | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's own message would repeat a part of the file.
    return undefined;
  }
  if (!isObject(document)) return undefined;
  const { credHelpers, credsStore, auths } = document as {
    readonly credHelpers?: unknown;
    readonly credsStore?: unknown;
    readonly auths?: unknown;
  };
  const helpers = entriesOf(credHelpers).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const logins = entriesOf(auths).flatMap(([key, entry]): [string, RegistryLogin][] => {
    const login = isObject(entry) ? loginOf(entry) : undefined;
    return login === undefined ? [] : [[key, login]];
  });
  return {
    credHelpers: new Map(helpers),
    credsStore: typeof credsStore === 'string' && credsStore !== '' ? credsStore : undefined,
    auths: new Map(logins),
  };
}

/** The value under the key that names the repository most closely: `HOST/team/app`, `HOST/team`, ..., `HOST`. */
export function entryFor<T>(entries: ReadonlyMap<string, T>, { registry, repository }: RepositoryName): T | undefined {
  const byKey = new Map([...entries].map(([key, value]) => [normalKey(key), value]));
  const namespaces = repository.split('/');
  for (let length = namespaces.length; length >= 0; length--) {
    for (const host of hostNames(registry)) {
      const found = byKey.get([host, ...namespaces.slice(0, length)].join('/'));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** What docker calls the registry when it asks for a login: Docker Hub has kept the address of its first version. */
export function serverName(registry: string): string {
  return registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
}

/** Under which names a registry may be written. */
export function hostNames(registry: string): readonly string[] {
  return registry === 'docker.io' ? ['docker.io', 'index.docker.io', 'registry-1.docker.io'] : [registry.toLowerCase()];
}

/** `https://HOST/v1/` and `HOST` are the same; what follows a host is a namespace. */
function normalKey(key: string): string {
  const [host = '', ...path] = key
    .replace(/^https?:\/\//i, '')
    .split('/')
    .filter((part) => part !== '');
  const namespaces = /^v[12]$/.test(path[0] ?? '') && path.length === 1 ? [] : path;
  return [host.toLowerCase(), ...namespaces].join('/');
}

function loginOf(entry: Readonly<Record<string, unknown>>): RegistryLogin | undefined {
  const { auth, username, password, identitytoken } = entry as Record<string, string | undefined>;
  if (isText(identitytoken)) return { type: 'identity', token: new Secret(identitytoken) };
  if (isText(auth)) return basicOf(auth);
  return isText(username) && isText(password)
    ? { type: 'basic', user: username, password: new Secret(password) }
    : undefined;
}

/** base64 of `NAME:PASSWORD`. */
function basicOf(auth: string): RegistryLogin | undefined {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(auth)) return undefined;
  // docker pads with NULs.
  const text = decodeUtf8Strict(Buffer.from(auth, 'base64'))?.replace(/\0+$/, '');
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 1 || colon === text.length - 1) return undefined;
  return { type: 'basic', user: text.slice(0, colon), password: new Secret(text.slice(colon + 1)) };
}

function entriesOf(value: unknown): readonly [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
