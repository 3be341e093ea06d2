import type { PackageRecord } from '../distro/types.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { ResolvedPackage } from '../solver/types.ts';
import type { ResolvedPlatform } from './resolve.ts';
import type { PlannedPackage, PlatformPlan } from './types.ts';

/** A resolution as plain data for people and files. */
export function planOf(resolved: ResolvedPlatform): PlatformPlan {
  const { platform, resolution, releases } = resolved;
  return { platform: formatPlatform(platform), packages: resolution.packages.map(plannedPackage), releases };
}

function plannedPackage(resolved: ResolvedPackage): PlannedPackage {
  const { record } = resolved;
  return {
    ...identityOf(record),
    size: record.size,
    installedBytes: record.installedSize * 1024,
    sha256: record.sha256,
    requested: isRequested(resolved),
    because: broughtBy(resolved),
  };
}

/** What names a package wherever it is listed. */
export function identityOf({ name, version, architecture, source, origin }: PackageRecord) {
  return { name, version, architecture, source, archive: origin.archive, suite: origin.suite };
}

/** True where `packages:` names it. */
export function isRequested({ reasons }: ResolvedPackage): boolean {
  return reasons.some((reason) => reason.type === 'request');
}

function broughtBy({ reasons }: ResolvedPackage): string | undefined {
  for (const reason of reasons) {
    if (reason.type === 'request' || reason.type === 'base') return undefined;
    return reason.from;
  }
  return undefined;
}
