import type { Dependency, PackageRecord, Relation } from '../distro/types.ts';
import type { Catalog } from './catalog.ts';
import type { Conflict } from './types.ts';

/** A package that has to be there, and the names that lead to it from a request. */
export interface Placed {
  readonly record: PackageRecord;
  readonly chain: readonly string[];
}

/** A dependency with more than one option. */
export interface OpenChoice {
  readonly by: Placed;
  readonly dependency: Dependency;
  readonly options: readonly Placed[];
}

export interface Derivation {
  /** What cannot be, as soon as it is known. */
  readonly failure: Conflict | undefined;
  readonly choices: readonly OpenChoice[];
}

/**
 * Follows every dependency that has but one option, from packages that have to be there, until something cannot be.
 * This is what a person would do by hand, so it is what an explanation is made of.
 */
export function derive(catalog: Catalog, start: readonly Placed[]): Derivation {
  const placed = new Places(catalog);
  const choices: OpenChoice[] = [];
  const queue = [...start];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (placed.has(next.record)) continue;
    const failure = placed.add(next);
    if (failure !== undefined) return { failure, choices: [] };
    if (catalog.isInstalled(next.record)) continue;
    for (const dependency of needsOf(catalog, next.record)) {
      const { records, assumed } = catalog.options(dependency);
      if (assumed || records.some((record) => record === next.record || catalog.isInstalled(record))) continue;
      const options = records.map((record) => ({ record, chain: [...next.chain, record.name] }));
      const [only] = options;
      if (only === undefined) return { failure: unmet(catalog, next, dependency), choices: [] };
      if (options.length === 1) queue.push(only);
      else choices.push({ by: next, dependency, options });
    }
  }
  const undecided = choices.filter(({ options }) => !options.some(({ record }) => placed.has(record)));
  return { failure: undefined, choices: undecided };
}

export function label(record: PackageRecord): string {
  return `${record.name} ${record.version}`;
}

function needsOf(catalog: Catalog, record: PackageRecord): readonly Dependency[] {
  return catalog.policy.dependencies === 'none' ? [] : [...record.preDepends, ...record.depends];
}

function clash(catalog: Catalog, a: Placed, b: Placed): Conflict | undefined {
  const isOtherVersion = a.record.name === b.record.name && a.record !== b.record;
  const found = isOtherVersion
    ? { relation: { name: a.record.name }, kind: 'versions' as const }
    : catalog.clash(a.record, b.record);
  if (found === undefined) return undefined;
  return { type: 'clash', a: label(a.record), b: label(b.record), ...found, chainA: a.chain, chainB: b.chain };
}

/** The packages placed so far, and what they keep out. */
class Places {
  readonly #catalog: Catalog;
  readonly #byRecord = new Map<PackageRecord, Placed>();
  readonly #byName = new Map<string, Placed>();
  readonly #keptOutBy = new Map<PackageRecord, Placed>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  has(record: PackageRecord): boolean {
    return this.#byRecord.has(record);
  }

  /** The clash where `next` cannot be with what is there. */
  add(next: Placed): Conflict | undefined {
    const { record } = next;
    const rival = this.#byName.get(record.name) ?? this.#keptOutBy.get(record);
    if (rival !== undefined) return clash(this.#catalog, rival, next);
    this.#byRecord.set(record, next);
    this.#byName.set(record.name, next);
    if (this.#catalog.isInstalled(record)) return undefined;
    for (const enemy of this.#catalog.enemies(record)) {
      const there = this.#catalog.isInstalled(enemy) ? { record: enemy, chain: [] } : this.#byRecord.get(enemy);
      if (there !== undefined) return clash(this.#catalog, next, there) ?? clash(this.#catalog, there, next);
      this.#keptOutBy.set(enemy, next);
    }
    return undefined;
  }
}

/** A dependency without any option: each package that comes near it, and why it does not do. */
function unmet(catalog: Catalog, by: Placed, dependency: Dependency): Conflict {
  return {
    type: 'unmet',
    needs: dependency,
    by: label(by.record),
    chain: by.chain,
    rejected: dependency.flatMap((relation) => nearMisses(catalog, relation)),
  };
}

type Rejection = Extract<Conflict, { type: 'unmet' }>['rejected'][number];

function nearMisses(catalog: Catalog, relation: Relation): readonly Rejection[] {
  const named = catalog.versionsOf(relation.name);
  const providers = catalog
    .matching({ name: relation.name }, { excludedToo: true })
    .filter((record) => record.name !== relation.name);
  const near = [...named, ...providers];
  if (near.length === 0) return [{ candidate: relation.name, because: 'no archive has it', causes: [] }];
  return near.map((record) => ({ candidate: label(record), because: miss(catalog, record, relation), causes: [] }));
}

function miss(catalog: Catalog, record: PackageRecord, relation: Relation): string {
  if (catalog.isExcluded(record.name)) return `the request leaves ${record.name} out`;
  if (record.name !== relation.name && relation.operator !== undefined) {
    const provided = record.provides.find(({ name }) => name === relation.name);
    return provided?.version === undefined
      ? `it provides ${relation.name} without a version`
      : `it provides ${relation.name} in version ${provided.version}`;
  }
  const { qualifier: _, ...unqualified } = relation;
  if (!catalog.fits(record, unqualified)) return 'its version does not do';
  if (!catalog.fits(record, relation)) {
    return relation.qualifier === 'any' ? 'it is not Multi-Arch: allowed' : `it is not for ${relation.qualifier}`;
  }
  const candidate = catalog.domain(record.name)[0];
  return candidate === undefined ? 'it cannot be chosen' : `version ${candidate.version} takes precedence`;
}
