import type { Dependency, PackageRecord } from '../distro/types.ts';
import type { Catalog } from './catalog.ts';
import { clashes, type Derivation, derive, label, type OpenChoice, type Placed } from './derive.ts';
import { nearMisses } from './near-misses.ts';
import type { Root } from './resolution.ts';
import { search } from './search.ts';
import type { Clash, Conflict, Rejection } from './types.ts';

/**
 * Why there is no answer, for requests that `search` found none for. Requests that fail on their own are explained one
 * by one; where only their combination fails, the smallest failing part of it is explained.
 */
export function explain(catalog: Catalog, roots: readonly Root[]): readonly Conflict[] {
  const hopeless = roots.filter((root) => fails(catalog, [root]));
  const parts = hopeless.length > 0 ? hopeless.map((root) => [root]) : [smallestFailing(catalog, roots)];
  return parts.map((part) => {
    const budget = { derivations: derivationLimit };
    const conflict = why(catalog, part.map(place), { depth: 0, budget });
    return conflict.type === 'clash' ? { ...conflict, also: furtherClashes(catalog, part, conflict) } : conflict;
  });
}

/** How far down the tree goes, and how many derivations it may take: beyond that nobody reads it. */
const depthLimit = 6;
const derivationLimit = 500;

interface Effort {
  readonly depth: number;
  readonly budget: { derivations: number };
}

function fails(catalog: Catalog, roots: readonly Root[]): boolean {
  return (
    search(
      catalog,
      roots.map(({ record }) => [record]),
    ) === undefined
  );
}

function smallestFailing(catalog: Catalog, roots: readonly Root[]): readonly Root[] {
  let core = roots;
  for (const root of roots) {
    const without = core.filter((other) => other !== root);
    if (without.length > 0 && fails(catalog, without)) core = without;
  }
  return core;
}

function place({ request, record }: Root): Placed {
  return { record, chain: [request.text] };
}

/** One clash is enough to refuse; but who settles it wants to know of the others. */
function furtherClashes(catalog: Catalog, part: readonly Root[], first: Clash): readonly Clash[] | undefined {
  const isFirst = ({ a, b, kind }: Clash): boolean => a === first.a && b === first.b && kind === first.kind;
  const others = clashes(catalog, part.map(place)).filter((clash) => !isFirst(clash));
  if (others.length === 0) return undefined;
  return others.map(({ a, b, relation, kind, chainA, chainB }) => ({ a, b, relation, kind, chainA, chainB }));
}

/** Follows what must be; where nothing fails at once, takes the choice whose options fail soonest and follows each. */
function why(catalog: Catalog, placed: readonly Placed[], effort: Effort): Conflict {
  const { failure, choices } = spend(catalog, placed, effort);
  if (failure !== undefined) return failure;
  const choice = tightest(catalog, { placed, choices, effort });
  if (choice === undefined || effort.depth >= depthLimit) return exhausted(placed, choice);
  return {
    type: 'unmet',
    needs: choice.dependency,
    by: label(choice.by.record),
    chain: choice.by.chain,
    rejected: [
      ...choice.options.map((option) => {
        const cause = why(catalog, [...placed, option], { ...effort, depth: effort.depth + 1 });
        return reject(option.record, cause);
      }),
      ...withoutOption(catalog, choice),
    ],
  };
}

/** The alternatives that never were options. */
function withoutOption(catalog: Catalog, { dependency, options }: OpenChoice): readonly Rejection[] {
  const unmet = dependency.filter((relation) => catalog.matching(relation).length === 0);
  const told = options.map(({ record }) => label(record));
  return nearMisses(catalog, unmet).filter(({ candidate }) => !told.includes(candidate));
}

function spend(catalog: Catalog, placed: readonly Placed[], effort: Effort): Derivation {
  effort.budget.derivations--;
  return derive(catalog, placed);
}

/** The first choice of which every option fails at once, else the one with the fewest options that do not. */
function tightest(
  catalog: Catalog,
  { placed, choices, effort }: { placed: readonly Placed[]; choices: readonly OpenChoice[]; effort: Effort },
): OpenChoice | undefined {
  let best: OpenChoice | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const choice of choices) {
    if (effort.budget.derivations <= 0) break;
    const alive = choice.options.filter(
      (option) => spend(catalog, [...placed, option], effort).failure === undefined,
    ).length;
    if (alive >= fewest) continue;
    best = choice;
    fewest = alive;
    if (alive === 0) break;
  }
  return best;
}

function reject(record: PackageRecord, cause: Conflict): Rejection {
  const because = summary(cause, label(record));
  return { candidate: label(record), reason: 'causes', because, causes: [cause] };
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
  const needs: Dependency | undefined = choice?.dependency;
  return { type: 'unmet', needs, by: label(last.record), chain: last.chain, rejected: [] };
}
