import type { ImageSpec } from '../../config/spec.ts';
import { converterVersion } from '../../content/key.ts';
import { SlimimageError } from '../../errors.ts';
import { compareInputs } from '../../lock/compare-inputs.ts';
import type { LockDocument, LockedCompressor, LockInputs } from '../../lock/types.ts';
import { layerFormatVersion } from '../layer-pieces.ts';
import type { Session } from '../session.ts';
import { type LockFile, readLock, shownPath } from './file.ts';
import { lockInputs } from './inputs.ts';

export interface OpenLockOptions {
  readonly spec: ImageSpec;
  readonly session: Session;
  /** The lock may have more platforms than the configuration: machines may share the work of a build. */
  readonly somePlatforms?: boolean | undefined;
}

/**
 * Reads a lock for a configuration and warns where this slimimage would make other bytes of it.
 * @param file absolute path
 * @throws SlimimageError LOCK_OUTDATED naming every difference, and as readLock
 */
export async function openLock(file: string, options: OpenLockOptions): Promise<LockFile> {
  const { session } = options;
  const { cwd } = session;
  const lock = await readLock(file, { cwd });
  const { document } = lock;
  const differences = compareInputs(document.configuration.inputs, neededInputs(document, options));
  if (differences.length > 0) {
    throw outdated(`The configuration has moved since the lock ${shownPath(file, cwd)} was made`, differences);
  }
  warnOfForms(document.compressor, session);
  return lock;
}

function neededInputs({ platforms }: LockDocument, { spec, somePlatforms }: OpenLockOptions): LockInputs {
  const inputs = lockInputs(spec);
  const locked = platforms.map(({ platform }) => platform);
  const isPart = spec.platforms.every((platform) => locked.includes(platform));
  return somePlatforms === true && isPart ? { ...inputs, platforms: locked } : inputs;
}

/** @param differences one line each. */
export function outdated(message: string, differences: readonly string[]): SlimimageError {
  return new SlimimageError({
    code: 'LOCK_OUTDATED',
    message: [`${message}:`, ...differences.map((difference) => `  ${difference}`)].join('\n'),
    hint: 'Make the lock anew with `slimimage lock`, or take the change back.',
  });
}

/** What of a compressor decides about bytes beside the configuration's choice. */
export const currentForms = { contentFormat: converterVersion, layerFormat: layerFormatVersion } as const;

function warnOfForms({ contentFormat, layerFormat }: LockedCompressor, session: Session): void {
  if (contentFormat === currentForms.contentFormat && layerFormat === currentForms.layerFormat) return;
  session.onEvent({
    type: 'warning',
    message: 'The lock was made by another version of slimimage, whose images have other bytes: the digest may differ',
    hint: 'The packages are the same. `slimimage lock` writes a lock of this version.',
  });
}
