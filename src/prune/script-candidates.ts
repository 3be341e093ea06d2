import { compareStrings } from '../util/text.ts';
import { programsOf } from './evidence.ts';
import type { PrunePackage } from './facts.ts';

/** Scripts that an installation runs (Policy chapter 6). */
const installScripts = ['preinst', 'postinst', 'config'];

/** Packages of which each that depends on them calls a program in its maintainer scripts: name -> those that do. */
export function scriptCandidates(packages: readonly PrunePackage[]): ReadonlyMap<string, readonly string[]> {
  const dependants = new Map<string, PrunePackage[]>();
  for (const one of packages)
    for (const name of one.needs) dependants.set(name, [...(dependants.get(name) ?? []), one]);
  const words = new Map(packages.map((one) => [one.name, scriptWords(one)]));
  const candidates = new Map<string, readonly string[]>();
  for (const one of packages) {
    const callers = dependants.get(one.name) ?? [];
    const programs = programsOf(one);
    if (callers.length === 0 || programs.length === 0) continue;
    const allCall = callers.every(({ name }) => programs.some((program) => words.get(name)?.has(program) === true));
    if (allCall) candidates.set(one.name, callers.map(({ name }) => name).sort(compareStrings));
  }
  return candidates;
}

/** Names that may be programs; paths count by their last part. */
function scriptWords({ scripts }: PrunePackage): ReadonlySet<string> {
  const words = new Set<string>();
  for (const script of installScripts) {
    const text = (scripts[script] ?? '').replace(/(^|\s)#.*$/gm, '$1');
    for (const [word] of text.matchAll(/[A-Za-z0-9_.+-]+/g)) words.add(word);
  }
  return words;
}
