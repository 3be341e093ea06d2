import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openArchives } from '../../../src/archive/open-archives.ts';
import type { OpenedArchives } from '../../../src/archive/types.ts';
import { parseRequest } from '../../../src/build/requests.ts';
import { debianVersions } from '../../../src/distro/debian/version.ts';
import { createHttpClient } from '../../../src/net/client.ts';
import { renderConflicts } from '../../../src/solver/render.ts';
import { createResolver, type Resolver } from '../../../src/solver/resolve.ts';
import { LocalStore } from '../../../src/store/local-store.ts';
import { AnswerFile } from './answer-file.ts';
import { AptProcess } from './apt-process.ts';
import { type AptRoot, makeAptRoot, releaseDigests, simulate, updateLists } from './apt-root.ts';
import { classify, isEqual } from './classify.ts';
import { type Counts, drawRequests } from './draw.ts';
import { preferencesOf } from './preferences.ts';
import { Random } from './random.ts';
import { type Setting, specsOf } from './settings.ts';
import type { Answer, Difference, Draw, Kind, Tally, Variant } from './types.ts';
import { faultOf } from './validity.ts';

const architecture = 'amd64';

export interface Group {
  readonly variant: Variant;
  readonly counts: Counts;
  /** Of its requests, so many are asked of `apt-get --simulate` too. */
  readonly simulated?: number;
  /** Other requests than drawn ones. */
  readonly draw?: (opened: OpenedArchives, seed: string) => readonly Draw[];
}

export interface RunOptions {
  readonly seed: string;
  /** Keeps lists, the store and apt's answers: a second run asks apt for nothing that it has answered. */
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly onDifference?: (difference: Difference) => void;
}

export interface Report {
  readonly tallies: readonly Tally[];
  /** Requests that were asked of `apt-get --simulate`, and those that it answers otherwise than python3-apt. */
  readonly simulated: number;
  readonly simulatedOtherwise: readonly Draw[];
}

/** Asks apt and slimimage the same, one group after another. */
export async function runConformance(groups: readonly Group[], options: RunOptions): Promise<Report> {
  const { folder, say } = options;
  const answers = new AnswerFile(join(folder, 'apt-answers.jsonl'));
  const store = await LocalStore.open(join(folder, 'store'));
  const http = createHttpClient({ env: process.env });
  const tallies: Tally[] = [];
  const otherwise: Draw[] = [];
  let simulated = 0;
  let opened: { readonly setting: Setting; readonly state: OpenedSetting } | undefined;
  try {
    for (const group of groups) {
      const { variant } = group;
      say(`${variant.name} ...`);
      const state =
        opened?.setting === variant.setting
          ? opened.state
          : await openSetting(variant.setting, { ...options, store, http });
      opened = { setting: variant.setting, state };
      const result = await runGroup(group, { ...options, answers, state });
      tallies.push(...result.tallies);
      simulated += result.simulated;
      otherwise.push(...result.otherwise);
    }
  } finally {
    await http.close();
    await store.close();
  }
  return { tallies, simulated, simulatedOtherwise: otherwise };
}

interface OpenedSetting extends OpenedArchives {
  readonly lists: string;
  /** Stands for the archives' state. */
  readonly digest: string;
}

/** Both sides have to have read the same archives: where they moved in between, once more. */
async function openSetting(
  setting: Setting,
  options: RunOptions & { readonly store: LocalStore; readonly http: ReturnType<typeof createHttpClient> },
): Promise<OpenedSetting> {
  const { folder, store, http } = options;
  const lists = join(folder, 'lists');
  const specs = await specsOf(setting, { architecture, env: process.env });
  for (let attempt = 1; attempt <= 3; attempt++) {
    const root = await makeAptRoot(join(folder, 'roots', setting.name), specs, { architecture, lists });
    await updateLists(root);
    const opened = await openArchives(specs, { architecture, store, http, now: Date.now });
    const theirs = await releaseDigests(lists);
    const ours = opened.releases.map(({ sha256 }) => sha256);
    const digest = createHash('sha256').update(ours.sort().join()).digest('hex').slice(0, 16);
    if (ours.every((sha256) => theirs.has(sha256))) return { ...opened, lists, digest };
  }
  throw new Error(`apt and slimimage do not see the same archives of ${setting.name}: is a proxy between them?`);
}

interface GroupOptions extends RunOptions {
  readonly answers: AnswerFile;
  readonly state: OpenedSetting;
}

