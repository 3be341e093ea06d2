import { resolve } from 'node:path';
import type { ImageSpec } from '../../config/spec.ts';
import { isSlimimageError, SlimimageError } from '../../errors.ts';
import { compareInputs } from '../../lock/compare-inputs.ts';
import { encodeLock } from '../../lock/encode.ts';
import { inputsDigest } from '../../lock/inputs-digest.ts';
import { parseLock } from '../../lock/parse.ts';
import type { LockDocument } from '../../lock/types.ts';
import { parsePlatform } from '../../oci/platform.ts';
import type { Digest } from '../../util/digest.ts';
import { type AssembledPlatform, assemblePlatform } from '../assemble-platform.ts';
import { baseDigest } from '../base-image.ts';
import { type BuildInput, readInput } from '../read-input.ts';
import type { ResolvedPlatform } from '../resolve.ts';
import { openSession, type Session, type SessionOptions } from '../session.ts';
import type { BuildOptions, BuildResult } from '../types.ts';
import { checkIndexes } from './check-indexes.ts';
import { readLock, writeLock } from './file.ts';
import { lockInputs } from './inputs.ts';
import { findImages, isBaseOfRegistry } from './locked-images.ts';
import { lockedPlatformOf, lockedReleases } from './locked-platform.ts';
import { checkedPlan, platformOf } from './locked-resolve.ts';
import { lockFileOf } from './name.ts';
import { currentForms } from './open.ts';

export interface LockOptions extends Omit<BuildOptions, 'tags' | 'outputs' | 'load' | 'lock'> {
  /** The lock's file, absolute or against `cwd`; undefined: beside the configuration (`web.lock.json` for `web.yaml`). */
  readonly output?: string | undefined;
}

/** What a lock holds, and where it is. */
export interface LockResult {
  /** Absolute. */
  readonly file: string;
  /** Of the file. */
  readonly digest: Digest;
  /** False where the file said the same already. */
  readonly changed: boolean;
  readonly lock: LockDocument;
  readonly warnings: BuildResult['warnings'];
  readonly timings: BuildResult['timings'];
}

export interface LockCheck {
  /** Absolute. */
  readonly file: string;
  /** True where the lock is there and fits the configuration. */
  readonly fits: boolean;
  /** Why not, one line each. */
  readonly differences: readonly string[];
}

type Surrounded = Omit<SessionOptions, 'tags' | 'outputs' | 'load' | 'lock'> & Pick<LockOptions, 'output'>;

/**
 * Does everything that a build does but writing layers, and writes down what the archives decided.
 * @throws SlimimageError as `build`; OUTPUT_INVALID or IO where the lock can't be written
 */
export async function lock(input: BuildInput, options: Surrounded): Promise<LockResult> {
  const session = await openSession(options);
  try {
    const spec = await readInput(input, { cwd: session.cwd });
    const document = await makeLock(spec, session);
    const file = fileOf(spec, options);
    const written = await session.phase('write', () => writeLock(file, document));
    return { file, ...written, lock: document, warnings: session.warnings, timings: session.timings };
  } finally {
    await session.close();
  }
}

export interface MakeLockOptions {
  /** By platform, as the configuration writes it: what was resolved already. */
  readonly resolved?: ReadonlyMap<string, ResolvedPlatform> | undefined;
}

/**
 * The lock of a configuration with the archives as they are now. It is one that builds.
 * @throws SlimimageError as `build`; ARCHIVE_INVALID where packages do not go together as an index has it; LOCK_INVALID
 * where a lock can't hold a name
 */
export async function makeLock(
  spec: ImageSpec,
  session: Session,
  options: MakeLockOptions = {},
): Promise<LockDocument> {
  const inputs = lockInputs(spec);
  const platforms: AssembledPlatform[] = [];
  for (const text of spec.platforms) {
    platforms.push(
      await assemblePlatform(spec, { platform: parsePlatform(text), session, resolved: options.resolved?.get(text) }),
    );
  }
  const { algorithm, level } = spec.compression;
  const bytecode = platforms.find(({ assembled }) => assembled.bytecode !== undefined)?.assembled.bytecode?.compiler;
  const document = readable({
    lockVersion: 1,
    configuration: { digest: inputsDigest(inputs), inputs },
    compressor: { algorithm, level: algorithm === 'none' ? null : level, ...currentForms, bytecode },
    releases: lockedReleases(platforms.map(({ resolved }) => resolved.releases)),
    platforms: platforms.map((made) => lockedPlatformOf(made, spec)),
  });
  for (const made of platforms) await checkIndexes(made, { spec, lock: document, session });
  return document;
}

/** What could not be read again must not be written: names of own files and accounts may be what no lock can hold. */
function readable(document: LockDocument): LockDocument {
  try {
    return parseLock(encodeLock(document), { name: 'The lock that would be written' });
  } catch (cause) {
    if (!isSlimimageError(cause)) throw cause;
    const hint = 'Rename what the message names, or leave the package out: a lock can not hold it.';
    throw new SlimimageError({ code: 'LOCK_INVALID', message: cause.message, hint, cause });
  }
}

/**
 * Whether a lock is there and fits its configuration. Changes nothing and asks no server.
 * @throws SlimimageError LOCK_INVALID, and for a configuration that can't be read
 */
export async function checkLock(input: BuildInput, options: Surrounded): Promise<LockCheck> {
  const session = await openSession(options);
  try {
    const spec = await readInput(input, { cwd: session.cwd });
    const file = fileOf(spec, options);
    const differences = await differencesOf(spec, { file, session });
    return { file, fits: differences.length === 0, differences };
  } finally {
    await session.close();
  }
}

async function differencesOf(
  spec: ImageSpec,
  { file, session }: { readonly file: string; readonly session: Session },
): Promise<readonly string[]> {
  try {
    const { document } = await readLock(file, { cwd: session.cwd });
    const differences = compareInputs(document.configuration.inputs, lockInputs(spec));
    if (differences.length > 0) return differences;
    for (const text of spec.platforms) {
      const platform = parsePlatform(text);
      // A registry's is the lock's: that digest is what a locked build fetches, and a check asks no server.
      const locked = platformOf(document, platform);
      const on = (isBaseOfRegistry(spec) ? locked.on : undefined) ?? (await baseDigest(spec, platform, session));
      const images = await findImages(spec, { platform, session, locked });
      await checkedPlan(spec, { platform, installed: [], on, images, lock: document, session });
    }
    return [];
  } catch (error) {
    if (isSlimimageError(error, 'LOCK_NOT_FOUND')) return [error.message];
    if (isSlimimageError(error, 'LOCK_OUTDATED'))
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    throw error;
  }
}

function fileOf(spec: ImageSpec, { output, cwd }: Pick<Surrounded, 'output' | 'cwd'>): string {
  if (output === undefined) return lockFileOf(spec);
  if (output !== '') return resolve(cwd, output);
  throw new SlimimageError({ code: 'USAGE', message: 'The name of the lock is empty' });
}
