import { join } from 'node:path';
import { createHttpClient } from '../../../src/net/client.ts';
import { LocalStore } from '../../../src/store/local-store.ts';
import { AnswerFile } from './answer-file.ts';
import { scriptDigest } from './apt-process.ts';
import { type OpenedSetting, openSetting } from './open-setting.ts';
import { runGroup } from './run-group.ts';
import type { Difference, Draw, Group, Tally } from './types.ts';

export interface RunOptions {
  readonly seed: string;
  /** Keeps lists, the store and apt's answers: a second run asks apt for nothing that it has answered. */
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly onDifference?: (difference: Difference) => void;
}

export interface Report {
  readonly tallies: readonly Tally[];
  /** Requests that were asked of `apt-get --simulate` too. */
  readonly simulated: number;
  /** Those of them that python3-apt answers otherwise. */
  readonly simulatedOtherwise: readonly Draw[];
}

/** Asks apt and slimimage the same, one group after another. */
export async function runConformance(groups: readonly Group[], options: RunOptions): Promise<Report> {
  const { folder, say } = options;
  const answers = new AnswerFile(join(folder, `apt-answers-${await scriptDigest()}.jsonl`));
  const store = await LocalStore.open(join(folder, 'store'));
  const http = createHttpClient({ env: process.env });
  const tallies: Tally[] = [];
  const simulated: Draw[] = [];
  const simulatedOtherwise: Draw[] = [];
  let opened: OpenedSetting | undefined;
  try {
    for (const group of groups) {
      say(`${group.name} ...`);
      if (opened?.setting !== group.setting) opened = await openSetting(group.setting, { folder, store, http });
      const result = await runGroup(group, { ...options, answers, opened });
      tallies.push(...result.tallies);
      simulated.push(...result.simulated);
      simulatedOtherwise.push(...result.simulatedOtherwise);
    }
  } finally {
    await http.close();
    await store.close();
  }
  return { tallies, simulated: simulated.length, simulatedOtherwise };
}
