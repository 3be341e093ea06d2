import type { Catalog } from './catalog.ts';
import { chainOf, clashes, derive, failsAtOnce, label, type OpenChoice, type Placed, placeOption } from './derive.ts';
import type { PackageGraph, Vertex } from './graph.ts';
import { nearMisses } from './near-misses.ts';
import type { Root } from './resolution.ts';
import { search } from './search.ts';
import type { Clash, Conflict, Rejection } from './types.ts';

/**
 * Why there is no answer, for requests that `search` found none for. Requests that fail on their own are explained one
 * by one; where only their combination fails, the smallest failing part of it is explained. Where the budget is spent,
 * the explanation ends there, and says so.
 */
export function explain(graph: PackageGraph, roots: readonly Root[]): readonly Conflict[] {
  const parts = failingParts(graph, roots);
  graph.budget.beginStage();
  return parts.map((part) => {
    const conflict = why(graph, part.map(place(graph)), { depth: 0, tries: { left: derivationLimit } });
    return conflict.type === 'clash' ? { ...conflict, also: furtherClashes(graph, part, conflict) } : conflict;
  });
}

/** How far down the tree goes, and how many derivations it may take: beyond that nobody reads it. */
const depthLimit = 6;
const derivationLimit = 500;
/** Of one refusal. */
const mostClashes = 100;

interface Effort {
  readonly depth: number;
  readonly tries: { left: number };
}

function failingParts(graph: PackageGraph, roots: readonly Root[]): readonly (readonly Root[])[] {
  if (roots.length === 1) return [roots];
  graph.budget.beginStage();
  const hopeless = roots.filter((root) => fails(graph, [root]));
  return hopeless.length > 0 ? hopeless.map((root) => [root]) : [smallestFailing(graph, roots)];
}

/** False too where the budget is spent before it is known. */
function fails(graph: PackageGraph, roots: readonly Root[]): boolean {
  if (graph.budget.isSpent) return false;
  const vertices = roots.map(({ record }) => graph.vertex(record));
  const tried = graph.budget.attempt(() => ({ isEmpty: search(graph, vertices) === undefined }));
  return tried?.isEmpty === true;
}

function smallestFailing(graph: PackageGraph, roots: readonly Root[]): readonly Root[] {
  let core = roots;
  for (const root of roots) {
    const without = core.filter((other) => other !== root);
    if (without.length > 0 && fails(graph, without)) core = without;
  }
  return core;
}

function place(graph: PackageGraph): (root: Root) => Placed {
  return ({ request, record }) => ({ vertex: graph.vertex(record), by: request.text });
}

/** One clash is enough to refuse; but who settles it wants to know of the others. */
function furtherClashes(graph: PackageGraph, part: readonly Root[], first: Clash): readonly Clash[] | undefined {
  const isFirst = ({ a, b, kind }: Clash): boolean => a === first.a && b === first.b && kind === first.kind;
  const all = graph.budget.attempt(() => clashes(graph, part.map(place(graph)), mostClashes));
  const others = (all ?? []).filter((clash) => !isFirst(clash));
  if (others.length === 0) return undefined;
  return others.map(({ a, b, relation, kind, chainA, chainB }) => ({ a, b, relation, kind, chainA, chainB }));
}

/** Follows what must be; where nothing fails at once, takes the choice whose options fail soonest and follows each. */
function why(graph: PackageGraph, placed: readonly Placed[], effort: Effort): Conflict {
  effort.tries.left--;
  const derived = graph.budget.attempt(() => derive(graph, placed));
  if (derived?.failure !== undefined) return derived.failure;
  const choices = derived?.choices ?? [];
  const choice = graph.budget.attempt(() => tightest(graph, { placed, choices, effort }));
  if (choice === undefined || effort.depth >= depthLimit) return exhausted(placed, choice ?? choices[0]);
  return {
    type: 'unmet',
    needs: choice.dependency,
    by: label(choice.by.vertex.record),
    chain: chainOf(choice.by),
    rejected: [
      ...choice.options.map((option) => {
        if (graph.budget.isSpent) return unexplored(option);
        const deeper = { ...effort, depth: effort.depth + 1 };
        return reject(option, why(graph, [...placed, placeOption(choice, option)], deeper));
      }),
      ...(graph.budget.attempt(() => withoutOption(graph.catalog, choice)) ?? []),
    ],
  };
}

/** The alternatives that never were options. */
function withoutOption(catalog: Catalog, { dependency, options }: OpenChoice): readonly Rejection[] {
  const unmet = dependency.filter((relation) => catalog.matching(relation).length === 0);
  const told = new Set(options.map(({ record }) => label(record)));
  return nearMisses(catalog, unmet).filter(({ candidate }) => !told.has(candidate));
}

/** The first choice of which every option fails at once, else the one with the fewest options that do not. */
function tightest(
  graph: PackageGraph,
  { placed, choices, effort }: { placed: readonly Placed[]; choices: readonly OpenChoice[]; effort: Effort },
): OpenChoice | undefined {
  let best: OpenChoice | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const choice of choices) {
    if (effort.tries.left <= 0) break;
    effort.tries.left -= choice.options.length;
    const alive = choice.options.filter(
      (option) => !failsAtOnce(graph, [...placed, placeOption(choice, option)]),
    ).length;
    if (alive >= fewest) continue;
    best = choice;
    fewest = alive;
    if (alive === 0) break;
  }
  return best;
}

function reject({ record }: Vertex, cause: Conflict): Rejection {
  const because = summary(cause, label(record));
  return { candidate: label(record), reason: 'causes', because, causes: [cause] };
}

/** Where an explanation ends before its end. */
function unexplored({ record }: Vertex): Rejection {
  const because = 'not looked into: there are too many ways to combine packages';
  return { candidate: label(record), reason: 'causes', because, causes: [] };
}

/** One line for what `causes` tells in full. */
function summary(cause: Conflict, candidate: string): string {
  if (cause.type === 'clash') {
    const other = cause.a === candidate ? cause.b : cause.a;
    return cause.a === candidate || cause.b === candidate
      ? `it cannot be with ${other}`
      : `it brings ${cause.a} and ${cause.b}, which cannot be together`;
  }
  if (cause.type === 'unmet') {
    return cause.by === candidate
      ? 'its own dependencies cannot be met'
      : `it needs ${cause.by}, which cannot be installed`;
  }
  return 'it cannot be installed';
}

function exhausted(placed: readonly Placed[], choice: OpenChoice | undefined): Conflict {
  const last = choice?.by ?? (placed.at(-1) as Placed);
  return {
    type: 'unmet',
    needs: choice?.dependency,
    by: label(last.vertex.record),
    chain: chainOf(last),
    rejected: (choice?.options ?? [last.vertex]).map(unexplored),
  };
}
