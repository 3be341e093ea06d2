import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseRequest } from '../../../src/build/requests.ts';
import { debianVersions } from '../../../src/distro/debian/version.ts';
import { renderConflicts } from '../../../src/solver/render.ts';
import { createResolver, type Resolver } from '../../../src/solver/resolve.ts';
import type { AnswerFile } from './answer-file.ts';
import { AptProcess } from './apt-process.ts';
import { makeAptRoot, simulate } from './apt-root.ts';
import { classify, isEqual } from './classify.ts';
import { architecture, type OpenedSetting } from './open-setting.ts';
import { preferencesOf } from './preferences.ts';
import { Random } from './random.ts';
import type { RunOptions } from './run.ts';
import type { Answer, AskApt, Difference, Draw, Group, Kind, Tally } from './types.ts';
import { faultOf } from './validity.ts';

export interface GroupResult {
  readonly tallies: readonly Tally[];
  readonly simulated: readonly Draw[];
  readonly simulatedOtherwise: readonly Draw[];
}

interface GroupOptions extends RunOptions {
  readonly answers: AnswerFile;
  readonly opened: OpenedSetting;
}

const reportEvery = 200;

/** Draws the requests of a group, asks both, and judges each difference. */
export async function runGroup(group: Group, options: GroupOptions): Promise<GroupResult> {
  const { name, recommends = false } = group;
  const { answers, opened, say, onDifference } = options;
  const { universe } = opened;
  const seed = `${options.seed} ${name}`;
  const pins = group.pins?.({ seed, universe }) ?? [];
  const preferences = preferencesOf(pins);
  const { specs, lists, cache } = opened;
  // apt takes a comma or a blank in the path of a key for the end of it.
  const folder = join(options.folder, 'roots', name.replaceAll(/[, ]+/g, '-'));
  const root = await makeAptRoot(folder, specs, { architecture, lists, cache, recommends, preferences });
  await using apt = new AptProcess(root);
  const scope = digestOf([opened.digest, recommends, preferences]);
  const askApt: AskApt = (packages) => answers.answer(`${scope} ${packages.join(' ')}`, () => apt.install(packages));
  const draws = await group.draw({ seed, universe, apt: askApt });
  const policy = { dependencies: 'full', recommends, pins } as const;
  const resolver = createResolver(universe, { policy, versions: debianVersions });
  const tallies = new Map<Kind, { asked: number; refusedByBoth: number; differences: Difference[] }>();
  for (const [at, draw] of draws.entries()) {
    if (at > 0 && at % reportEvery === 0) say(`${name}: ${at} of ${draws.length}`);
    const tally = tallies.get(draw.kind) ?? { asked: 0, refusedByBoth: 0, differences: [] };
    tallies.set(draw.kind, tally);
    tally.asked++;
    const theirs = await askApt(draw.packages);
    const ours = askOurs(draw.packages, resolver);
    if (isEqual(theirs, ours)) {
      if ('refused' in theirs) tally.refusedByBoth++;
      continue;
    }
    const judged = await classify({ apt: theirs, ours, packages: draw.packages }, (chosen, anyVersion) =>
      faultOf(chosen, { root, apt, architecture, anyVersion }),
    );
    const difference = { group: name, draw, ...judged, apt: theirs, ours };
    tally.differences.push(difference);
    onDifference?.(difference);
  }
  const simulated = chosenFrom(draws, group.simulated, `${seed} simulate`);
  if (simulated.length > 0) say(`${name}: ${simulated.length} of them with apt-get --simulate`);
  const simulatedOtherwise: Draw[] = [];
  for (const draw of simulated) {
    const answer = await answers.answer(`${scope} simulate ${draw.packages.join(' ')}`, () =>
      simulate(draw.packages, root),
    );
    if (!isEqual(answer, await askApt(draw.packages))) simulatedOtherwise.push(draw);
  }
  return {
    tallies: [...tallies].map(([kind, tally]) => ({ group: name, kind, ...tally })),
    simulated,
    simulatedOtherwise,
  };
}

function digestOf(facts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}

function askOurs(packages: readonly string[], resolver: Resolver): Answer {
  const answer = resolver.resolve(packages.map(parseRequest));
  if (!answer.ok) return { refused: renderConflicts(answer.conflicts) };
  return {
    install: answer.resolution.packages.map(({ record }) => `${record.name}=${record.version}:${record.architecture}`),
  };
}

function chosenFrom(draws: readonly Draw[], count: number, seed: string): readonly Draw[] {
  const random = new Random(seed);
  const left = [...draws];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.below(left.length), 1)).flat();
}
