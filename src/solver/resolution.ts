import type { Dependency, PackageRecord } from '../distro/types.ts';
import { compareStrings } from '../util/text.ts';
import type { Catalog } from './catalog.ts';
import { dependencyOrder } from './order.ts';
import type { PackageRequest, Reason, Resolution } from './types.ts';

export interface Root {
  readonly request: PackageRequest;
  readonly record: PackageRecord;
}

/**
 * What of the chosen packages is needed, and why. A search may choose a package that a later choice made needless; like
 * apt's automatic removal, this keeps what a root reaches, through every alternative that is satisfied.
 */
export function makeResolution(catalog: Catalog, roots: readonly Root[], chosen: readonly PackageRecord[]): Resolution {
  const isChosen = new Set(chosen);
  const reasons = new Map<PackageRecord, Reason[]>();
  const needs = new Map<PackageRecord, PackageRecord[]>();
  const queue: PackageRecord[] = [];
  const reach = (record: PackageRecord, reason: Reason): void => {
    const known = reasons.get(record);
    if (known !== undefined) {
      known.push(reason);
      return;
    }
    reasons.set(record, [reason]);
    queue.push(record);
  };
  for (const { request, record } of roots) {
    if (!catalog.isInstalled(record)) reach(record, rootReason(request));
  }
  for (let record = queue.shift(); record !== undefined; record = queue.shift()) {
    const needed: PackageRecord[] = [];
    for (const { type, dependency } of edges(catalog, record)) {
      for (const option of catalog.options(dependency).records) {
        if (option === record || !isChosen.has(option) || catalog.isInstalled(option)) continue;
        reach(option, { type, from: record.name, dependency });
        if (type !== 'recommends') needed.push(option);
      }
    }
    needs.set(record, needed);
  }
  const packages = [...reasons]
    .map(([record, all]) => ({ record, reasons: all.toSorted(byReason) }))
    .sort((a, b) => compareStrings(a.record.name, b.record.name));
  const records = packages.map(({ record }) => record);
  return { packages, order: dependencyOrder(records, (record) => needs.get(record) ?? []) };
}

function rootReason(request: PackageRequest): Reason {
  return request.base === true ? { type: 'base' } : { type: 'request', text: request.text };
}

type EdgeType = 'pre-depends' | 'depends' | 'recommends';

function edges(catalog: Catalog, record: PackageRecord): readonly { type: EdgeType; dependency: Dependency }[] {
  if (catalog.policy.dependencies === 'none') return [];
  const of = (type: EdgeType, dependencies: readonly Dependency[]) =>
    dependencies.map((dependency) => ({ type, dependency }));
  return [
    ...of('pre-depends', record.preDepends),
    ...of('depends', record.depends),
    ...of('recommends', catalog.policy.recommends ? record.recommends : []),
  ];
}

const reasonRank = { request: 0, base: 1, 'pre-depends': 2, depends: 2, recommends: 3 } as const;

/** Requests first, in their order; then the packages that need it, by name. */
function byReason(a: Reason, b: Reason): number {
  const nameOf = (reason: Reason): string => ('from' in reason ? reason.from : '');
  return reasonRank[a.type] - reasonRank[b.type] || compareStrings(nameOf(a), nameOf(b));
}
