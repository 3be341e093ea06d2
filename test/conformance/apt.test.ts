import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lackingArchive } from '../support/builder.ts';
import { lacking } from '../support/need.ts';
import { python } from './apt/apt-process.ts';
import { groupsOf, noSizes } from './apt/groups.ts';
import { runConformance } from './apt/run.ts';
import { settings } from './apt/settings.ts';
import { describe, tableOf } from './apt/table.ts';

const hasModule = spawnSync(python, ['-c', 'import apt_pkg']).status === 0;
const skip =
  lackingArchive ||
  lacking({ commands: ['apt-get', 'apt-cache', 'dose-debcheck'] }) ||
  (!hasModule && 'not installed: python3-apt');

/** Drawn once and for all: what is found by other seeds is found by `npm run conformance-apt`. */
const sizes = { ...noSizes, singles: 34, pairs: 14, hard: 12, simulated: 4 };

test('60 drawn requests to the real archive get the answers of apt', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-apt-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const chosen = settings.filter(({ name }) => ['trixie+security', 'bookworm'].includes(name));
  assert.equal(chosen.length, 2);
  const report = await runConformance(groupsOf(sizes, chosen), { seed: 'ci', folder, say: () => {} });
  t.diagnostic(tableOf(report.tallies).join('\n'));
  const differences = report.tallies.flatMap((tally) => tally.differences);
  const unexplained = differences.filter((difference) => difference.class === 'unexplained');
  assert.deepEqual(unexplained.flatMap(describe), []);
  assert.equal(
    report.tallies.reduce((sum, { asked }) => sum + asked, 0),
    60,
  );
  assert.ok(differences.length <= 2, differences.flatMap(describe).join('\n'));
  assert.equal(report.simulated, 4);
  assert.deepEqual(report.simulatedOtherwise, []);
});
