import type { VerifiedRelease } from '../../archive/types.ts';
import type { ImageSpec } from '../../config/spec.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { isSystemId } from '../../effects/derive-id.ts';
import type { LockDocument, LockedImage, LockedPlatform } from '../../lock/types.ts';
import { formatPlatform, type Platform } from '../../oci/platform.ts';
import type { Reason, Resolution, ResolvedPackage } from '../../solver/types.ts';
import { type Digest, hexOf } from '../../util/digest.ts';
import {
  lateDonorNames,
  type PlatformRequests,
  type ResolvedPlatform,
  type ResolveOptions,
  readRequests,
} from '../resolve.ts';
import type { Session } from '../session.ts';
import { checkLocked, refuseMissingDonor } from './check-locked.ts';
import { agree } from './locked-agree.ts';
import { checkImages } from './locked-images.ts';
import { invalid, knownRecords, lockedRecords, omittedRecords } from './locked-records.ts';
import { outdated } from './open.ts';

export interface ResolveLockedOptions extends ResolveOptions {
  readonly lock: LockDocument;
  /** Of the image of `on:`. */
  readonly on: Digest | undefined;
  /** What `files:` copies from. */
  readonly images: readonly LockedImage[];
  readonly session: Session;
}

/**
 * The packages of a lock in the place of a resolution. No index is read; what the .debs say of themselves has to fit
 * together and to the requests, with nothing missing and nothing over.
 * @throws SlimimageError LOCK_OUTDATED, LOCK_INVALID, and as fetchDebs
 */
export async function resolveLocked(spec: ImageSpec, options: ResolveLockedOptions): Promise<ResolvedPlatform> {
  const { session, installed } = options;
  const opened = await openPlatform(spec, options);
  const { asked, locked, releases } = opened;
  checkOpened(spec, opened, options);
  const { directory } = spec;
  const items = [...locked.packages, ...locked.donors];
  const records = await lockedRecords(items, { asked, releases, directory, session });
  const packages = records.slice(0, locked.packages.length);
  const resolution = await session.phase('resolve', async () =>
    agree(packages, { spec, asked, installed, omitted: omittedRecords(locked, asked) }),
  );
  return lockedPlatform({ ...opened, resolution, donors: records.slice(packages.length) });
}

/**
 * As `planLocked`, for a configuration that has not moved: refuses what a build would refuse without having fetched
 * anything.
 * @throws SlimimageError LOCK_OUTDATED, LOCK_INVALID
 */
export async function checkedPlan(spec: ImageSpec, options: ResolveLockedOptions): Promise<ResolvedPlatform> {
  const opened = await openPlatform(spec, options);
  checkOpened(spec, opened, options);
  return planOpened(spec, opened);
}

function checkOpened(spec: ImageSpec, { asked, locked }: OpenedPlatform, { lock }: ResolveLockedOptions): void {
  // First what has moved since the lock was made: own packages.
  knownRecords(locked.packages, { asked, directory: spec.directory });
  checkLocked(locked, { spec, asked, lock });
}

/**
 * What `resolveLocked` would give as far as the lock tells, for a plan: nothing is fetched, and of dependencies there is
 * only the name that they lead to.
 * @throws SlimimageError LOCK_OUTDATED, LOCK_INVALID
 */
export async function planLocked(spec: ImageSpec, options: ResolveLockedOptions): Promise<ResolvedPlatform> {
  return planOpened(spec, await openPlatform(spec, options));
}

function planOpened(spec: ImageSpec, opened: OpenedPlatform): ResolvedPlatform {
  const { asked, locked } = opened;
  const { directory } = spec;
  const records = knownRecords(locked.packages, { asked, directory });
  const packages = locked.packages.map(({ name, requests, requestedBy }, at): ResolvedPackage => {
    const asking = requests.map((text): Reason => ({ type: 'request', text }));
    const isBase = name === baseName && spec.base === 'debian';
    const base: readonly Reason[] = isBase || requests.length + requestedBy.length === 0 ? [{ type: 'base' }] : [];
    const needing = requestedBy.map((from): Reason => ({ type: 'depends', from, dependency: [{ name }] }));
    return { record: records[at] as PackageRecord, reasons: [...asking, ...base, ...needing] };
  });
  const resolution = { packages, order: packages.map(({ record }) => record.name) };
  const donors = knownRecords(locked.donors, { asked: { ...asked, files: [] }, directory });
  return lockedPlatform({ ...opened, resolution, donors });
}

