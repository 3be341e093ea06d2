import type { PackageRecord, Universe, VersionOrder } from '../distro/types.ts';
import { Budget } from './budget.ts';
import { Catalog } from './catalog.ts';
import { explain } from './explain.ts';
import { followSuite } from './follow-suite.ts';
import { PackageGraph, type Vertex } from './graph.ts';
import { twoVersions, withExclusions } from './request-refusals.ts';
import { checkExclusion, readSuffix, select } from './requests.ts';
import { makeResolution, type Root } from './resolution.ts';
import { search } from './search.ts';
import type { Conflict, PackageRequest, SolverAnswer, SolverPolicy } from './types.ts';
import { walk } from './walk.ts';

export interface ResolveOptions {
  readonly policy: SolverPolicy;
  readonly versions: VersionOrder;
  /** Of each request. */
  readonly budget?: Budget | undefined;
}

/** Answers requests about one universe under one policy. */
export interface Resolver {
  /** As the function `resolve`. */
  resolve(requests: readonly PackageRequest[]): SolverAnswer;
}

/**
 * Chooses the packages that satisfy all requests, the same ones for the same input, as apt would choose them where apt
 * finds an answer; the search itself is complete. Only the candidate version of each package is considered, as apt does.
 * Where a request names a version or a suite and the candidates do not go with it, other versions are tried as well.
 * @throws SlimimageError LIMIT_EXCEEDED where the search was given up, and what the universe throws when asked
 */
export function resolve(
  universe: Universe,
  requests: readonly PackageRequest[],
  options: ResolveOptions,
): SolverAnswer {
  return createResolver(universe, options).resolve(requests);
}

/** For many requests, each on its own: what one of them found out about the universe is kept for the next. */
export function createResolver(
  universe: Universe,
  { policy, versions, budget = new Budget() }: ResolveOptions,
): Resolver {
  const catalogOf = (choice: Pick<ReadRequests, 'excluded' | 'pinned'>, allVersions: boolean): Catalog =>
    new Catalog({ universe, versions, policy, ...choice, allVersions, budget });
  const shared = new PackageGraph(catalogOf({ pinned: new Map(), excluded: new Set() }, false));
  return {
    resolve(requests) {
      budget.begin(requests.filter(({ base }) => base !== true).map(({ text }) => text));
      const { roots, excluded, pinned, conflicts } = readRequests(universe, requests, shared.catalog);
      if (conflicts.length > 0) return { ok: false, conflicts };
      const isPlain = pinned.size === 0 && excluded.size === 0;
      const graph = isPlain ? shared : new PackageGraph(catalogOf({ excluded, pinned }, false));
      const found = answer(graph, roots);
      if (found !== undefined) return found;
      if (pinned.size === 0) return { ok: false, conflicts: explain(graph, roots) };
      const wider = new PackageGraph(catalogOf({ excluded, pinned }, true));
      return answer(wider, roots) ?? { ok: false, conflicts: explain(wider, roots) };
    },
  };
}

function answer(graph: PackageGraph, roots: readonly Root[]): SolverAnswer | undefined {
  const vertices = roots.map(({ record }) => graph.vertex(record));
  const chosenIn = walk(graph, vertices) ?? searchAll(graph, vertices);
  return chosenIn === undefined ? undefined : { ok: true, resolution: makeResolution(graph, roots, chosenIn) };
}

function searchAll(graph: PackageGraph, roots: readonly Vertex[]): number | undefined {
  const chosen = search(graph, roots);
  return chosen && graph.choose(chosen);
}

interface ReadRequests {
  readonly roots: readonly Root[];
  readonly excluded: ReadonlySet<string>;
  readonly pinned: ReadonlyMap<string, PackageRecord>;
  readonly conflicts: readonly Conflict[];
}

function readRequests(universe: Universe, requests: readonly PackageRequest[], catalog: Catalog): ReadRequests {
  const roots: Root[] = [];
  const excluded = new Set<string>();
  const pinned = new Map<string, PackageRecord>();
  const conflicts: Conflict[] = [];
  for (const written of requests) {
    const request = readSuffix(written, catalog);
    if (request.exclude === true) {
      const conflict = checkExclusion(request, catalog, universe);
      if (conflict !== undefined) conflicts.push(conflict);
      excluded.add(request.name);
      continue;
    }
    const selection = select(request, catalog, universe);
    if (!selection.ok) {
      conflicts.push(selection.conflict);
      continue;
    }
    const { record } = selection;
    const earlier = roots.find((root) => root.record === pinned.get(record.name));
    if (selection.pinned && earlier !== undefined && earlier.record !== record) {
      conflicts.push(twoVersions(earlier, { request, record }));
    }
    if (selection.pinned) pinned.set(record.name, record);
    roots.push({ request, record });
  }
  for (const { request, record } of roots) {
    excluded.delete(record.name);
    if (request.suite === undefined) continue;
    const followed = followSuite(record, request.suite, { catalog, universe, chosen: pinned });
    for (const [name, candidate] of followed) pinned.set(name, candidate);
  }
  const told = conflicts.map((conflict) => withExclusions(conflict, excluded));
  // A plain request for a name that another one pins means the pinned version.
  const settled = roots.map(({ request, record }) => ({ request, record: pinned.get(record.name) ?? record }));
  return { roots: settled, excluded, pinned, conflicts: told };
}
