import type { Dependency, PackageRecord, Relation } from '../distro/types.ts';
import type { Catalog } from './catalog.ts';
import type { Rejection } from './types.ts';

/** The packages that come near a dependency which nothing meets, and why each does not do. */
export function nearMisses(catalog: Catalog, dependency: Dependency): readonly Rejection[] {
  const told = new Map<string, Rejection>();
  for (const miss of dependency.flatMap((relation) => missesOf(catalog, relation))) {
    const key = `${miss.candidate} ${miss.because}`;
    if (!told.has(key)) told.set(key, miss);
  }
  return [...told.values()];
}

/** Each is some texts to make and to keep. */
const missSteps = 40;

type Miss = Pick<Rejection, 'reason' | 'because'>;

function missesOf(catalog: Catalog, relation: Relation): readonly Rejection[] {
  const named = catalog.versionsOf(relation.name);
  const providers = catalog
    .matching({ name: relation.name }, { pinnedAwayToo: true })
    .filter((record) => record.name !== relation.name);
  // What is left out is left out in every version.
  const near = [...(catalog.isExcluded(relation.name) ? named.slice(0, 1) : named), ...providers];
  if (near.length === 0) {
    return [{ candidate: relation.name, reason: 'missing', because: 'no archive has it', causes: [] }];
  }
  catalog.budget.spend(near.length * missSteps);
  return near.map((record) => ({
    candidate: `${record.name} ${record.version}`,
    ...(catalog.isInstalled(record) ? installedMiss(relation) : judge(catalog, record, relation)),
    suite: placeOf(catalog, record),
    causes: [],
  }));
}

/** It stays as it is, whatever the archives have. */
function installedMiss(relation: Relation): Miss {
  return { reason: 'installed', because: offVersion(relation) };
}

function placeOf(catalog: Catalog, record: PackageRecord): string | undefined {
  if (catalog.isInstalled(record)) return 'in the image below';
  return record.origin.suite === '' ? undefined : record.origin.suite;
}

function judge(catalog: Catalog, record: PackageRecord, relation: Relation): Miss {
  return whyLeftOut(catalog, record) ?? whyUnfit(catalog, record, relation) ?? whyNotChosen(catalog, record, relation);
}

function whyLeftOut(catalog: Catalog, record: PackageRecord): Miss | undefined {
  const { name } = record;
  return catalog.isExcluded(name) ? { reason: 'excluded', because: `the request "${name}-" leaves it out` } : undefined;
}

function whyUnfit(catalog: Catalog, record: PackageRecord, relation: Relation): Miss | undefined {
  if (record.name !== relation.name && relation.operator !== undefined) return unfitProvider(catalog, record, relation);
  const { qualifier, ...unqualified } = relation;
  if (!catalog.fits(record, unqualified)) return { reason: 'version', because: offVersion(relation) };
  if (catalog.fits(record, relation)) return undefined;
  const because =
    qualifier === 'any' ? `it is not "Multi-Arch: allowed", as ${record.name}:any wants` : `it is not for ${qualifier}`;
  return { reason: 'architecture', because };
}

function unfitProvider(catalog: Catalog, record: PackageRecord, relation: Relation): Miss | undefined {
  if (catalog.fits(record, relation)) return undefined;
  const provided = record.provides.find(({ name }) => name === relation.name);
  const version = provided?.version === undefined ? 'without a version' : `in version ${provided.version}`;
  return { reason: 'version', because: `it provides ${relation.name} ${version}` };
}

function offVersion({ operator }: Relation): string {
  if (operator === '>=' || operator === '>>') return 'too old';
  return operator === undefined || operator === '=' ? 'not that version' : 'too new';
}

function whyNotChosen(catalog: Catalog, record: PackageRecord, relation: Relation): Miss {
  const pin = catalog.pinnedAway(record);
  if (pin !== undefined) return { reason: 'pinned', because: `the pin "${pin.text}" keeps it out` };
  if (record.broken !== undefined) {
    return { reason: 'broken', because: `its stanza cannot be read: ${record.broken}` };
  }
  const broken = catalog.broken(record.name);
  if (broken !== undefined) return { reason: 'outranked', because: `version ${broken.version} is preferred to it` };
  const taken = catalog.domain(record.name)[0];
  if (taken === undefined) return { reason: 'outranked', because: 'it cannot be chosen' };
  const same = relation.name === record.name ? '' : ` of ${record.name}`;
  return { reason: 'outranked', because: `version ${taken.version}${same} is taken in its place` };
}
