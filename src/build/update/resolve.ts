import type { VerifiedRelease } from '../../archive/types.ts';
import type { ImageSpec } from '../../config/spec.ts';
import type { PackageRecord, Universe } from '../../distro/types.ts';
import type { LockDocument, LockedDonor, LockedImage, LockedPlatform } from '../../lock/types.ts';
import { formatPlatform, type Platform } from '../../oci/platform.ts';
import type { Digest } from '../../util/digest.ts';
import { openBase } from '../base-image.ts';
import { findImages } from '../lock/locked-images.ts';
import { lockedDonor, lockedPackage } from '../lock/locked-platform.ts';
import { lockedRecords } from '../lock/locked-records.ts';
import { idsOf, platformOf, releasesOf } from '../lock/locked-resolve.ts';
import {
  type Chosen,
  donorNames,
  lateDonorNames,
  type PlatformRequests,
  type Question,
  type ResolvedPlatform,
  resolvePlatform,
} from '../resolve.ts';
import type { Session } from '../session.ts';
import { securityUpdate } from './security.ts';
import type { HeldUpdate } from './types.ts';

/** What one platform would hold. */
export interface UpdatedPlatform {
  /** `linux/amd64`. */
  readonly name: string;
  readonly locked: LockedPlatform;
  /** Accounts keep the numbers that they have in the lock. */
  readonly resolved: ResolvedPlatform;
  /** The manifest of the image below. */
  readonly on: Digest | null;
  /** What files are copied from. */
  readonly images: readonly LockedImage[];
  /** Packages and donors by name. */
  readonly records: ReadonlyMap<string, PackageRecord>;
  readonly held: readonly HeldUpdate[];
}

export interface ResolveUpdateOptions {
  readonly platform: Platform;
  readonly lock: LockDocument;
  readonly session: Session;
  readonly securityOnly: boolean;
}

/**
 * Resolves a platform with the archives as they are now, or with what they have for security alone.
 * @throws SlimimageError LOCK_INVALID, and as resolvePlatform; as fetchDebs for a locked .deb that no index has any more
 */
export async function resolveUpdate(spec: ImageSpec, options: ResolveUpdateOptions): Promise<UpdatedPlatform> {
  const { platform, lock, session, securityOnly } = options;
  const locked = platformOf(lock, platform);
  const base = await openBase(spec, platform, session);
  let held: readonly HeldUpdate[] = [];
  let gone: readonly LockedDonor[] = [];
  const choose = async (universe: Universe, question: Question): Promise<Chosen> => {
    const { asked } = question;
    const found = await securityUpdate(universe, {
      locked,
      free: [...donorNames, ...lateDonorNames, ...spec.omit],
      question,
      fetch: (items) => recordsOf(items, { spec, asked, lock, session }),
    });
    ({ held, gone } = found);
    return found;
  };
  const installed = base?.installed ?? [];
  const resolved = await resolvePlatform(spec, session, {
    platform,
    installed,
    ...(securityOnly ? { choose } : {}),
  });
  const releases = [...resolved.releases, ...releasesFor(gone, { lock, resolved })];
  const donors = donorsOf(resolved, locked);
  const packages = resolved.resolution.packages.map(({ record }) => record);
  return {
    name: formatPlatform(platform),
    locked,
    resolved: { ...resolved, releases, lockedIds: idsOf(locked) },
    on: base?.digest ?? null,
    images: await findImages(spec, { platform, session }),
    records: new Map([...donors, ...packages].map((record) => [record.name, record])),
    held,
  };
}

/** A lock as it would be, as far as can be told without its packages' contents. */
export function plannedPlatform({ resolved, locked, on, images }: UpdatedPlatform, spec: ImageSpec): LockedPlatform {
  return {
    ...locked,
    on,
    images,
    packages: resolved.resolution.packages.map((one) => lockedPackage(one, spec)),
    donors: donorsOf(resolved, locked).map((record) => lockedDonor(record, spec)),
  };
}

interface RecordsContext {
  readonly spec: ImageSpec;
  readonly asked: PlatformRequests;
  readonly lock: LockDocument;
  readonly session: Session;
}

/** Without the user's own .debs: they are in the universe as they are now. */
function recordsOf(items: readonly LockedDonor[], { spec, asked, lock, session }: RecordsContext) {
  const releases = releasesOf(lock, asked);
  return lockedRecords(items, { asked: { ...asked, files: [] }, releases, directory: spec.directory, session });
}

/** What vouches for packages that no index has any more, and tells a snapshot archive when they were there. */
function releasesFor(
  gone: readonly LockedDonor[],
  { lock, resolved }: { readonly lock: LockDocument; readonly resolved: ResolvedPlatform },
): readonly VerifiedRelease[] {
  const names = new Set(resolved.resolution.packages.map(({ record }) => record.sha256));
  for (const { sha256 } of resolved.donors) names.add(sha256);
  const kept = gone.filter(({ sha256 }) => names.has(sha256));
  return releasesOf(lock, resolved).filter(({ archive, suite }) =>
    // A package of a flat archive names no suite.
    kept.some((item) => item.archive === archive && (item.suite === '' || item.suite === suite)),
  );
}

/** Donors for certain, and those that the lock's contents asked for. */
function donorsOf(resolved: ResolvedPlatform, locked: LockedPlatform): readonly PackageRecord[] {
  const late = lateDonorNames.filter((name) => locked.donors.some((donor) => donor.name === name));
  return [...resolved.donors, ...late.flatMap((name) => resolved.lateDonor(name))];
}
