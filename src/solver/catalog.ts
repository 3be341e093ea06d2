import type { Dependency, PackageRecord, Relation, Universe, VersionOrder } from '../distro/types.ts';
import { Budget } from './budget.ts';
import { type Judge, readPins, type Verdict } from './pins.ts';
import { matches, type RelationContext } from './relations.ts';
import type { Pin, SolverPolicy } from './types.ts';

export interface CatalogOptions {
  readonly universe: Universe;
  readonly versions: VersionOrder;
  readonly policy: SolverPolicy;
  /** Versions that requests ask for, by package name: they stand before the archive's candidate. */
  readonly pinned: ReadonlyMap<string, PackageRecord>;
  /** Names that must not be chosen. */
  readonly excluded: ReadonlySet<string>;
  /** Versions of which only one is the candidate may all be chosen. */
  readonly allVersions: boolean;
  /** Of the requests that ask it; undefined means no limit. */
  readonly budget?: Budget | undefined;
}

export interface MatchingOptions {
  /** Packages that the request leaves out too. */
  readonly excludedToo?: boolean;
  /** Those as well, and what pins never let be a candidate: for explanations. */
  readonly pinnedAwayToo?: boolean;
}

/** The options of a dependency in order of preference; `assumed` where something left out on purpose satisfies it. */
export interface Options {
  readonly records: readonly PackageRecord[];
  readonly assumed: boolean;
}

/**
 * The universe as apt's policy sees it: one candidate a name (or all versions, candidate first), what satisfies a
 * dependency and in which order, and what may not be together.
 */
export class Catalog {
  readonly context: RelationContext;
  readonly policy: SolverPolicy;
  readonly budget: Budget;
  readonly #options: CatalogOptions;
  readonly #versionsOf = new Map<string, readonly PackageRecord[]>();
  readonly #optionsOf = new Map<Dependency, Options>();
  readonly #enemiesOf = new Map<PackageRecord, readonly PackageRecord[]>();
  readonly #judge: Judge | undefined;
  /** What pins say of the versions that were looked at. */
  readonly #verdicts = new Map<PackageRecord, Verdict>();
  readonly #installed = new Map<string, PackageRecord>();
  /** Installed packages by the names that their Conflicts and Breaks speak of. */
  readonly #installedAgainst = new Map<string, PackageRecord[]>();

  constructor(options: CatalogOptions) {
    this.#options = options;
    this.policy = options.policy;
    this.budget = options.budget ?? new Budget(Number.POSITIVE_INFINITY);
    this.context = { architecture: options.universe.architecture, versions: options.versions };
    const { pins = [] } = options.policy;
    if (pins.length > 0) this.#judge = readPins(pins, this.context);
    for (const record of options.policy.installed ?? []) {
      this.#installed.set(record.name, record);
      for (const { name } of negativeRelations(record)) {
        const against = this.#installedAgainst.get(name);
        if (against === undefined) this.#installedAgainst.set(name, [record]);
        else against.push(record);
      }
    }
  }

  isInstalled(record: PackageRecord): boolean {
    return this.#installed.get(record.name) === record;
  }

  installed(name: string): PackageRecord | undefined {
    return this.#installed.get(name);
  }

  isExcluded(name: string): boolean {
    return this.#options.excluded.has(name);
  }

