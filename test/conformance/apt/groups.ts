import type { Group } from './run.ts';
import { settings } from './settings.ts';

export interface Sizes {
  readonly singles: number;
  readonly pairs: number;
  readonly hard: number;
  readonly simulated: number;
}

/** The draws of a run, spread evenly over the settings. */
export function groupsOf(sizes: Sizes): readonly Group[] {
  const share = (count: number, at: number) => Math.floor((count + settings.length - 1 - at) / settings.length);
  return settings.map((setting, at) => ({
    variant: { name: setting.name, setting, recommends: false, pins: [] },
    counts: { single: share(sizes.singles, at), pair: share(sizes.pairs, at), hard: share(sizes.hard, at) },
    simulated: share(sizes.simulated, at),
  }));
}
