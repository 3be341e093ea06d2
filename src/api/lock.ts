import type { LockCheck, LockOptions, LockResult } from '../build/lock/lock.ts';
import type { BuildInput } from '../build/read-input.ts';
import type { BuildOptions } from '../build/types.ts';
import type { UpdateOptions, UpdatePlan, UpdateResult } from '../build/update/types.ts';
import type { OperationOptions } from '../events.ts';
import type { LockDifference } from '../lock/compare-locks.ts';
import { surroundings } from './surroundings.ts';

/**
 * Writes the lock of a configuration: everything that the archives decide about its image. Makes all of the image but its
 * layers, so that the lock is known to build. `buildImage` takes it as `lock`.
 */
export async function lockImage(input: BuildInput, options: LockOptions & OperationOptions = {}): Promise<LockResult> {
  const { lock } = await import('../build/lock/lock.ts');
  return lock(input, { ...options, ...surroundings(options) });
}

/** Whether a lock is there and fits its configuration. Changes nothing and asks no server. */
export async function checkLock(input: BuildInput, options: LockOptions & OperationOptions = {}): Promise<LockCheck> {
  const { checkLock: check } = await import('../build/lock/lock.ts');
  return check(input, { ...options, ...surroundings(options) });
}

/** What changed from one lock file to another. Relative paths mean `options.cwd`. */
export async function diffLocks(
  before: string,
  after: string,
  options: Pick<BuildOptions, 'cwd'> = {},
): Promise<LockDifference> {
  const { diffLocks: diff } = await import('../build/lock/diff.ts');
  return diff(before, after, surroundings(options));
}

/**
 * What the archives have that the lock of a configuration has not, with the CVEs that changelogs say are fixed. Changes
 * nothing.
 */
export async function planUpdate(
  input: BuildInput,
  options: UpdateOptions & OperationOptions = {},
): Promise<UpdatePlan> {
  const { planUpdate: plan } = await import('../build/update/update.ts');
  return plan(input, { ...options, ...surroundings(options) });
}

/** As `planUpdate`, and writes the new lock where there is something to update. */
export async function updateLock(
  input: BuildInput,
  options: UpdateOptions & OperationOptions = {},
): Promise<UpdateResult> {
  const { updateLock: update } = await import('../build/update/update.ts');
  return update(input, { ...options, ...surroundings(options) });
}
