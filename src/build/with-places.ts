import { openRegistries, type RegistriesOptions } from '../registry/open.ts';
import type { Registries } from '../registry/types.ts';
import { LocalStore } from '../store/local-store.ts';
import { storeFolder } from './store-folder.ts';
import type { StoreOptions } from './store-operations.ts';

/** How the places are reached that an image may be in. */
export interface PlacesOptions extends StoreOptions, Omit<RegistriesOptions, 'env' | 'signal'> {
  /** Folder that relative paths mean. */
  readonly cwd: string;
}

export interface Places {
  readonly store: LocalStore;
  readonly registries: Registries;
}

/** The local store and the registries, open as long as something is done in them. @throws SlimimageError STORE */
export async function withPlaces<T>(options: PlacesOptions, action: (places: Places) => Promise<T>): Promise<T> {
  const store = await LocalStore.open(options.store ?? storeFolder(options.env));
  try {
    return await withRegistries(options, (registries) => action({ store, registries }));
  } finally {
    await store.close();
  }
}

export async function withRegistries<T>(
  options: RegistriesOptions,
  action: (registries: Registries) => Promise<T>,
): Promise<T> {
  const registries = openRegistries(options);
  try {
    return await action(registries);
  } finally {
    await registries.close();
  }
}
