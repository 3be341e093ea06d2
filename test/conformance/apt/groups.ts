import { drawHard } from './draw-hard.ts';
import { drawBackports, drawExclusions, drawNames } from './draw-names.ts';
import { drawPinned, drawPins } from './draw-pins.ts';
import { settings as allSettings, backports, type Setting } from './settings.ts';
import type { Group } from './types.ts';

/** How many requests, over all settings. */
export interface Sizes {
  readonly singles: number;
  readonly pairs: number;
  readonly hard: number;
  /** Of these, asked of `apt-get --simulate` too. */
  readonly simulated: number;
  /** Beside these: with Recommends, one by one and in pairs; with `name-`; with a NotAutomatic suite; with pins. */
  readonly recommends: number;
  readonly recommendsPairs: number;
  readonly exclusions: number;
  readonly backports: number;
  readonly pins: number;
  /** Of what is beside them, asked of `apt-get --simulate` too. */
  readonly simulatedBeside: number;
}

export const noSizes: Sizes = {
  singles: 0,
  pairs: 0,
  hard: 0,
  simulated: 0,
  recommends: 0,
  recommendsPairs: 0,
  exclusions: 0,
  backports: 0,
  pins: 0,
  simulatedBeside: 0,
};

/** A preferences file is drawn anew after so many requests. */
const requestsPerPins = 10;

/** The draws of a run, spread evenly over settings. */
export function groupsOf(sizes: Sizes, settings: readonly Setting[] = allSettings): readonly Group[] {
  return [
    ...settings.flatMap((setting, at) => groupsOfSetting(setting, shareOf(sizes, { at, of: settings.length }))),
    ...groupsWithBackports(sizes),
  ];
}

function groupsOfSetting(setting: Setting, sizes: Sizes): readonly Group[] {
  const { singles, pairs, hard, recommends, recommendsPairs, exclusions } = sizes;
  const plain: Group = {
    name: setting.name,
    setting,
    simulated: sizes.simulated,
    draw: async (options) => [
      ...drawNames({ kind: 'single', count: singles, size: 1 }, options),
      ...drawNames({ kind: 'pair', count: pairs, size: 2 }, options),
      ...(await drawHard(hard, options)),
      ...(await drawExclusions(exclusions, options)),
    ],
  };
  const withRecommends: Group = {
    name: `${setting.name}, Recommends`,
    setting,
    recommends: true,
    simulated: Math.ceil(sizes.simulatedBeside / 8),
    draw: (options) => [
      ...drawNames({ kind: 'recommends', count: recommends, size: 1 }, options),
      ...drawNames({ kind: 'recommends, pair', count: recommendsPairs, size: 2 }, options),
    ],
  };
  return recommends + recommendsPairs > 0 ? [plain, withRecommends] : [plain];
}

function groupsWithBackports({ backports: count, pins, simulatedBeside }: Sizes): readonly Group[] {
  const setting = backports;
  const { name } = setting;
  const plain: Group = {
    name,
    setting,
    simulated: Math.ceil(simulatedBeside / 4),
    draw: (options) => drawBackports(count, options),
  };
  const pinned = Array.from(
    { length: Math.ceil(pins / requestsPerPins) },
    (_, at): Group => ({
      name: `${name}, pins ${at + 1}`,
      setting,
      pins: drawPins,
      simulated: Math.ceil((simulatedBeside * requestsPerPins) / Math.max(1, 4 * pins)),
      draw: (options) => drawPinned(Math.min(requestsPerPins, pins - at * requestsPerPins), options),
    }),
  );
  return count > 0 ? [plain, ...pinned] : pinned;
}

function shareOf(sizes: Sizes, { at, of }: { readonly at: number; readonly of: number }): Sizes {
  const share = (count: number) => Math.floor((count + of - 1 - at) / of);
  return {
    singles: share(sizes.singles),
    pairs: share(sizes.pairs),
    hard: share(sizes.hard),
    simulated: share(sizes.simulated),
    recommends: share(sizes.recommends),
    recommendsPairs: share(sizes.recommendsPairs),
    exclusions: share(sizes.exclusions),
    backports: share(sizes.backports),
    pins: share(sizes.pins),
    simulatedBeside: sizes.simulatedBeside,
  };
}
