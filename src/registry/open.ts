import { resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import type { OnEvent } from '../events.ts';
import { retryEvent } from '../net/retry.ts';
import type { OpenRegistryAccess, Registries, RegistryTarget, RepositoryName } from './types.ts';

export interface RegistriesOptions {
  /** Where logins, proxies and the home folder are. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Registries to be asked over plain HTTP, or over HTTPS without a trusted certificate: `HOST[:PORT]`. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** PEM file of CA certificates that are trusted beside the usual ones. */
  readonly caFile?: string | undefined;
  /** Folder that a relative `caFile` means; default the process's own. */
  readonly cwd?: string | undefined;
  /** Ask no registry at all. */
  readonly offline?: boolean | undefined;
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The registries of a run. Their code is loaded, and logins are looked for, when the first is asked for. */
export function openRegistries(options: RegistriesOptions): Registries {
  let opening: Promise<OpenRegistryAccess> | undefined;
  const targets = new Map<string, Promise<RegistryTarget>>();

  async function open(name: RepositoryName, push: boolean): Promise<RegistryTarget> {
    opening ??= openAccess(options);
    const [{ openRepository }, access] = await Promise.all([import('./repository.ts'), opening]);
    const { onEvent, signal } = options;
    return openRepository(name, { access, push, onEvent, signal });
  }

  return {
    async repository(name, { push = false } = {}) {
      if (options.offline === true) throw offline(name, push);
      const key = `${push ? 'to' : 'from'} ${name.registry}/${name.repository}`;
      // One target each: it knows which documents and sizes it has seen.
      const target = targets.get(key) ?? open(name, push);
      targets.set(key, target);
      return target;
    },
    async close() {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}

async function openAccess(options: RegistriesOptions): Promise<OpenRegistryAccess> {
  const { env, insecureRegistries, cwd = '.', onEvent } = options;
  const [{ createRegistryAccess }, { heedWarnings }] = await Promise.all([
    import('./access.ts'),
    import('./warnings.ts'),
  ]);
  const access = createRegistryAccess({
    env,
    insecureRegistries,
    caFile: options.caFile === undefined ? undefined : resolve(cwd, options.caFile),
    onRetry: (notice) => onEvent?.(retryEvent(notice)),
  });
  return onEvent === undefined ? access : heedWarnings(access, onEvent);
}

function offline({ registry, repository }: RepositoryName, push: boolean): SlimimageError {
  const later = `To read an image without the network later: slimimage copy docker://${registry}/${repository} store:NAME`;
  return new SlimimageError({
    code: 'OFFLINE',
    message: `${registry}/${repository} is a registry's, and --offline asks no registry`,
    hint: push ? 'Leave out --offline.' : `Leave out --offline. ${later}`,
  });
}
