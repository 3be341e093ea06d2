import { resolve } from 'node:path';
import type { ImageSpec } from '../../config/spec.ts';
import { debianVersions } from '../../distro/debian/version.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { compareLocks, type PackageChange, type PlatformDifference } from '../../lock/compare-locks.ts';
import type { LockDocument } from '../../lock/types.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { writeLock } from '../lock/file.ts';
import { makeLock } from '../lock/lock.ts';
import { lockFileOf } from '../lock/name.ts';
import { openLock } from '../lock/open.ts';
import { type BuildInput, readInput } from '../read-input.ts';
import { openSession, type Session, type SessionOptions } from '../session.ts';
import { keyOfSource, readFixes, type SourceStep } from './changelogs.ts';
import { isSecurity } from './choices.ts';
import { plannedPlatform, resolveUpdate, type UpdatedPlatform } from './resolve.ts';
import type { PackageUpdate, PlatformUpdate, SourceUpdate, UpdateOptions, UpdatePlan, UpdateResult } from './types.ts';

type Surrounded = Omit<SessionOptions, 'tags' | 'outputs' | 'load'> & UpdateOptions;

/**
 * What the archives have that a lock has not. Fetches a .deb of each source with a new version for its changelog, and
 * changes nothing.
 * @throws SlimimageError LOCK_NOT_FOUND, LOCK_INVALID; LOCK_OUTDATED where the configuration has moved since; as `plan`
 */
export async function planUpdate(input: BuildInput, options: Surrounded): Promise<UpdatePlan> {
  return inSession(input, options, async (about) => (await planIn(about)).plan);
}

/**
 * As `planUpdate`, and writes the new lock where there is something to update.
 * @throws SlimimageError as planUpdate and `lock`
 */
export async function updateLock(input: BuildInput, options: Surrounded): Promise<UpdateResult> {
  return inSession(input, options, async (about) => {
    const { spec, session, file } = about;
    const { plan, updated, changed } = await planIn(about);
    if (!changed) return { ...plan, written: undefined };
    const document = await makeLock(spec, session, {
      resolved: new Map(updated.map(({ name, resolved }) => [name, resolved])),
    });
    const { digest } = await session.phase('write', () => writeLock(file, document));
    return { ...plan, warnings: session.warnings, written: digest };
  });
}

interface About {
  readonly spec: ImageSpec;
  readonly session: Session;
  readonly options: Surrounded;
  readonly file: string;
  readonly lock: LockDocument;
}

async function inSession<T>(input: BuildInput, options: Surrounded, action: (about: About) => Promise<T>): Promise<T> {
  const session = await openSession(options);
  try {
    const spec = await readInput(input, { cwd: session.cwd });
    const file = options.lock === undefined ? lockFileOf(spec) : resolve(session.cwd, options.lock);
    const { document: lock } = await openLock(file, { spec, session });
    return await action({ spec, session, options, file, lock });
  } finally {
    await session.close();
  }
}

interface Planned {
  readonly plan: UpdatePlan;
  readonly updated: readonly UpdatedPlatform[];
  /** Whether the lock would be another one. */
  readonly changed: boolean;
}

async function planIn({ spec, session, options, file, lock }: About): Promise<Planned> {
  const { securityOnly = false, changelogs = true } = options;
  const updated: UpdatedPlatform[] = [];
  for (const text of spec.platforms) {
    updated.push(await resolveUpdate(spec, { platform: parsePlatform(text), lock, session, securityOnly }));
  }
  const platforms = updated.map((one) => plannedPlatform(one, spec));
  const difference = compareLocks(lock, { ...lock, platforms }, { versions: debianVersions });
  const pairs = difference.platforms.flatMap((platform) => {
    const one = updated.find(({ name }) => name === platform.platform);
    return one === undefined ? [] : [[platform, one] as const];
  });
  const steps = pairs.flatMap(([platform, one]) => sourceSteps(platform, one));
  const sources = await readFixes(steps, { session, changelogs });
  const changed = difference.platforms.some(isOutdated);
  const plan: UpdatePlan = {
    file,
    securityOnly,
    outdated: changed || updated.some(({ held }) => held.some(({ by }) => by === 'packages')),
    platforms: pairs.map(([platform, one]) => platformUpdate(platform, one, sources)),
    sources,
    warnings: session.warnings,
  };
  return { plan, updated, changed };
}

function isOutdated({ on, images, cuts, packages, donors }: PlatformDifference): boolean {
  return (
    on !== undefined ||
    images.length + cuts.length > 0 ||
    [...packages, ...donors].some(({ change }) => change !== 'moved')
  );
}

function sourceSteps({ packages, donors }: PlatformDifference, { records, resolved }: UpdatedPlatform) {
  return [...packages, ...donors].flatMap(({ name, change, from }): readonly SourceStep[] => {
    const record = records.get(name);
    if (change !== 'upgraded' || from === undefined || record === undefined) return [];
    const isNew = debianVersions.compare(from.source.version, record.source.version) < 0;
    return isNew ? [{ from: from.source.version, record, resolved }] : [];
  });
}

function platformUpdate(
  { platform, on, images, cuts, size, installedSize, packages, donors }: PlatformDifference,
  { records, held }: UpdatedPlatform,
  sources: readonly SourceUpdate[],
): PlatformUpdate {
  const bySource = new Map(sources.map((source) => [keyOfSource(source), source.fixes]));
  const complete = (changes: readonly PackageChange[]) =>
    changes.map((change) => packageUpdate(change, { record: records.get(change.name), bySource }));
  return {
    platform,
    packages: complete(packages),
    donors: complete(donors),
    on,
    images,
    cuts,
    held,
    size,
    installedSize,
  };
}

function packageUpdate(
  change: PackageChange,
  about: {
    readonly record: PackageRecord | undefined;
    readonly bySource: ReadonlyMap<string, readonly string[]>;
  },
): PackageUpdate {
  const { from, to } = change;
  const security = to !== undefined && about.record !== undefined && isSecurity(about.record.origin);
  const key =
    from === undefined || to === undefined
      ? undefined
      : keyOfSource({ name: to.source.name, from: from.source.version, to: to.source.version });
  return { ...change, security, fixes: (key === undefined ? undefined : about.bySource.get(key)) ?? [] };
}
