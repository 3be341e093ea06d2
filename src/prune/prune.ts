import { compareStrings } from '../util/text.ts';
import { findEvidence } from './evidence.ts';
import type { PruneInput, PrunePackage } from './facts.ts';
import { gradeOf } from './grade.ts';
import { listedCandidates } from './listed.ts';
import { type Reached, readReached } from './reached.ts';
import { callsInScripts, type Dependants, scriptCandidates } from './script-candidates.ts';
import type { Cut, CutCandidacy, KeptCandidate, Pruning } from './types.ts';

/** Raised whenever the same packages would be cut in another way. */
export const pruneVersion = 7;

/**
 * Which packages only serve installation. What requests reach without passing a candidate stays; of the rest stays what
 * is reached by a file that stays, and what that needs in its turn. Listed candidates that are left are cut, and others
 * where it is proven that nothing which stays can reach them.
 */
export function prunePackages(given: PruneInput): Pruning {
  // What names a package first is told of it, in whatever order the packages came.
  const input = { ...given, packages: given.packages.toSorted((a, b) => compareStrings(a.name, b.name)) };
  const byName = new Map(input.packages.map((one) => [one.name, one]));
  const dependants = dependantsOf(input.packages);
  const candidates = candidatesOf(input.packages, dependants);
  const pruner: Pruner = { input, byName, candidates, dependants, kept: new Set(), evidence: new Map() };
  for (const one of input.packages) if (one.isRoot) keep(one.name, pruner);
  for (;;) {
    const reached = settle(pruner);
    const cuts = cutsOf(pruner, reached);
    const unsure = cuts.filter(({ candidacy, grade }) => candidacy.type !== 'listed' && grade !== 'proven');
    if (unsure.length === 0) return { cuts, kept: keptOf(pruner) };
    for (const { package: name, because } of unsure) {
      pruner.candidates.delete(name);
      pruner.evidence.set(name, { package: name, evidence: { type: 'kept', from: '', to: '', because } });
    }
    for (const { package: name } of unsure) keep(name, pruner);
  }
}

interface Pruner {
  readonly input: PruneInput;
  readonly byName: ReadonlyMap<string, PrunePackage>;
  readonly candidates: Map<string, CutCandidacy>;
  readonly kept: Set<string>;
  readonly evidence: Map<string, KeptCandidate>;
  readonly dependants: Dependants;
}

function dependantsOf(packages: readonly PrunePackage[]): Dependants {
  const dependants = new Map<string, PrunePackage[]>();
  for (const one of packages)
    for (const needed of one.needs) dependants.set(needed, [...(dependants.get(needed) ?? []), one]);
  return dependants;
}

function candidatesOf(packages: readonly PrunePackage[], dependants: Dependants): Map<string, CutCandidacy> {
  const candidates = new Map<string, CutCandidacy>();
  const byScripts = scriptCandidates(packages, dependants);
  for (const { name, isRoot } of packages) {
    if (isRoot) continue;
    const callers = byScripts.get(name);
    if (listedCandidates.has(name)) candidates.set(name, { type: 'listed' });
    else if (callers !== undefined) candidates.set(name, { type: 'scripts', packages: callers });
  }
  return candidates;
}

/** Keeps a package with all that it needs but candidates: these have to be reached by themselves. */
function keep(name: string, { byName, candidates, kept }: Pruner): void {
  const pending = [name];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const one = byName.get(next);
    if (one === undefined || kept.has(next)) continue;
    kept.add(next);
    pending.push(...one.needs.filter((needed) => !candidates.has(needed)));
  }
}

/** Until nothing that stays reaches what does not. */
function settle(pruner: Pruner): Reached {
  const { input, kept, evidence } = pruner;
  for (;;) {
    const reached = readReached(
      input.packages.filter(({ name }) => kept.has(name)),
      input,
    );
    let changed = false;
    for (const one of input.packages) {
      if (kept.has(one.name)) continue;
      const found = findEvidence(one, reached, usersOf(one, pruner));
      if (found === undefined) continue;
      evidence.set(one.name, { package: one.name, evidence: found });
      keep(one.name, pruner);
      changed = true;
    }
    if (!changed) return reached;
  }
}

/** Those that stay and depend on it for something else than their maintainer scripts, as far as these tell. */
function usersOf(one: PrunePackage, { dependants, kept }: Pruner): readonly string[] {
  return (dependants.get(one.name) ?? [])
    .filter((other) => kept.has(other.name) && !callsInScripts(other, one))
    .map(({ name }) => name);
}

function cutsOf(pruner: Pruner, reached: Reached): readonly Cut[] {
  const { input, kept, candidates } = pruner;
  return input.packages
    .filter(({ name }) => !kept.has(name))
    .map((one): Cut => {
      const candidacy = candidates.get(one.name) ?? orphanOf(one.name, pruner);
      const { grade, because } = gradeOf(one, reached, input);
      const bytes = one.files.reduce((sum, { size }) => sum + size, 0);
      return { package: one.name, version: one.version, grade, candidacy, because, bytes };
    })
    .sort((a, b) => compareStrings(a.package, b.package));
}

function orphanOf(name: string, { input, kept }: Pruner): CutCandidacy {
  const needing = input.packages.filter((one) => !kept.has(one.name) && one.needs.includes(name));
  return { type: 'orphan', packages: needing.map((one) => one.name).sort(compareStrings) };
}

function keptOf({ evidence }: Pruner): readonly KeptCandidate[] {
  return [...evidence.values()].sort((a, b) => compareStrings(a.package, b.package));
}
