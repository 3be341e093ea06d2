import type { StoreOptions } from '../build/store-operations.ts';
import type { PruneOptions, PruneReport } from '../store/prune.ts';
import type { StoreReport } from '../store/survey.ts';
import type { VerifyReport } from '../store/verify.ts';
import { type Anywhere, surroundings } from './surroundings.ts';

/** What is in the local store, and what it weighs. */
export async function surveyStore(options: Anywhere<StoreOptions> = {}): Promise<StoreReport> {
  const { surveyLocalStore } = await import('../build/store-operations.ts');
  return surveyLocalStore({ ...options, ...surroundings(options) });
}

/** Removes from the local store what its images do not need. */
export async function pruneStore(options: Anywhere<StoreOptions & PruneOptions> = {}): Promise<PruneReport> {
  const { pruneLocalStore } = await import('../build/store-operations.ts');
  return pruneLocalStore({ ...options, ...surroundings(options) });
}

/** Checks every byte of the local store. */
export async function verifyStore(options: Anywhere<StoreOptions> = {}): Promise<VerifyReport> {
  const { verifyLocalStore } = await import('../build/store-operations.ts');
  return verifyLocalStore({ ...options, ...surroundings(options) });
}
