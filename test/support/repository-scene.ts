import type { SlimimageEvent } from '../../src/events.ts';
import type { RegistryTarget } from '../../src/registry/types.ts';
import { digestOf } from '../../src/util/digest.ts';
import { type MisbehavingOptions, type MisbehavingRegistry, startMisbehavingRegistry } from './misbehaving-registry.ts';
import { startRepositories, type TestRepositories } from './registry-access.ts';

/** A repository `app` of a registry that misbehaves on demand. */
export interface RepositoryScene extends AsyncDisposable {
  readonly registry: MisbehavingRegistry;
  /** Its repository `app`. */
  readonly target: RegistryTarget;
  /** Another repository of the same registry. */
  readonly other: RegistryTarget;
  readonly events: readonly SlimimageEvent[];
  /** Before tries after the first, in milliseconds. */
  readonly waits: readonly number[];
  /** The same repository as `target`, seen by nobody yet. */
  another(): RegistryTarget;
}

export async function startRepositoryScene(options: MisbehavingOptions = {}): Promise<RepositoryScene> {
  const registry = await startMisbehavingRegistry(options);
  const repositories: TestRepositories = startRepositories();
  const events: SlimimageEvent[] = [];
  const onEvent = (event: SlimimageEvent) => {
    events.push(event);
  };
  const another = () => repositories.open(registry.host, 'app', { onEvent });
  const scene = {
    registry,
    events,
    waits: repositories.waits,
    another,
    target: another(),
    other: repositories.open(registry.host, 'other'),
    async [Symbol.asyncDispose]() {
      await repositories[Symbol.asyncDispose]();
      await registry.close();
    },
  };
  // How the registry is to be spoken to is found out with the first request.
  await scene.other.has(digestOf('nothing'));
  registry.forget();
  return scene;
}
