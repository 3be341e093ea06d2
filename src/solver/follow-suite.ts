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
 * The candidates after a request `name/suite`, by package name. As apt does it (SetCandidateRelease, depcache.cc): where
 * the candidate for a versioned dependency is not enough and the suite has a version that is, that one, and so on for
 * its own dependencies. Where that leads nowhere, nothing but the package itself changes.
 */
export function followSuite(
  root: PackageRecord,
  suite: string,
  options: FollowOptions,
): ReadonlyMap<string, PackageRecord> {
  const follower = new Follower(root, suite, options);
  return follower.leads(root) ? follower.candidates : new Map([...options.chosen, [root.name, root]]);
}

class Follower {
  candidates: Map<string, PackageRecord>;
  readonly #options: FollowOptions;
  readonly #isSuite: ReturnType<typeof readSuite>;

  constructor(root: PackageRecord, suite: string, options: FollowOptions) {
    this.candidates = new Map([...options.chosen, [root.name, root]]);
    this.#options = options;
    this.#isSuite = readSuite(suite);
  }

  /** Whether every dependency is fine, or was made so by another candidate. */
  leads(record: PackageRecord): boolean {
    const needed = [...record.preDepends, ...record.depends];
    if (!needed.every((dependency) => this.#isFine(dependency) || this.#isMadeFine(dependency))) return false;
    const wanted = this.#options.catalog.policy.recommends ? record.recommends : [];
    for (const dependency of wanted) if (!this.#isFine(dependency)) this.#isMadeFine(dependency);
    return true;
  }

  #isFine(dependency: Dependency): boolean {
    const { catalog } = this.#options;
    return dependency.some((relation) => {
      const candidate = this.candidates.get(relation.name) ?? catalog.domain(relation.name)[0];
      if (candidate !== undefined && catalog.fits(candidate, relation)) return true;
      return catalog.matching(relation).some(({ name }) => name !== relation.name);
    });
  }

  #isMadeFine(dependency: Dependency): boolean {
    return dependency.some((relation) => {
      const target = this.#ofSuite(relation);
      if (target === undefined || this.#isSettled(target)) return false;
      const before = new Map(this.candidates);
      this.candidates.set(target.name, target);
      if (this.leads(target)) return true;
      this.candidates = before;
      return false;
    });
  }

  /** What was asked for stays. */
  #isSettled({ name }: PackageRecord): boolean {
    return this.candidates.has(name);
  }

  /** The highest version that the suite has, if that is enough. */
  #ofSuite(relation: Relation): PackageRecord | undefined {
    if (relation.version === undefined) return undefined;
    const { catalog, universe } = this.#options;
    const inSuite = universe.candidates(relation.name).filter(({ origin }) => this.#isSuite(origin));
    const [highest] = catalog
      .versionsOf(relation.name)
      .filter((record) => inSuite.some(({ version, sha256 }) => version === record.version && sha256 === record.sha256))
      .toSorted((a, b) => catalog.context.versions.compare(b.version, a.version));
    return highest !== undefined && catalog.fits(highest, relation) ? highest : undefined;
  }
}
