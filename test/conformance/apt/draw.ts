import type { Universe } from '../../../src/distro/types.ts';
import { Random } from './random.ts';
import type { Answer, Draw } from './types.ts';

export interface Counts {
  readonly single: number;
  readonly pair: number;
  readonly hard: number;
}

export const largeClosure = 100;
export const manyChoices = 3;

/**
 * Requests drawn from all names of a universe, by a seed. A hard one is drawn until apt's own answer shows that it is
 * one: in turn a closure of more than a hundred packages, and a smaller one with at least three dependencies that
 * several packages could satisfy. So what is drawn depends on the seed and the archive alone, never on our solver.
 */
export async function drawRequests(
  counts: Counts,
  options: {
    readonly seed: string;
    readonly universe: Universe;
    readonly apt: (packages: readonly string[]) => Promise<Answer>;
  },
): Promise<readonly Draw[]> {
  const { seed, universe, apt } = options;
  const names = [...universe.names()].sort();
  const single = new Random(`${seed} single`);
  const pair = new Random(`${seed} pair`);
  const singles = Array.from(
    { length: counts.single },
    (): Draw => ({ kind: 'single', packages: [single.pick(names)] }),
  );
  const pairs = Array.from(
    { length: counts.pair },
    (): Draw => ({ kind: 'pair', packages: [pair.pick(names), pair.pick(names)] }),
  );
  const hard: Draw[] = [];
  const random = new Random(`${seed} hard`);
  while (hard.length < counts.hard) {
    const packages = [random.pick(names)];
    const answer = await apt(packages);
    if ('refused' in answer) continue;
    const isLarge = answer.install.length > largeClosure;
    const wantsLarge = hard.length % 2 === 0;
    if (wantsLarge ? isLarge : !isLarge && choicesOf(answer.install, universe) >= manyChoices) {
      hard.push({ kind: 'hard', packages });
    }
  }
  return [...singles, ...pairs, ...hard];
}

/** Dependencies in a closure that several packages could satisfy, each once; debconf's is everywhere and does not count. */
export function choicesOf(install: readonly string[], universe: Universe): number {
  const found = new Set<string>();
  for (const text of install) {
    const [name = '', rest = ''] = text.split('=', 2);
    const version = rest.slice(0, rest.lastIndexOf(':'));
    const record = universe.candidates(name).find((candidate) => candidate.version === version);
    for (const dependency of [...(record?.preDepends ?? []), ...(record?.depends ?? [])]) {
      const could = dependency.flatMap((relation) => [
        ...universe.candidates(relation.name),
        ...universe.providers(relation.name),
      ]);
      const names = dependency.map((relation) => relation.name);
      if (new Set(could.map((one) => one.name)).size > 1 && !names.includes('debconf'))
        found.add(names.sort().join('|'));
    }
  }
  return found.size;
}
