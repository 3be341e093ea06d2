import { LocalStore } from '../store/local-store.ts';
import type { PruneOptions, PruneReport } from '../store/prune.ts';
import type { StoreReport } from '../store/survey.ts';
import type { VerifyReport } from '../store/verify.ts';
import { storeFolder } from './store-folder.ts';

/** Which local store, and a signal to stop. */
export interface StoreOptions {
  /** Folder of the store; undefined: SLIMIMAGE_STORE, else the user's cache folder. */
  readonly store?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** What is in the store and how much room it takes. @throws SlimimageError STORE */
export function surveyLocalStore(options: StoreOptions): Promise<StoreReport> {
  return withStore(options, (store) => store.list());
}

/** Removes what was not used for longest, never what a kept image needs. @throws SlimimageError STORE */
export function pruneLocalStore(options: StoreOptions & PruneOptions): Promise<PruneReport> {
  const { maxBytes, keepTags, signal } = options;
  return withStore(options, (store) => store.prune({ maxBytes, keepTags, signal }));
}

/** Hashes every blob again and follows every tag; changes nothing. @throws SlimimageError STORE */
export function verifyLocalStore(options: StoreOptions): Promise<VerifyReport> {
  return withStore(options, (store) => store.verify({ signal: options.signal }));
}

async function withStore<T>({ store, env }: StoreOptions, action: (store: LocalStore) => Promise<T>): Promise<T> {
  const opened = await LocalStore.open(store ?? storeFolder(env));
  try {
    return await action(opened);
  } finally {
    await opened.close();
  }
}
