import type { Pin } from '../../../src/solver/types.ts';
import type { Setting } from './settings.ts';

/** What the requests of a group have in common, on both sides. */
export interface Variant {
  /** For the table. */
  readonly name: string;
  readonly setting: Setting;
  readonly recommends: boolean;
  readonly pins: readonly Pin[];
}

export type Kind = 'single' | 'pair' | 'hard';

export interface Draw {
  readonly kind: Kind;
  /** As on apt-get's command line. */
  readonly packages: readonly string[];
}

/** `name=version:architecture` sorted, or why not. */
export type Answer = { readonly install: readonly string[] } | { readonly refused: string };

export type DifferenceClass = 'equally-valid' | 'apt-gives-up' | 'unexplained';

export interface Difference {
  readonly variant: string;
  readonly draw: Draw;
  readonly class: DifferenceClass;
  /** Why it is in its class, in words. */
  readonly evidence: string;
  readonly apt: Answer;
  readonly ours: Answer;
}

/** Draws of one kind under one variant. */
export interface Tally {
  readonly variant: string;
  readonly kind: Kind;
  readonly asked: number;
  readonly refusedByBoth: number;
  readonly differences: readonly Difference[];
}
