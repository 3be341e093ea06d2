import type { OperationOptions } from '../events.ts';
import type { Registries } from '../registry/types.ts';
import type { LocalStore } from '../store/local-store.ts';

/** Where images are sought and written. */
export interface Surroundings extends OperationOptions {
  readonly store: LocalStore;
  readonly registries: Registries;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths mean. */
  readonly cwd: string;
}
