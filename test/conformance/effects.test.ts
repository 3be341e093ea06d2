import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lackingArchive } from '../support/builder.ts';
import { lacking } from '../support/need.ts';
import { isGenerated, tableOf } from './effects/report.ts';
import { openConformance } from './effects/run.ts';
import type { PackageSet } from './effects/types.ts';

/** No script of a package sets a bit that makes programs run as somebody else (docs/effects.md). */
const known: readonly string[] = [
  'different: etc/redis: mode 2770 | 0770',
  'different: var/log/redis: mode 2750 | 0750',
];

const skip = lackingArchive || lacking({ commands: ['mmdebstrap'], root: true });

/** Small ones; `npm run conformance-effects` compares the catalogue and many more. */
const sets: readonly PackageSet[] = [
  { name: 'certificates', kind: 'catalogue', packages: ['ca-certificates', 'tzdata'] },
  { name: 'redis', kind: 'catalogue', packages: ['redis-server'] },
  { name: 'php-cli', kind: 'catalogue', packages: ['php-cli'] },
];

test('what maintainer scripts leave is what mmdebstrap has', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-effects-'));
  const work = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'slimimage-effects-'));
  t.after(() => Promise.all([folder, work].map((path) => rm(path, { recursive: true, force: true }))));
  await using conformance = await openConformance({ folder, work, say: (line) => t.diagnostic(line) });
  const results = [];
  for (const set of sets) {
    assert.ok(await conformance.install(set), `mmdebstrap can't install ${set.packages.join(' ')}`);
    const result = await conformance.compare(set);
    assert.ok(result !== undefined);
    assert.deepEqual(result.stops, [], `what stops a build of ${set.name}`);
    results.push(result);
  }
  t.diagnostic(tableOf(results).join('\n'));
  for (const { set, differences, equal } of results) {
    const lines = differences.map(({ outcome, path, detail }) => `${outcome}: ${path}: ${detail}`);
    assert.deepEqual(
      lines.filter((line) => !known.includes(line)),
      [],
      set,
    );
    const compared = Object.entries(equal).reduce((sum, [kind, count]) => sum + (isGenerated(kind) ? count : 0), 0);
    assert.ok(compared > 50, `${set}: only ${compared} generated paths are compared`);
  }
});
