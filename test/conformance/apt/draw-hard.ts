import type { Universe } from '../../../src/distro/types.ts';
import { Random } from './random.ts';
import type { Draw, DrawOptions } from './types.ts';

const largeClosure = 100;
const manyChoices = 3;

/**
 * Names drawn until apt's own answer shows that they are hard: in turn a closure of more than a hundred packages, and a
 * smaller one with at least three dependencies that several packages could satisfy. So what is drawn depends on the
 * seed and the archive alone, never on our solver.
 */
export async function drawHard(count: number, { seed, universe, apt }: DrawOptions): Promise<readonly Draw[]> {
  const names = [...universe.names()].sort();
  const random = new Random(`${seed} hard`);
  const draws: Draw[] = [];
  while (draws.length < count) {
    const packages = [random.pick(names)];
    const answer = await apt(packages);
    if ('refused' in answer) continue;
    const isLarge = answer.install.length > largeClosure;
    const wantsLarge = draws.length % 2 === 0;
    if (wantsLarge ? isLarge : !isLarge && choicesOf(answer.install, universe) >= manyChoices) {
      draws.push({ kind: 'hard', packages });
    }
  }
  return draws;
}

/** Dependencies of a closure that several packages could satisfy, each once; debconf's is everywhere and does not count. */
function choicesOf(install: readonly string[], universe: Universe): number {
  const found = new Set<string>();
  for (const text of install) {
    const [, name = '', version = ''] = /^([^=]+)=(.+):[^:]+$/.exec(text) ?? [];
    const record = universe.candidates(name).find((candidate) => candidate.version === version);
    for (const dependency of [...(record?.preDepends ?? []), ...(record?.depends ?? [])]) {
      const names = dependency.map((relation) => relation.name);
      const could = names.flatMap((one) => [...universe.candidates(one), ...universe.providers(one)]);
      const isChoice = new Set(could.map((one) => one.name)).size > 1;
      if (isChoice && !names.includes('debconf')) found.add(names.sort().join('|'));
    }
  }
  return found.size;
}
