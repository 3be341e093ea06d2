import { resolve } from 'node:path';
import { debianVersions } from '../../distro/debian/version.ts';
import { SlimimageError } from '../../errors.ts';
import { compareLocks, type LockDifference } from '../../lock/compare-locks.ts';
import { locationTypes } from '../../oci/location.ts';
import { readLock } from './file.ts';

/**
 * What changed from one lock file to another. Their paths are absolute, or against `options.cwd`.
 * @throws SlimimageError LOCK_NOT_FOUND, LOCK_INVALID, LIMIT_EXCEEDED, IO; USAGE for images, which diffImages compares
 */
export async function diffLocks(
  before: string,
  after: string,
  options: { readonly cwd: string },
): Promise<LockDifference> {
  for (const text of [before, after]) refuseImages(text);
  const { document: old } = await readLock(resolve(options.cwd, before), options);
  const { document: fresh } = await readLock(resolve(options.cwd, after), options);
  return compareLocks(old, fresh, { versions: debianVersions });
}

function refuseImages(text: string): void {
  if (!locationTypes.some((type) => text.startsWith(`${type}:`))) return;
  throw new SlimimageError({
    code: 'USAGE',
    message: `${text} is an image, not a lock`,
    hint: 'Name two locks, or two images.',
  });
}
