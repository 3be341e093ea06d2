import type { Dependency, PackageRecord } from '../distro/types.ts';
import type { Catalog } from './catalog.ts';
import { nearMisses } from './near-misses.ts';
import type { Conflict } from './types.ts';

/** A package that has to be there, and the names that lead to it from a request. */
export interface Placed {
  readonly record: PackageRecord;
  readonly chain: readonly string[];
  /** The dependency that asks for it; undefined for a request. */
  readonly needs?: Dependency | undefined;
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

export type ClashConflict = Extract<Conflict, { type: 'clash' }>;

/**
 * Follows every dependency that has but one option, from packages that have to be there, until something cannot be.
 * This is what a person would do by hand, so it is what an explanation is made of.
 */
export function derive(catalog: Catalog, start: readonly Placed[]): Derivation {
  const choices: OpenChoice[] = [];
  const places = new Places(catalog);
  for (const step of follow(catalog, start, places)) {
    if (step.type === 'failure') return { failure: step.conflict, choices: [] };
    choices.push(step.choice);
  }
  const undecided = choices.filter(({ options }) => !options.some(({ record }) => places.has(record)));
  return { failure: undefined, choices: undecided };
}

/** Every clash between packages that have to be there. */
export function clashes(catalog: Catalog, start: readonly Placed[]): readonly ClashConflict[] {
  const found: ClashConflict[] = [];
  for (const step of follow(catalog, start, new Places(catalog))) {
    if (step.type === 'failure' && step.conflict.type === 'clash') found.push(step.conflict);
  }
  return found;
}

export function label(record: PackageRecord): string {
  return `${record.name} ${record.version}`;
}

type Step =
  | { readonly type: 'failure'; readonly conflict: Conflict }
  | { readonly type: 'choice'; readonly choice: OpenChoice };

function* follow(catalog: Catalog, start: readonly Placed[], places: Places): Iterable<Step> {
  const queue = [...start];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (places.has(next.record)) continue;
    for (const conflict of places.add(next)) yield { type: 'failure', conflict };
    if (catalog.isInstalled(next.record)) continue;
    for (const dependency of needsOf(catalog, next.record)) {
      const { records, assumed } = catalog.options(dependency);
      if (assumed || records.some((record) => record === next.record || catalog.isInstalled(record))) continue;
      const options = records.map((record) => ({ record, chain: [...next.chain, record.name], needs: dependency }));
      const [only] = options;
      if (only === undefined) yield { type: 'failure', conflict: unmet(catalog, next, dependency) };
      else if (options.length === 1) queue.push(only);
      else yield { type: 'choice', choice: { by: next, dependency, options } };
    }
  }
}

function needsOf(catalog: Catalog, record: PackageRecord): readonly Dependency[] {
  return catalog.policy.dependencies === 'none' ? [] : [...record.preDepends, ...record.depends];
}

/** The packages placed so far, and what they keep out. */
class Places {
  readonly #catalog: Catalog;
  readonly #byRecord = new Map<PackageRecord, Placed>();
  readonly #byName = new Map<string, Placed>();
  readonly #keptOutBy = new Map<PackageRecord, Placed[]>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  has(record: PackageRecord): boolean {
    return this.#byRecord.has(record);
  }

  /** The clashes of `next` with what is there. */
  add(next: Placed): readonly ClashConflict[] {
    const { record } = next;
    const found: (ClashConflict | undefined)[] = [];
    const rival = this.#byName.get(record.name);
    if (rival !== undefined) found.push(otherVersion(rival, next));
    for (const enemy of this.#keptOutBy.get(record) ?? []) found.push(this.#clash(enemy, next));
    this.#byRecord.set(record, next);
    this.#byName.set(record.name, next);
    for (const enemy of this.#catalog.isInstalled(record) ? [] : this.#catalog.enemies(record)) {
      const there = this.#catalog.isInstalled(enemy) ? { record: enemy, chain: [] } : this.#byRecord.get(enemy);
      // An installed package may be the one that declares it.
      if (there !== undefined) found.push(this.#clash(next, there) ?? this.#clash(there, next));
      const keepers = this.#keptOutBy.get(enemy);
      if (keepers === undefined) this.#keptOutBy.set(enemy, [next]);
      else keepers.push(next);
    }
    return found.filter((clash) => clash !== undefined);
  }

  #clash(a: Placed, b: Placed): ClashConflict | undefined {
    const found = this.#catalog.clash(a.record, b.record);
    if (found === undefined) return undefined;
    return { type: 'clash', a: label(a.record), b: label(b.record), ...found, chainA: a.chain, chainB: b.chain };
  }
}

function otherVersion(a: Placed, b: Placed): ClashConflict {
  return {
    type: 'clash',
    a: label(a.record),
    b: label(b.record),
    relation: { name: a.record.name },
    kind: 'versions',
    chainA: a.chain,
    chainB: b.chain,
    needsA: a.needs,
    needsB: b.needs,
  };
}

/** A dependency without any option: each package that comes near it, and why it does not do. */
function unmet(catalog: Catalog, by: Placed, dependency: Dependency): Conflict {
  return {
    type: 'unmet',
    needs: dependency,
    by: label(by.record),
    chain: by.chain,
    rejected: nearMisses(catalog, dependency),
  };
}
