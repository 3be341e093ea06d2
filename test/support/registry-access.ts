import { createRegistryAccess, type RegistryAccessOptions } from '../../src/registry/access.ts';
import type { RepositoryOptions } from '../../src/registry/context.ts';
import { openRepository } from '../../src/registry/repository.ts';
import type { RegistryTarget } from '../../src/registry/types.ts';

/** Repositories whose waits between tries take no time but are written down. */
export interface TestRepositories extends AsyncDisposable {
  open(host: string, repository: string, options?: Partial<RepositoryOptions>): RegistryTarget;
  /** Milliseconds, in order. */
  readonly waits: readonly number[];
}

export function startRepositories(options: Partial<RegistryAccessOptions> = {}): TestRepositories {
  const waits: number[] = [];
  const sleep = async (milliseconds: number) => {
    waits.push(milliseconds);
  };
  const access = createRegistryAccess({ sleep, env: {}, ...options });
  return {
    open: (registry, repository, more) => openRepository({ registry, repository }, { access, sleep, ...more }),
    waits,
    [Symbol.asyncDispose]: () => access.close(),
  };
}