/** Every image has it; what else nobody asks for is essential. */
const baseName = 'base-files';

interface OpenedPlatform {
  readonly asked: PlatformRequests;
  readonly locked: LockedPlatform;
  readonly releases: readonly VerifiedRelease[];
}

async function openPlatform(spec: ImageSpec, options: ResolveLockedOptions): Promise<OpenedPlatform> {
  const { platform, lock, on, images, session } = options;
  const locked = platformOf(lock, platform);
  if ((on ?? null) !== locked.on) {
    const change = `on: ${spec.on ?? 'nothing'} is ${on ?? 'no image'}, locked ${locked.on ?? 'no image'}`;
    throw outdated('The image below is not the one of the lock', [change]);
  }
  checkImages(images, locked);
  const asked = await readRequests(spec, platform, session);
  return { asked, locked, releases: releasesOf(lock, asked) };
}

/** @throws SlimimageError LOCK_INVALID where the lock has nothing for it */
export function platformOf(lock: LockDocument, platform: Platform): LockedPlatform {
  const name = formatPlatform(platform);
  const found = lock.platforms.find((candidate) => candidate.platform === name);
  if (found !== undefined) return found;
  throw invalid(`it has nothing for ${name}`);
}

/** What vouched for the packages of these archives. */
export function releasesOf(
  { releases }: LockDocument,
  { archives, architecture }: Pick<PlatformRequests, 'archives' | 'architecture'>,
): readonly VerifiedRelease[] {
  return releases
    .filter((release) => archives.some(({ name }) => name === release.archive))
    .map(({ digest, validUntil, indexes, ...release }) => ({
      ...release,
      sha256: hexOf(digest),
      validUntil: validUntil ?? undefined,
      indexes: indexes.filter(({ path }) => isReadFor(path, architecture)),
    }));
}

/** The index of a flat archive is for every architecture. */
function isReadFor(path: string, architecture: string): boolean {
  const [, of] = /(?:^|\/)binary-([^/]+)\/[^/]+$/.exec(path) ?? [];
  return of === undefined || of === architecture || of === 'all';
}

function lockedPlatform({
  asked,
  locked,
  releases,
  resolution,
  donors,
}: OpenedPlatform & {
  readonly resolution: Resolution;
  readonly donors: readonly PackageRecord[];
}): ResolvedPlatform {
  const { platform, architecture, layout, requests, archives } = asked;
  const late: readonly string[] = lateDonorNames;
  return {
    platform,
    architecture,
    layout,
    resolution,
    requests,
    releases,
    archives,
    donors: donors.filter(({ name }) => !late.includes(name)),
    lateDonor: (wanted) => {
      const found = donors.filter(({ name }) => name === wanted);
      const isInstalled = resolution.packages.some(({ record }) => record.name === wanted);
      if (found.length === 0 && !isInstalled) refuseMissingDonor(wanted, locked.absentDonors);
      return found;
    },
    omitted: () => [],
    lockedIds: idsOf(locked),
  };
}

/** Numbers that slimimage hands out to system accounts: what a lock may say (effects/derive-id.ts). */
export function idsOf({ accounts }: LockedPlatform): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const owners = new Map<number, string>();
  for (const [name, id] of [...Object.entries(accounts.users), ...Object.entries(accounts.groups)]) {
    if (!isSystemId(id)) throw invalid(`the account ${name} has the number ${id}, which no system account gets`);
    const owner = owners.get(id) ?? name;
    if (owner !== name || (ids.get(name) ?? id) !== id) {
      throw invalid(`the number ${id} of the account ${name} is not its own, or not its only one`);
    }
    ids.set(name, id);
    owners.set(id, name);
  }
  return ids;
}