  /** Every version there is, candidate first: pin priority, then version. The same package of two suites counts once. */
  versionsOf(name: string): readonly PackageRecord[] {
    return remembered(this.#versionsOf, name, () => {
      const installed = this.#installed.get(name);
      return installed === undefined ? this.#sorted(name) : [installed];
    });
  }

  /** The versions that may be chosen. */
  domain(name: string): readonly PackageRecord[] {
    if (this.isExcluded(name)) return [];
    const versions = this.#choosable(name);
    return readable(this.#options.allVersions ? versions : versions.slice(0, 1));
  }

  /** The candidate of that name, where its stanza cannot be read: no lower version steps in for it unasked. */
  broken(name: string): PackageRecord | undefined {
    const [candidate] = this.#choosable(name);
    return candidate?.broken === undefined ? undefined : candidate;
  }

  /** The pin that keeps a version (one of `versionsOf`) from being a candidate: its priority is not above 0. */
  pinnedAway(record: PackageRecord): Pin | undefined {
    const verdict = this.#verdicts.get(record);
    return verdict !== undefined && verdict.priority <= 0 && !this.#isRequested(record) ? verdict.pin : undefined;
  }

  /** What satisfies a dependency, in the order in which apt tries it. */
  options(dependency: Dependency): Options {
    return remembered(this.#optionsOf, dependency, () => this.#findOptions(dependency));
  }

  /** Packages of the domain under one relation: those of that name, then providers as apt's CompareProviders has them. */
  matching(relation: Relation, options: MatchingOptions = {}): readonly PackageRecord[] {
    const { excludedToo = false, pinnedAwayToo = false } = options;
    const domain = (name: string): readonly PackageRecord[] => {
      if (pinnedAwayToo) return this.versionsOf(name).slice(0, 1);
      return excludedToo ? readable(this.#choosable(name).slice(0, 1)) : this.domain(name);
    };
    const named = domain(relation.name).filter((record) => matches(record, relation, this.context));
    const isNamed = new Set(named);
    return [...named, ...this.#providers(relation, domain).filter((record) => !isNamed.has(record))];
  }

  fits(record: PackageRecord, relation: Relation): boolean {
    return matches(record, relation, this.context);
  }

  /** What must be absent where `record` is present: by its own Conflicts and Breaks, and by those of installed packages. */
  enemies(record: PackageRecord): readonly PackageRecord[] {
    return remembered(this.#enemiesOf, record, () => this.#findEnemies(record));
  }

  /** The relation by which `a` keeps `b` out. */
  clash(a: PackageRecord, b: PackageRecord): { relation: Relation; kind: 'conflicts' | 'breaks' } | undefined {
    if (a.name === b.name) return undefined;
    this.budget.spend(a.conflicts.length + a.breaks.length);
    for (const kind of ['conflicts', 'breaks'] as const) {
      const relation = a[kind].find((candidate) => matches(b, candidate, this.context));
      if (relation !== undefined) return { relation, kind };
    }
    return undefined;
  }

  #findOptions(dependency: Dependency): Options {
    const first: PackageRecord[] = [];
    const rest: PackageRecord[] = [];
    const seen = new Set<PackageRecord>();
    let omitted = false;
    for (const relation of dependency) {
      if (this.#isOmitted(relation.name)) return { records: [], assumed: true };
      for (const record of this.matching(relation)) {
        if (seen.has(record)) continue;
        seen.add(record);
        if (this.#isOmitted(record.name)) omitted = true;
        else if (record === this.versionsOf(record.name)[0]) first.push(record);
        else rest.push(record);
      }
    }
    const records = first.concat(rest);
    return { records, assumed: omitted && records.length === 0 };
  }

  #findEnemies(record: PackageRecord): readonly PackageRecord[] {
    const found = new Set<PackageRecord>();
    for (const relation of negativeRelations(record)) {
      for (const other of this.matching(relation)) if (other.name !== record.name) found.add(other);
    }
    for (const name of [record.name, ...record.provides.map((provided) => provided.name)]) {
      for (const installed of this.#installedAgainst.get(name) ?? []) {
        if (installed.name !== record.name && this.clash(installed, record) !== undefined) found.add(installed);
      }
    }
    return [...found];
  }

  #isOmitted(name: string): boolean {
    return this.policy.omit?.has(name) === true;
  }

  #providers(relation: Relation, domain: (name: string) => readonly PackageRecord[]): readonly PackageRecord[] {
    const found = new Set<PackageRecord>();
    // Universes list providers in the order in which their indexes speak of them; between equals apt takes the last.
    const names = new Set(this.#options.universe.providers(relation.name).map((provider) => provider.name));
    this.budget.spend(names.size * providerSteps + this.#installed.size + 1);
    for (const name of [...names].reverse()) {
      for (const record of domain(name)) if (matches(record, relation, this.context)) found.add(record);
    }
    for (const installed of this.#installed.values()) {
      if (matches(installed, relation, this.context)) found.add(installed);
    }
    return [...found].sort(
      (a, b) =>
        Number(this.isInstalled(b)) - Number(this.isInstalled(a)) ||
        Number(b.name === relation.name) - Number(a.name === relation.name) ||
        Number(b.essential) - Number(a.essential) ||
        priorityRank(a) - priorityRank(b),
    );
  }

  #choosable(name: string): readonly PackageRecord[] {
    const versions = this.versionsOf(name);
    return this.#judge === undefined ? versions : versions.filter((record) => this.pinnedAway(record) === undefined);
  }

  #isRequested(record: PackageRecord): boolean {
    const pinned = this.#options.pinned.get(record.name);
    return pinned !== undefined && identityOf(record) === identityOf(pinned);
  }

  #sorted(name: string): readonly PackageRecord[] {
    const files = this.#options.universe.candidates(name);
    if (files.length < 2 && this.#judge === undefined) return files;
    const found = new Map<string, PackageRecord[]>();
    for (const record of files) {
      const same = found.get(identityOf(record));
      if (same === undefined) found.set(identityOf(record), [record]);
      else same.push(record);
    }
    const distinct = [...found.values()].map((same) => {
      const preferred = same.reduce((best, one) => (one.origin.priority > best.origin.priority ? one : best));
      if (this.#judge !== undefined) this.#verdicts.set(preferred, this.#judge(same));
      return preferred;
    });
    const priority = (record: PackageRecord): number => this.#verdicts.get(record)?.priority ?? record.origin.priority;
    return distinct.sort(
      (a, b) =>
        Number(this.#isRequested(b)) - Number(this.#isRequested(a)) ||
        priority(b) - priority(a) ||
        this.context.versions.compare(b.version, a.version) ||
        Number(a.broken !== undefined) - Number(b.broken !== undefined),
    );
  }
}

function readable(records: readonly PackageRecord[]): readonly PackageRecord[] {
  return records.some(isBroken) ? records.filter((record) => !isBroken(record)) : records;
}

function isBroken({ broken }: PackageRecord): boolean {
  return broken !== undefined;
}

/** A provider is looked up, compared, sorted and kept. */
const providerSteps = 8;

export function negativeRelations(record: PackageRecord): readonly Relation[] {
  return record.breaks.length === 0 ? record.conflicts : [...record.conflicts, ...record.breaks];
}

function remembered<K, V>(memory: Map<K, V>, key: K, make: () => V): V {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  return made;
}

/** One package found twice, in two suites, or as file and in an archive, has one identity. */
function identityOf(record: PackageRecord): string {
  return `${record.name} ${record.version} ${record.sha256}`;
}

const priorities = ['required', 'important', 'standard', 'optional', 'extra'];

function priorityRank(record: PackageRecord): number {
  const rank = priorities.indexOf(record.priority);
  return rank === -1 ? priorities.length : rank;
}
