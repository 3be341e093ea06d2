import { urlOf } from '../archive/location.ts';
import type { ArchiveSpec } from '../archive/types.ts';
import type { PackageRecord } from '../distro/types.ts';
import { redactUrl } from '../net/url.ts';
import { formatPlatform } from '../oci/platform.ts';
import { renderDependency } from '../solver/render.ts';
import type { Reason, ResolvedPackage } from '../solver/types.ts';
import type { ResolvedPlatform } from './resolve.ts';
import type { PlannedPackage, PlatformPlan, RequestedBy } from './types.ts';

/** A resolution as plain data for people and files. */
export function planOf(resolved: ResolvedPlatform, candidates: ReadonlySet<string> = new Set()): PlatformPlan {
  const { platform, resolution, releases, archives } = resolved;
  const packages = resolution.packages.map((one) => {
    return { ...plannedPackage(one, archives), candidate: candidates.has(one.record.name) };
  });
  return { platform: formatPlatform(platform), packages, releases };
}

function plannedPackage(
  resolved: ResolvedPackage,
  archives: readonly ArchiveSpec[],
): Omit<PlannedPackage, 'candidate'> {
  const { record } = resolved;
  return {
    ...identityOf(record),
    size: record.size,
    installedBytes: record.installedSize * 1024,
    sha256: record.sha256,
    component: record.origin.component,
    path: record.origin.path,
    url: urlOfRecord(record, archives),
    requested: isRequested(resolved),
    because: broughtBy(resolved),
    requestedBy: resolved.reasons.map(requestedBy),
  };
}

function urlOfRecord({ origin }: PackageRecord, archives: readonly ArchiveSpec[]): string | undefined {
  const [base] = archives.find(({ name }) => name === origin.archive)?.urls ?? [];
  return base === undefined ? undefined : redactUrl(urlOf(base, origin.path));
}

function requestedBy(reason: Reason): RequestedBy {
  if (reason.type === 'request' || reason.type === 'base') return reason;
  return { type: reason.type, from: reason.from, dependency: renderDependency(reason.dependency) };
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
