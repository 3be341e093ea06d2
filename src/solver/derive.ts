import type { Dependency, PackageRecord } from '../distro/types.ts';
import type { PackageGraph, Vertex } from './graph.ts';
import { nearMisses } from './near-misses.ts';
import type { Conflict } from './types.ts';

/** A package that has to be there, and what leads to it: a chain of sixty thousand is one link a package. */
export interface Placed {
  readonly vertex: Vertex;
  /** The request as written, or the package that needs it; undefined where it is installed already. */
  readonly by: Placed | string | undefined;
  /** The dependency that asks for it; undefined for a request. */
  readonly needs?: Dependency | undefined;
}

/** A dependency with more than one option. */
export interface OpenChoice {
  readonly by: Placed;
  readonly dependency: Dependency;
  readonly options: readonly Vertex[];
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
 * @throws SlimimageError LIMIT_EXCEEDED where the budget is spent
 */
export function derive(graph: PackageGraph, start: readonly Placed[]): Derivation {
  const choices: OpenChoice[] = [];
  const places = new Places(graph);
  for (const step of follow(graph, start, places)) {
    if (step.type !== 'choice') return { failure: step.tell(), choices: [] };
    choices.push(step.choice);
  }
  const undecided = choices.filter(({ options }) => {
    graph.budget.spend(options.length);
    return !options.some((option) => places.has(option));
  });
  return { failure: undefined, choices: undecided };
}

/** Whether `derive` would find a failure. */
export function failsAtOnce(graph: PackageGraph, start: readonly Placed[]): boolean {
  for (const { type } of follow(graph, start, new Places(graph))) if (type !== 'choice') return true;
  return false;
}

/** Clashes between packages that have to be there, the first `most` of them. */
export function clashes(graph: PackageGraph, start: readonly Placed[], most: number): readonly ClashConflict[] {
  const found: ClashConflict[] = [];
  for (const step of follow(graph, start, new Places(graph))) {
    if (step.type === 'clash') found.push(step.tell());
    if (found.length === most) break;
  }
  return found;
}

/** Puts one option of a choice into the place that it would have. */
export function placeOption({ by, dependency }: OpenChoice, option: Vertex): Placed {
  return { vertex: option, by, needs: dependency };
}

/** From the request, as written, down to the name of the package; [] where it is installed already. */
export function chainOf(placed: Placed): readonly string[] {
  const names: string[] = [];
  let at = placed;
  for (; typeof at.by === 'object'; at = at.by) names.push(at.vertex.record.name);
  return at.by === undefined ? [] : [at.by, ...names.reverse()];
}

export function label(record: PackageRecord): string {
  return `${record.name} ${record.version}`;
}

/** What a failure has to tell, with the whole way to it, is only put together for those that are told. */
type Step =
  | { readonly type: 'clash'; readonly tell: () => ClashConflict }
  | { readonly type: 'unmet'; readonly tell: () => Conflict }
  | { readonly type: 'choice'; readonly choice: OpenChoice };

function* follow(graph: PackageGraph, start: readonly Placed[], places: Places): Iterable<Step> {
  const queue = [...start];
  // The queue grows while it is gone through.
  for (const next of queue) {
    const { vertex } = next;
    if (places.has(vertex)) continue;
    for (const tell of places.add(next)) yield { type: 'clash', tell };
    graph.budget.spend(vertex.edges.length + 1);
    for (const { options, met, required, reason } of vertex.edges) {
      if (met || !required) continue;
      const { dependency } = reason;
      const [only] = options;
      if (only === undefined) yield { type: 'unmet', tell: () => unmet(graph, next, dependency) };
      else if (options.length === 1) queue.push({ vertex: only, by: next, needs: dependency });
      else yield { type: 'choice', choice: { by: next, dependency, options } };
    }
  }
}

/** The packages placed so far, and what they keep out. */
class Places {
  readonly #graph: PackageGraph;
  readonly #byVertex = new Map<Vertex, Placed>();
  readonly #byName = new Map<string, Placed>();
  readonly #keptOutBy = new Map<Vertex, Placed[]>();

  constructor(graph: PackageGraph) {
    this.#graph = graph;
  }

  has(vertex: Vertex): boolean {
    return this.#byVertex.has(vertex);
  }

  /** The clashes of `next` with what is there, one by one: there may be thousands, and the first is enough to refuse. */
  *add(next: Placed): Iterable<() => ClashConflict> {
    const { vertex } = next;
    const { name } = vertex.record;
    const rival = this.#byName.get(name);
    const keepers = this.#keptOutBy.get(vertex) ?? [];
    this.#byVertex.set(vertex, next);
    this.#byName.set(name, next);
    if (rival !== undefined) yield () => otherVersion(this.#graph, rival, next);
    for (const keeper of keepers) yield* this.#clash(keeper, next);
    this.#graph.budget.spend(vertex.enemies.length);
    for (const enemy of vertex.enemies) {
      const there = enemy.isInstalled ? { vertex: enemy, by: undefined } : this.#byVertex.get(enemy);
      if (there !== undefined) yield* this.#clash(next, there);
      const others = this.#keptOutBy.get(enemy);
      if (others === undefined) this.#keptOutBy.set(enemy, [next]);
      else others.push(next);
    }
  }

  /** By the first, or by the other: an installed package may be the one that declares it. */
  *#clash(a: Placed, b: Placed): Iterable<() => ClashConflict> {
    const { catalog } = this.#graph;
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const found = catalog.clash(one.vertex.record, other.vertex.record);
      if (found === undefined) continue;
      yield () => ({ type: 'clash', ...sides(this.#graph, one, other), ...found });
      return;
    }
  }
}

function otherVersion(graph: PackageGraph, a: Placed, b: Placed): ClashConflict {
  const relation = { name: a.vertex.record.name };
  return { type: 'clash', ...sides(graph, a, b), relation, kind: 'versions', needsA: a.needs, needsB: b.needs };
}

function sides(graph: PackageGraph, a: Placed, b: Placed): Pick<ClashConflict, 'a' | 'b' | 'chainA' | 'chainB'> {
  const [chainA, chainB] = [chainOf(a), chainOf(b)];
  graph.budget.spend(chainA.length + chainB.length);
  return { a: label(a.vertex.record), b: label(b.vertex.record), chainA, chainB };
}

/** A dependency without any option: each package that comes near it, and why it does not do. */
function unmet({ catalog }: PackageGraph, by: Placed, dependency: Dependency): Conflict {
  return {
    type: 'unmet',
    needs: dependency,
    by: label(by.vertex.record),
    chain: chainOf(by),
    rejected: nearMisses(catalog, dependency),
  };
}
