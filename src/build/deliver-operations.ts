import type { CopyImageOptions, CopyResult } from '../deliver/copy.ts';
import type { DeletedReference, RepositoryTags } from '../deliver/tags.ts';
import type { OperationOptions } from '../events.ts';
import { openRegistries } from '../registry/open.ts';
import type { Registries } from '../registry/types.ts';
import { LocalStore } from '../store/local-store.ts';
import { storeFolder } from './store-folder.ts';
import type { StoreOptions } from './store-operations.ts';
import type { BuildOptions } from './types.ts';

/** How registries are reached. */
export type RegistryOptions = Pick<BuildOptions, 'insecureRegistries' | 'caFile' | 'offline' | 'cwd'> &
  OperationOptions & { readonly env: NonNullable<BuildOptions['env']> };

export interface CopyOptions extends CopyImageOptions, StoreOptions, Omit<RegistryOptions, 'env' | 'cwd'> {
  /** Folder that relative paths mean. */
  readonly cwd: string;
}

/** @throws SlimimageError as copyImage */
export async function copyBetween(source: string, destination: string, options: CopyOptions): Promise<CopyResult> {
  const { copyImage } = await import('../deliver/copy.ts');
  const store = await LocalStore.open(options.store ?? storeFolder(options.env));
  try {
    return await withRegistries(options, (registries) =>
      copyImage(source, destination, { ...options, store, registries }),
    );
  } finally {
    await store.close();
  }
}

/** @throws SlimimageError as listTags */
export async function listRepositoryTags(repository: string, options: RegistryOptions): Promise<RepositoryTags> {
  const { listTags } = await import('../deliver/tags.ts');
  return withRegistries(options, (registries) => listTags(repository, registries));
}

/** @throws SlimimageError as deleteReference */
export async function deleteFromRepository(
  repository: string,
  reference: string,
  options: RegistryOptions,
): Promise<DeletedReference> {
  const { deleteReference } = await import('../deliver/tags.ts');
  return withRegistries(options, (registries) => deleteReference(repository, reference, registries));
}

async function withRegistries<T>(options: RegistryOptions, action: (registries: Registries) => Promise<T>): Promise<T> {
  const registries = openRegistries(options);
  try {
    return await action(registries);
  } finally {
    await registries.close();
  }
}
