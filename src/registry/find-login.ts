import { loadNetrc } from '../net/load-credentials.ts';
import { Secret } from '../net/secret.ts';
import { askHelper } from './credential-helper.ts';
import { entryFor, hostNames, serverName } from './docker-config.ts';
import type { FoundLogin, Logins } from './login.ts';
import { type LoginFile, type LoginPlaces, readLoginFiles } from './login-files.ts';
import type { RepositoryName } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The logins of a user: SLIMIMAGE_REGISTRY_USER and _PASSWORD for the registry of SLIMIMAGE_REGISTRY_HOST; $DOCKER_AUTH_CONFIG; docker's
 * config.json ($DOCKER_CONFIG, else ~/.docker); $REGISTRY_AUTH_FILE and podman's auth.json (containers-auth.json(5)); the netrc. The first
 * that knows the registry decides. Files are read when the first login is looked for, helpers are asked once for each registry. Throws
 * nothing.
 */
export function createLogins(env: Env, places: LoginPlaces = {}): Logins {
  const looked: string[] = [];
  const problems: string[] = [];
  let files: Promise<readonly LoginFile[]> | undefined;
  let netrc: ReturnType<typeof loadNetrc> | undefined;
  const asked = new Map<string, ReturnType<typeof askHelper>>();

  function note(problem: string): void {
    if (!problems.includes(problem)) problems.push(problem);
  }

  function look(source: string): void {
    if (!looked.includes(source)) looked.push(source);
  }

  async function fromHelper(helper: string | undefined, name: RepositoryName): Promise<FoundLogin | undefined> {
    if (helper === undefined) return undefined;
    const server = serverName(name.registry);
    const key = `${helper} ${server}`;
    const asking = asked.get(key) ?? askHelper(helper, server, { env });
    asked.set(key, asking);
    const answer = await asking;
    if (answer.type === 'problem') note(answer.problem);
    return answer.type === 'login' ? { login: answer.login, source: `docker-credential-${helper}` } : undefined;
  }

  async function fromFile(
    { file, config, logout, comesFirst }: LoginFile,
    name: RepositoryName,
  ): Promise<FoundLogin | undefined> {
    look(file);
    const found =
      (await fromHelper(entryFor(config.credHelpers, name), name)) ?? (await fromHelper(config.credsStore, name));
    if (found !== undefined) return { ...found, logout };
    const login = entryFor(config.auths, name);
    return login && { login, source: file, logout, comesFirst };
  }

  async function fromNetrc(name: RepositoryName, url: URL): Promise<FoundLogin | undefined> {
    netrc ??= loadNetrc({ env });
    const { credentials, file } = await netrc;
    for (const problem of credentials.problems) note(problem);
    if (file === undefined) return undefined;
    look(file);
    for (const host of hostNames(name.registry)) {
      const its = new URL(url);
      if (name.registry === 'docker.io') its.host = host;
      const login = credentials.find(its, { redirected: false });
      if (login !== undefined) return { login: { type: 'basic', ...login }, source: file };
    }
    return undefined;
  }

  return {
    looked,
    problems,
    async find(name, url) {
      const given = fromEnvironment(env, name, note);
      if (given !== undefined) return given;
      files ??= readLoginFiles(env, { ...places, note });
      for (const file of await files) {
        const found = await fromFile(file, name);
        if (found !== undefined) return found;
      }
      return fromNetrc(name, url);
    },
  };
}

/** A login is for one registry: sent to whichever asks, it would soon be at one that it is not meant for. */
function fromEnvironment(
  env: Env,
  { registry }: RepositoryName,
  note: (problem: string) => void,
): FoundLogin | undefined {
  const user = env['SLIMIMAGE_REGISTRY_USER'];
  const password = env['SLIMIMAGE_REGISTRY_PASSWORD'];
  const host = env['SLIMIMAGE_REGISTRY_HOST'];
  if (user === undefined || user === '' || password === undefined || password === '') return undefined;
  if (host === undefined || host === '') {
    note('SLIMIMAGE_REGISTRY_USER is not used, because SLIMIMAGE_REGISTRY_HOST does not say for which registry it is');
    return undefined;
  }
  if (
    !hostNames(registry).includes(
      host
        .toLowerCase()
        .replace(/^https?:\/\//, '')
        .replace(/\/.*$/, ''),
    )
  )
    return undefined;
  return {
    login: { type: 'basic', user, password: new Secret(password) },
    source: 'SLIMIMAGE_REGISTRY_USER and SLIMIMAGE_REGISTRY_PASSWORD',
    comesFirst: true,
  };
}
