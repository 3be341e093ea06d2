import type { ImageSpec } from '../../config/spec.ts';
import { openUniverse } from '../../distro/debian/universe.ts';
import { debianVersions } from '../../distro/debian/version.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { renderConflicts } from '../../solver/render.ts';
import { resolve } from '../../solver/resolve.ts';
import type { PackageRequest, Resolution, ResolvedPackage } from '../../solver/types.ts';
import { essentialRequests, type PlatformRequests } from '../resolve.ts';
import { invalid } from './locked-records.ts';

export interface AgreeOptions {
  readonly spec: ImageSpec;
  readonly asked: PlatformRequests;
  readonly installed: readonly PackageRecord[];
  /** Of packages that are left out, what they provide: a dependency on it holds, as one on their names does. */
  readonly omitted: readonly PackageRecord[];
}

/** The resolution over just these packages, every one of them chosen. @throws SlimimageError LOCK_INVALID */
export function agree(records: readonly PackageRecord[], options: AgreeOptions): Resolution {
  const { spec, asked, installed, omitted } = options;
  refuseExcluded(records, asked.requests);
  const { architecture } = asked;
  const universe = openUniverse({ architecture, indexes: [], extra: [...records, ...omitted] });
  const { dependencies, recommends, omit } = spec;
  const own = records.map(({ name }): PackageRequest => ({ text: `${name} (locked)`, name }));
  const wanted = [...wantedOf(asked.requests), ...essentialRequests(spec, universe, asked.requests)];
  const answer = resolve(universe, [...wanted, ...own], {
    versions: debianVersions,
    policy: { dependencies: dependencies === 'none' ? 'none' : 'full', recommends, installed, omit: new Set(omit) },
  });
  if (!answer.ok) throw invalid(`its packages do not go together\n${renderConflicts(answer.conflicts)}`);
  const marks = new Set(own.map(({ text }) => text));
  const packages = answer.resolution.packages.map(({ record, reasons }) => ({
    record,
    reasons: reasons.filter((reason) => reason.type !== 'request' || !marks.has(reason.text)),
  }));
  refuseUnreached(packages);
  return { packages, order: answer.resolution.order };
}

/** Which suite a request means was settled when the lock was made; so was what is left out. */
function wantedOf(requests: readonly PackageRequest[]): readonly PackageRequest[] {
  return requests.filter(({ exclude }) => exclude !== true).map(({ suite: _, ...request }) => request);
}

function refuseExcluded(records: readonly PackageRecord[], requests: readonly PackageRequest[]): void {
  const named = new Set(wantedOf(requests).map(({ name }) => name));
  for (const { text, name, exclude } of requests) {
    if (exclude !== true || named.has(name) || !records.some((record) => record.name === name)) continue;
    throw invalid(`it has ${name}, and the configuration says ${text}`);
  }
}

/** Everything in a lock is there for a request, directly or through others. */
function refuseUnreached(packages: readonly ResolvedPackage[]): void {
  const reached = new Set<string>();
  for (let before = -1; before < reached.size; ) {
    before = reached.size;
    for (const { record, reasons } of packages) {
      if (reasons.some((reason) => !('from' in reason) || reached.has(reason.from))) reached.add(record.name);
    }
  }
  const over = packages.find(({ record }) => !reached.has(record.name))?.record;
  if (over !== undefined) throw invalid(`nothing asks for its package ${over.name} ${over.version}`);
}
