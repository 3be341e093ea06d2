import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { limits } from '../limits.ts';
import { type DockerConfig, parseDockerConfig } from './docker-config.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface LoginPlaces {
  /** Where podman keeps the logins of each user, by number, without XDG_RUNTIME_DIR. Default `/run/containers`. */
  readonly runFolder?: string | undefined;
}

export interface LoginFile {
  /** For messages. */
  readonly file: string;
  readonly config: DockerConfig;
  /** What takes a login out of it, but for the registry's name. */
  readonly logout: string | undefined;
  /** Whether it comes before what `docker login` would write. */
  readonly comesFirst?: boolean | undefined;
}

export interface ReadLoginFiles extends LoginPlaces {
  /** Told of what can't be used, without secrets. */
  readonly note: (problem: string) => void;
}

/** What docker, podman and skopeo have written down, in the order in which it counts (containers-auth.json(5)). Throws nothing. */
export async function readLoginFiles(env: Env, options: ReadLoginFiles): Promise<readonly LoginFile[]> {
  const { note } = options;
  const found = fromEnvironment(env, note);
  for (const { file, logout } of paths(env, options)) {
    try {
      if ((await stat(file)).size > limits.loginFileBytes) {
        note(`${file} is too large`);
        continue;
      }
      const config = parseDockerConfig(await readFile(file, 'utf8'));
      if (config === undefined) note(`${file} is no JSON object`);
      else found.push({ file, config, logout });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') note(`${file} can't be read (${code ?? 'unknown error'})`);
    }
  }
  return found;
}

/** As docker reads it and GitLab's runners have it: logins alone, no helpers. */
function fromEnvironment(env: Env, note: ReadLoginFiles['note']): LoginFile[] {
  const file = 'DOCKER_AUTH_CONFIG';
  const text = env[file];
  if (text === undefined || text === '') return [];
  const config = text.length > limits.loginFileBytes ? undefined : parseDockerConfig(text);
  if (config !== undefined) {
    const { auths } = config;
    const logins = { auths, credHelpers: new Map(), credsStore: undefined };
    return [{ file, config: logins, logout: undefined, comesFirst: true }];
  }
  note(`${file} is no JSON object`);
  return [];
}

function paths(env: Env, { runFolder = '/run/containers' }: LoginPlaces): readonly Omit<LoginFile, 'config'>[] {
  const of = (name: string, ...path: readonly string[]): string[] => {
    const value = env[name];
    return value === undefined || value === '' ? [] : [join(value, ...path)];
  };
  const firstOf = (...places: readonly string[][]) => places.find((place) => place.length > 0) ?? [];
  const docker = firstOf(of('DOCKER_CONFIG', 'config.json'), of('HOME', '.docker', 'config.json'));
  const podman = [
    ...of('REGISTRY_AUTH_FILE'),
    ...firstOf(of('XDG_RUNTIME_DIR', 'containers', 'auth.json'), ofUser(runFolder)),
    ...firstOf(of('XDG_CONFIG_HOME', 'containers', 'auth.json'), of('HOME', '.config', 'containers', 'auth.json')),
  ];
  return [
    ...docker.map((file) => ({ file, logout: 'docker logout' })),
    ...podman.map((file) => ({ file, logout: 'podman logout' })),
  ];
}

function ofUser(runFolder: string): string[] {
  try {
    return [join(runFolder, String(userInfo().uid), 'auth.json')];
  } catch {
    // A container may run under a number that has no account.
    return [];
  }
}
