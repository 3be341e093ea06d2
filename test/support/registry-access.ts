import { createHttpClient } from '../../src/net/client.ts';
import type { HttpClientOptions } from '../../src/net/types.ts';
import type { RepositoryOptions } from '../../src/registry/context.ts';
import { openRepository } from '../../src/registry/repository.ts';
import type { RegistryAccess, RegistryTarget } from '../../src/registry/types.ts';

/** Repositories whose waits between tries take no time but are written down. */
export interface TestRepositories extends AsyncDisposable {
  open(host: string, repository: string, options?: Partial<RepositoryOptions>): RegistryTarget;
  /** Milliseconds, in order. */
  readonly waits: readonly number[];
}

export function startRepositories(options: HttpClientOptions = {}): TestRepositories {
  const waits: number[] = [];
  const sleep = async (milliseconds: number) => {
    waits.push(milliseconds);
  };
  const client = createHttpClient({ sleep, ...options });
  const access: RegistryAccess = {
    request: (name, path, wanted) => client.request(urlOf(name, path), wanted),
    stream: (name, path, wanted) => client.stream(urlOf(name, path), wanted),
  };
  return {
    open: (registry, repository, more) => openRepository({ registry, repository }, { access, sleep, ...more }),
    waits,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

function urlOf(name: { registry: string; repository: string }, path: string | URL): string {
  return new URL(path, `http://${name.registry}/v2/${name.repository}/`).href;
}
