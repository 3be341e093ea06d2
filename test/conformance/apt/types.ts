import type { Universe } from '../../../src/distro/types.ts';
import type { Pin } from '../../../src/solver/types.ts';
import type { Setting } from './settings.ts';

export type Kind =
  | 'single'
  | 'pair'
  | 'hard'
  | 'recommends'
  | 'recommends, pair'
  /** `name-` beside what needs it. */
  | 'exclusion'
  /** With a NotAutomatic suite beside the others. */
  | 'backports'
  | 'pins';

export interface Draw {
  readonly kind: Kind;
  /** As on apt-get's command line. */
  readonly packages: readonly string[];
}

/** `name=version:architecture`, or why not. */
export type Answer = { readonly install: readonly string[] } | { readonly refused: string };

export type AskApt = (packages: readonly string[]) => Promise<Answer>;

export interface DrawOptions {
  readonly seed: string;
  readonly universe: Universe;
  readonly apt: AskApt;
}

/** Requests under one policy. */
export interface Group {
  /** For the table. */
  readonly name: string;
  readonly setting: Setting;
  readonly recommends?: boolean;
  readonly pins?: (options: Omit<DrawOptions, 'apt'>) => readonly Pin[];
  readonly draw: (options: DrawOptions) => Promise<readonly Draw[]> | readonly Draw[];
  /** Of its requests, so many are asked of `apt-get --simulate` too. */
  readonly simulated: number;
}

export type DifferenceClass = 'equally-valid' | 'apt-gives-up' | 'unexplained';

export interface Difference {
  readonly group: string;
  readonly draw: Draw;
  readonly class: DifferenceClass;
  /** Why it is in its class, in words. */
  readonly evidence: string;
  readonly apt: Answer;
  readonly ours: Answer;
}

/** Draws of one kind in one group. */
export interface Tally {
  readonly group: string;
  readonly kind: Kind;
  readonly asked: number;
  readonly refusedByBoth: number;
  readonly differences: readonly Difference[];
}
