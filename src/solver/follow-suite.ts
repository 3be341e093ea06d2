import type { Dependency, PackageRecord, Relation, Universe } from '../distro/types.ts';
import type { Catalog } from './catalog.ts';
import { readSuite } from './pins.ts';

export interface FollowOptions {
  readonly catalog: Catalog;
  readonly universe: Universe;
  /** Candidates that are settled already, by package name. */
  readonly chosen: ReadonlyMap<string, PackageRecord>;
}

/**
 * The candidates after a request `name/suite`, by package name: where the candidate for a versioned dependency is not
 * enough and the suite has a version that is, that one, and so on for its own dependencies. Where that leads nowhere,
 * nothing but the package itself changes.
 *
 * apt means the same (SetCandidateRelease, depcache.cc) and changes more: to it a candidate is enough only if what it
 * depends on is marked for installation already, which in an empty system is true of hardly any, and an unversioned
 * dependency on such a candidate ends the whole attempt. So apt 2.6 also takes older versions of the suite that nothing
 * asks for, or gives up.
 */
export function followSuite(
  root: PackageRecord,
  suite: string,
  options: FollowOptions,
): ReadonlyMap<string, PackageRecord> {
  return new Follower(root, suite, options).follow();
}

/** A version of the suite, and what would have to change for its sake. */
interface Target {
  /** Dependencies that the candidates do not satisfy, in order. */
  readonly gaps: readonly Gap[];
  leadsNowhere: boolean;
}

interface Gap {
  readonly dependency: Dependency;
  readonly required: boolean;
  readonly by: PackageRecord;
  /** Versions of the suite that would do, in order. */
  readonly fillers: readonly PackageRecord[];
  /** Fillers that may still lead somewhere. */
  open: number;
}

/** Looks at each version of the suite once, whatever leads to it; nothing recurses. */
class Follower {
  readonly #root: PackageRecord;
  readonly #options: FollowOptions;
  readonly #isSuite: ReturnType<typeof readSuite>;
  readonly #before: ReadonlyMap<string, PackageRecord>;
  readonly #targets = new Map<PackageRecord, Target>();
  /** Gaps by what could fill them. */
  readonly #filledBy = new Map<PackageRecord, Gap[]>();
  readonly #highest = new Map<string, PackageRecord | undefined>();

  constructor(root: PackageRecord, suite: string, options: FollowOptions) {
    this.#root = root;
    this.#options = options;
    this.#isSuite = readSuite(suite);
    this.#before = new Map([...options.chosen, [root.name, root]]);
  }

  follow(): ReadonlyMap<string, PackageRecord> {
    this.#reach();
    this.#rejectHopeless();
    return this.#take() ?? this.#before;
  }

  /** Finds every version of the suite that the root may lead to. */
  #reach(): void {
    const pending = [this.#root];
    for (let record = pending.pop(); record !== undefined; record = pending.pop()) {
      if (this.#targets.has(record)) continue;
      const gaps = this.#gapsOf(record);
      this.#targets.set(record, { gaps, leadsNowhere: false });
      for (const gap of gaps) {
        for (const filler of gap.fillers) {
          pending.push(filler);
          const filled = this.#filledBy.get(filler);
          if (filled === undefined) this.#filledBy.set(filler, [gap]);
          else filled.push(gap);
        }
      }
    }
  }

  #gapsOf(record: PackageRecord): readonly Gap[] {
    const wanted = this.#options.catalog.policy.recommends ? record.recommends : [];
    const gaps = (dependencies: readonly Dependency[], required: boolean): readonly Gap[] =>
      dependencies
        .filter((dependency) => !this.#isFine(dependency, this.#before))
        .map((dependency) => {
          const fillers = [...new Set(dependency.flatMap((relation) => this.#ofSuite(relation) ?? []))];
          return { dependency, required, by: record, fillers, open: fillers.length };
        });
    return [...gaps(record.preDepends, true), ...gaps(record.depends, true), ...gaps(wanted, false)];
  }

  /** A version with a gap that nothing fills leads nowhere, and so on up from it. */
  #rejectHopeless(): void {
    const gaps = [...this.#targets.values()].flatMap((target) => target.gaps);
    const hopeless = gaps.filter((gap) => gap.open === 0);
    for (let gap = hopeless.pop(); gap !== undefined; gap = hopeless.pop()) {
      const target = this.#targets.get(gap.by);
      if (!gap.required || target === undefined || target.leadsNowhere) continue;
      target.leadsNowhere = true;
      for (const above of this.#filledBy.get(gap.by) ?? []) if (--above.open === 0) hopeless.push(above);
    }
  }

  /** Fills gaps depth first, each with the first that leads somewhere. Undefined where one stays open. */
  #take(): ReadonlyMap<string, PackageRecord> | undefined {
    if (!this.#leadsOn(this.#root)) return undefined;
    const taken = new Map(this.#before);
    const pending = this.#gapsFor(this.#root).toReversed();
    for (let gap = pending.pop(); gap !== undefined; gap = pending.pop()) {
      if (this.#isFine(gap.dependency, taken)) continue;
      const filler = gap.fillers.find((record) => this.#leadsOn(record) && !taken.has(record.name));
      if (filler === undefined && gap.required) return undefined;
      if (filler === undefined) continue;
      taken.set(filler.name, filler);
      for (const deeper of this.#gapsFor(filler).toReversed()) pending.push(deeper);
    }
    return taken;
  }

  #gapsFor(record: PackageRecord): readonly Gap[] {
    return this.#targets.get(record)?.gaps ?? [];
  }

  #leadsOn(record: PackageRecord): boolean {
    return this.#targets.get(record)?.leadsNowhere === false;
  }

  #isFine(dependency: Dependency, candidates: ReadonlyMap<string, PackageRecord>): boolean {
    const { catalog } = this.#options;
    return dependency.some((relation) => {
      const candidate = candidates.get(relation.name) ?? catalog.domain(relation.name)[0];
      if (candidate !== undefined && catalog.fits(candidate, relation)) return true;
      return catalog.matching(relation).some(({ name }) => name !== relation.name);
    });
  }

  /** The highest version that the suite has, if that is enough. What was asked for stays. */
  #ofSuite(relation: Relation): PackageRecord | undefined {
    const { name, version } = relation;
    if (version === undefined || this.#before.has(name)) return undefined;
    if (!this.#highest.has(name)) this.#highest.set(name, this.#highestOf(name));
    const highest = this.#highest.get(name);
    return highest !== undefined && this.#options.catalog.fits(highest, relation) ? highest : undefined;
  }

  #highestOf(name: string): PackageRecord | undefined {
    const { catalog, universe } = this.#options;
    const key = (record: PackageRecord): string => `${record.version} ${record.sha256}`;
    const inSuite = new Set(
      universe
        .candidates(name)
        .filter(({ origin }) => this.#isSuite(origin))
        .map(key),
    );
    const [highest] = catalog
      .versionsOf(name)
      .filter((record) => inSuite.has(key(record)))
      .toSorted((a, b) => catalog.context.versions.compare(b.version, a.version));
    return highest;
  }
}
