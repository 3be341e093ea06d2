import { readScript } from '../scripts/read-script.ts';
import { compareStrings } from '../util/text.ts';
import type { PrunePackage } from './facts.ts';
import { programsOf } from './programs.ts';

/** Name -> those that need it. */
export type Dependants = ReadonlyMap<string, readonly PrunePackage[]>;

/** Packages of which each that depends on them runs a program in its maintainer scripts: name -> those that do. */
export function scriptCandidates(
  packages: readonly PrunePackage[],
  dependants: Dependants,
): ReadonlyMap<string, readonly string[]> {
  const candidates = new Map<string, readonly string[]>();
  for (const one of packages) {
    const callers = dependants.get(one.name) ?? [];
    if (callers.length === 0 || !callers.every((caller) => callsInScripts(caller, one))) continue;
    candidates.set(one.name, callers.map(({ name }) => name).sort(compareStrings));
  }
  return candidates;
}

/** Whether the maintainer scripts of a package run a program of another one. */
export function callsInScripts(caller: PrunePackage, called: PrunePackage): boolean {
  const commands = scriptCommands(caller);
  return commands.size > 0 && programsOf(called).some((program) => commands.has(program));
}

/** Scripts that an installation runs (Policy chapter 6). */
const installScripts = ['preinst', 'config', 'postinst'];

const known = new WeakMap<PrunePackage['scripts'], ReadonlySet<string>>();

/** Names of the programs that a first installation runs; of a script that can't be read whole those that are seen. */
function scriptCommands({ name, scripts }: PrunePackage): ReadonlySet<string> {
  const found = known.get(scripts);
  if (found !== undefined) return found;
  const commands = installScripts.flatMap((script) => {
    const text = scripts[script];
    return text === undefined ? [] : readScript(text, { package: name, script }).commands;
  });
  const names = new Set(commands.flatMap(({ words }) => words.slice(0, 1)).map((word) => word.replace(/^.*\//, '')));
  known.set(scripts, names);
  return names;
}