async function runGroup(group: Group, options: GroupOptions) {
  const { variant, counts, simulated = 0 } = group;
  const { folder, seed, answers, state, say, onDifference } = options;
  const { universe, digest } = state;
  const { setting, recommends, pins } = variant;
  const preferences = preferencesOf(pins);
  const specs = await specsOf(setting, { architecture, env: process.env });
  const root = await makeAptRoot(join(folder, 'roots', setting.name), specs, {
    architecture,
    lists: state.lists,
    recommends,
    preferences,
  });
  await using apt = new AptProcess(root);
  const scope = createHash('sha256')
    .update(JSON.stringify([digest, recommends, preferences]))
    .digest('hex')
    .slice(0, 16);
  const askApt = (packages: readonly string[]): Promise<Answer> =>
    answers.answer(`${scope} ${packages.join(' ')}`, () => apt.install(packages));
  const draws =
    group.draw?.(state, `${seed} ${variant.name}`) ??
    (await drawRequests(counts, { seed: `${seed} ${variant.name}`, universe, apt: askApt }));
  const resolver = createResolver(universe, {
    policy: { dependencies: 'full', recommends, pins },
    versions: debianVersions,
  });
  const tallies = new Map<Kind, { asked: number; refusedByBoth: number; differences: Difference[] }>();
  for (const [at, draw] of draws.entries()) {
    if (at > 0 && at % 200 === 0) say(`${variant.name}: ${at} of ${draws.length}`);
    const tally = tallies.get(draw.kind) ?? { asked: 0, refusedByBoth: 0, differences: [] };
    tallies.set(draw.kind, tally);
    const theirs = await askApt(draw.packages);
    const ours = askOurs(draw.packages, resolver);
    tally.asked++;
    if (isEqual(theirs, ours)) {
      if ('refused' in theirs) tally.refusedByBoth++;
      continue;
    }
    const free = draw.packages.some((text) => /[=/]/.test(text));
    const requested = draw.packages.filter((text) => !text.endsWith('-')).map((text) => text.replace(/[=/].*/, ''));
    const judged = await classify({ apt: theirs, ours, requested }, (chosen) =>
      faultOf(chosen, { root, apt, architecture, free }),
    );
    const difference: Difference = { variant: variant.name, draw, ...judged, apt: theirs, ours };
    tally.differences.push(difference);
    onDifference?.(difference);
  }
  const otherwise = await compareSimulated(draws, {
    ...options,
    root,
    askApt,
    scope,
    count: simulated,
    name: variant.name,
  });
  return {
    tallies: [...tallies].map(([kind, tally]): Tally => ({ variant: variant.name, kind, ...tally })),
    simulated: Math.min(simulated, draws.length),
    otherwise,
  };
}

function askOurs(packages: readonly string[], resolver: Resolver): Answer {
  const answer = resolver.resolve(packages.map(parseRequest));
  if (!answer.ok) return { refused: renderConflicts(answer.conflicts) };
  const install = answer.resolution.packages.map(
    ({ record: { name, version, architecture: arch } }) => `${name}=${version}:${arch}`,
  );
  return { install: install.sort() };
}

/** python3-apt stands for apt-get: shown on some of the draws, evenly spread. */
async function compareSimulated(
  draws: readonly Draw[],
  options: GroupOptions & {
    readonly root: AptRoot;
    readonly askApt: (packages: readonly string[]) => Promise<Answer>;
    readonly scope: string;
    readonly count: number;
    readonly name: string;
  },
): Promise<readonly Draw[]> {
  const { root, askApt, scope, count, answers, say, seed, name } = options;
  const random = new Random(`${seed} simulate ${name}`);
  const left = [...draws];
  const otherwise: Draw[] = [];
  if (count > 0) say(`${name}: ${Math.min(count, left.length)} of them with apt-get --simulate`);
  for (let done = 0; done < count && left.length > 0; done++) {
    const [draw] = left.splice(random.below(left.length), 1);
    if (draw === undefined) break;
    const simulated = await answers.answer(
      `${scope} simulate ${draw.packages.join(' ')}`,
      async (): Promise<Answer> => {
        const install = await simulate(draw.packages, root);
        return install === undefined ? { refused: 'apt-get' } : { install };
      },
    );
    if (!isEqual(simulated, await askApt(draw.packages))) otherwise.push(draw);
  }
  return otherwise;
}
