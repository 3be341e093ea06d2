import { debianVersions } from '../../distro/debian/version.ts';
import type { Dependency, PackageRecord } from '../../distro/types.ts';
import type { SbomDependency, SbomPackage } from '../../sbom/types.ts';
import { matches } from '../../solver/relations.ts';
import { renderDependency } from '../../solver/render.ts';
import { compareStrings } from '../../util/text.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';

export type PackageNeeds = Pick<SbomPackage, 'dependencies' | 'omittedDependencies'>;

type EdgeType = SbomDependency['type'];

/** Stronger ones first: a package that is needed in several ways is listed once. */
const edgeTypes: readonly EdgeType[] = ['pre-depends', 'depends', 'recommends'];

/**
 * What a package of the image needs, by its name: what was found for it, and what was left out (`omit:`, `dependencies: none`, by whoever
 * made the image below). Between the packages of this build as they were resolved, with the image below as they declare.
 */
export function packageNeeds({ resolved, base }: Pick<AssembledPlatform, 'resolved' | 'base'>) {
  const { resolution, architecture } = resolved;
  const own = resolution.packages.map(({ record }) => record);
  const names = new Set(own.map(({ name }) => name));
  const installed = (base?.installed ?? []).filter(({ name }) => !names.has(name));
  const edges = new Edges();
  for (const { record, reasons } of resolution.packages)
    for (const reason of reasons) if ('from' in reason) edges.add(reason.from, record.name, reason.type);
  const findBelow = finder(installed, architecture);
  const find = finder([...own, ...installed], architecture);
  const omitted = new Map<string, readonly string[]>();
  for (const record of [...own, ...installed]) {
    for (const type of edgeTypes)
      for (const dependency of dependenciesIn(record, type))
        for (const { name } of findBelow(dependency)) edges.add(record.name, name, type);
    const left = [...record.preDepends, ...record.depends].filter((dependency) => find(dependency).length === 0);
    omitted.set(record.name, [...new Set(left.map(renderDependency))]);
  }
  return (name: string): PackageNeeds => ({
    dependencies: edges.from(name),
    omittedDependencies: omitted.get(name) ?? [],
  });
}

class Edges {
  readonly #edges = new Map<string, Map<string, EdgeType>>();

  add(from: string, to: string, type: EdgeType): void {
    if (from === to) return;
    const known = this.#edges.get(from) ?? new Map<string, EdgeType>();
    this.#edges.set(from, known);
    const earlier = known.get(to);
    if (earlier === undefined || edgeTypes.indexOf(type) < edgeTypes.indexOf(earlier)) known.set(to, type);
  }

  from(name: string): readonly SbomDependency[] {
    const known = [...(this.#edges.get(name) ?? [])];
    return known.map(([to, type]) => ({ name: to, type })).sort((a, b) => compareStrings(a.name, b.name));
  }
}

function dependenciesIn({ preDepends, depends, recommends }: PackageRecord, type: EdgeType): readonly Dependency[] {
  return { 'pre-depends': preDepends, depends, recommends }[type];
}

/** Packages that satisfy an alternative of a dependency. */
function finder(records: readonly PackageRecord[], architecture: string) {
  const byName = new Map<string, PackageRecord[]>();
  for (const record of records)
    for (const name of new Set([record.name, ...record.provides.map((provided) => provided.name)])) {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [record]);
      else known.push(record);
    }
  const context = { architecture, versions: debianVersions };
  return (dependency: Dependency) =>
    dependency.flatMap((relation) =>
      (byName.get(relation.name) ?? []).filter((candidate) => matches(candidate, relation, context)),
    );
}
