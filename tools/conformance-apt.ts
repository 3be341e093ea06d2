/**
 * `npm run conformance-apt`: asks apt (python3-apt in a private root, with Debian's real archive) and slimimage the same
 * drawn requests, prints how often they agree, and every difference with its class. `docs/resolving.md` explains the
 * classes. Exit status 1 where a difference has none, where fewer than 99.5 % are identical (99 % of the hard ones), or
 * where apt-get --simulate disagrees with python3-apt.
 *
 *   --seed TEXT            other draws (default: 1)
 *   --singles, --pairs, --hard N   how many, over all settings
 *   --check-simulate N     so many draws are asked of apt-get --simulate too (default: 200)
 *   --no-more              without Recommends, `name-`, backports and pins, which are counted on their own
 *   --resume FOLDER        where lists and apt's answers are kept (default: .cache/conformance-apt)
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { groupsOf, noSizes } from '../test/conformance/apt/groups.ts';
import { runConformance } from '../test/conformance/apt/run.ts';
import { agreement, describe, isMain, tableOf } from '../test/conformance/apt/table.ts';
import { projectRoot } from '../test/support/source-code.ts';
import { findCommand } from './system-packages.ts';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    seed: { type: 'string', default: '1' },
    singles: { type: 'string', default: '2000' },
    pairs: { type: 'string', default: '500' },
    hard: { type: 'string', default: '300' },
    'check-simulate': { type: 'string', default: '200' },
    more: { type: 'boolean', default: true },
    resume: { type: 'string', default: join(projectRoot, '.cache/conformance-apt') },
  },
});

/** Percent. */
const leastAgreement = 99.5;
const leastHardAgreement = 99;

/** Asked for too, and counted on their own. */
const beside = values.more
  ? { recommends: 150, recommendsPairs: 50, exclusions: 100, backports: 100, pins: 100, simulatedBeside: 80 }
  : {};

await main();

async function main(): Promise<void> {
  const missing = ['apt-get', 'apt-cache', 'dose-debcheck'].filter((name) => findCommand(name) === undefined);
  if (missing.length > 0) {
    tell(`not installed: ${missing.join(', ')}`);
    process.exitCode = 3;
    return;
  }
  const groups = groupsOf({
    ...noSizes,
    singles: Number(values.singles),
    pairs: Number(values.pairs),
    hard: Number(values.hard),
    simulated: Number(values['check-simulate']),
    ...beside,
  });
  const folder = resolve(process.env['INIT_CWD'] ?? '.', values.resume);
  const { tallies, simulated, simulatedOtherwise } = await runConformance(groups, {
    seed: values.seed,
    folder,
    say: tell,
    onDifference: (difference) => say(describe(difference).join('\n')),
  });
  say('');
  for (const line of tableOf(tallies)) say(line);
  say(`\napt-get --simulate agrees with python3-apt on ${simulated - simulatedOtherwise.length} of ${simulated}`);
  for (const { packages } of simulatedOtherwise) say(`  not on: ${packages.join(' ')}`);
  const unexplained = tallies.flatMap((tally) => tally.differences).filter((one) => one.class === 'unexplained');
  const [all, hard] = [agreement(tallies.filter(isMain)), agreement(tallies.filter(({ kind }) => kind === 'hard'))];
  const isEnough = all >= leastAgreement && hard >= leastHardAgreement;
  if (unexplained.length > 0 || simulatedOtherwise.length > 0 || !isEnough) process.exitCode = 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
