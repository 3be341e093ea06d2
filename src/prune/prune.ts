import { compareStrings } from '../util/text.ts';
import { findEvidence, reachableOf } from './evidence.ts';
import type { PruneInput, PrunePackage } from './facts.ts';
import { listedCandidates } from './listed.ts';
import { type Reached, readReached } from './reached.ts';
import { scriptCandidates } from './script-candidates.ts';
import type { Cut, CutCandidacy, CutGrade, KeptCandidate, Pruning } from './types.ts';

/** Raised whenever the same packages would be cut in another way. */
export const pruneVersion = 2;

/**
 * Which packages only serve installation. What requests reach without passing a candidate stays; of the rest stays what
 * is reached by a file that stays, and what that needs in its turn. The others are cut: listed candidates and what only
 * they needed, and others where nothing that stays could reach them.
 */
export function prunePackages(input: PruneInput): Pruning {
  const byName = new Map(input.packages.map((one) => [one.name, one]));
  const candidates = candidatesOf(input.packages);
  const pruner: Pruner = { input, byName, candidates, kept: new Set(), evidence: new Map() };
  for (const one of input.packages) if (one.isRoot) keep(one.name, pruner);
  for (;;) {
    const reached = settle(pruner);
    const cuts = cutsOf(pruner, reached);
    // Without a place in the list a package goes only where it is proven that nothing can reach it.
    const unsure = cuts.filter(({ candidacy, grade }) => candidacy.type === 'scripts' && grade !== 'proven');
    if (unsure.length === 0) return { cuts, kept: keptOf(pruner) };
    for (const cut of unsure) {
      pruner.candidates.delete(cut.package);
      keep(cut.package, pruner);
    }
  }
}

interface Pruner {
  readonly input: PruneInput;
  readonly byName: ReadonlyMap<string, PrunePackage>;
  readonly candidates: Map<string, CutCandidacy>;
  readonly kept: Set<string>;
  readonly evidence: Map<string, KeptCandidate>;
}

function candidatesOf(packages: readonly PrunePackage[]): Map<string, CutCandidacy> {
  const candidates = new Map<string, CutCandidacy>();
  const byScripts = scriptCandidates(packages);
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
      const found = findEvidence(one, reached);
      if (found === undefined) continue;
      evidence.set(one.name, { package: one.name, evidence: found });
      keep(one.name, pruner);
      changed = true;
    }
    if (!changed) return reached;
  }
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

/** Proven: it has nothing that could be started, loaded or imported, or nothing stays that could do so. */
function gradeOf(
  one: PrunePackage,
  reached: Reached,
  { hasOthers }: PruneInput,
): { readonly grade: CutGrade; readonly because: string } {
  const { programs, libraries, languages } = reachableOf(one);
  const unproven = (because: string) => ({ grade: 'no-evidence' as const, because });
  if (hasOthers && (programs || libraries || languages.size > 0))
    return unproven('nothing of a package names it; what is of no package was not read');
  if (programs && reached.starter !== undefined)
    return unproven(`nothing that stays names one of its programs; /${reached.starter} can start programs`);
  if (libraries && reached.opener !== undefined)
    return unproven(`nothing that stays needs or names its libraries; /${reached.opener} can load libraries`);
  const language = [...languages].find((name) => reached.languages.has(name));
  if (language !== undefined)
    return unproven(`nothing that stays imports its modules; the interpreter of ${language} stays`);
  return {
    grade: 'proven',
    because: 'nothing that stays can start its programs, load its libraries or import its modules',
  };
}

function keptOf({ evidence }: Pruner): readonly KeptCandidate[] {
  return [...evidence.values()].sort((a, b) => compareStrings(a.package, b.package));
}
