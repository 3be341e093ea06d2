import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../limits.ts';
import { loadNetrc } from '../net/load-credentials.ts';
import { Secret } from '../net/secret.ts';
import { askHelper } from './credential-helper.ts';
import { type DockerConfig, entryFor, hostNames, parseDockerConfig, serverName } from './docker-config.ts';
import type { FoundLogin, Logins } from './login.ts';
import type { RepositoryName } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The logins of a user: SLIMIMAGE_REGISTRY_USER and _PASSWORD for the registry of SLIMIMAGE_REGISTRY_HOST; docker's config.json
 * ($DOCKER_CONFIG, else ~/.docker); $REGISTRY_AUTH_FILE and podman's auth.json; the netrc. The first that knows the registry decides.
 * Files are read when the first login is looked for, helpers are asked once for each registry. Throws nothing.
 */
export function createLogins(env: Env): Logins {
  const looked: string[] = [];
  const problems: string[] = [];
  let files: Promise<readonly ConfigFile[]> | undefined;
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

  async function fromFile({ file, config }: ConfigFile, name: RepositoryName): Promise<FoundLogin | undefined> {
    look(file);
    const found =
      (await fromHelper(entryFor(config.credHelpers, name), name)) ?? (await fromHelper(config.credsStore, name));
    if (found !== undefined) return found;
    const login = entryFor(config.auths, name);
    return login && { login, source: file };
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
      files ??= readConfigs(env, note);
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

interface ConfigFile {
  readonly file: string;
  readonly config: DockerConfig;
}

async function readConfigs(env: Env, note: (problem: string) => void): Promise<readonly ConfigFile[]> {
  const found: ConfigFile[] = [];
  for (const file of configPaths(env)) {
    try {
      if ((await stat(file)).size > limits.loginFileBytes) {
        note(`${file} is too large`);
        continue;
      }
      const config = parseDockerConfig(await readFile(file, 'utf8'));
      if (config === undefined) note(`${file} is no JSON object`);
      else found.push({ file, config });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') note(`${file} can't be read (${code ?? 'unknown error'})`);
    }
  }
  return found;
}

function configPaths(env: Env): readonly string[] {
  const of = (name: string, ...path: readonly string[]): string[] => {
    const value = env[name];
    return value === undefined || value === '' ? [] : [join(value, ...path)];
  };
  const docker = of('DOCKER_CONFIG', 'config.json');
  return [
    ...(docker.length > 0 ? docker : of('HOME', '.docker', 'config.json')),
    ...of('REGISTRY_AUTH_FILE'),
    ...of('XDG_RUNTIME_DIR', 'containers', 'auth.json'),
  ];
}
