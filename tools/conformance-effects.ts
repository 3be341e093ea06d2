/**
 * `npm run conformance-effects`: installs the catalogue's packages and 60 drawn ones with mmdebstrap, maintainer scripts and
 * all, gives slimimage the same `name=version` list, and compares the two trees. Needs root and Debian. Prints per class what
 * is equal, different, missing and extra; `docs/effects.md` explains it, test/conformance/effects/irrelevant.ts lists what
 * is not compared. Exit status 1 where something falls short of test/conformance/effects/demands.ts: 98 % of all that is
 * generated, 100 % of certificates, alternatives, accounts and ld.so.cache, no build that the check refuses.
 *
 *   --seed TEXT       other draws (default: 1)
 *   --drawn N         how many (default: 60)
 *   --set NAME        this set alone; may be repeated
 *   --jobs N          sets at the same time (default: 1)
 *   --again           sets that were compared before too: mmdebstrap does not run again
 *   --no-install      what mmdebstrap has installed before, and nothing else
 *   --no-compare      mmdebstrap's side alone, which takes the most time
 *   --as-users        builds the sets as a user would, with every default, and compares nothing: which builds are refused,
 *                     stopped, warn. Needs no root and no mmdebstrap; exit status 1 where the check refuses one
 *   --no-noise        without the second run of mmdebstrap, which shows what differs by itself
 *   --resume FOLDER   where everything is kept (default: .cache/conformance-effects)
 *   --work FOLDER     where roots are made (default: /dev/shm, else the folder for temporary files)
 *   --report FILE     every difference by name (default: report.md in the folder)
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { mapLimit } from '../src/util/concurrency.ts';
import { type UserBuild, userLines } from '../test/conformance/effects/as-user.ts';
import { scriptStops, shortfalls } from '../test/conformance/effects/demands.ts';
import {
  agreement,
  differenceLines,
  reportOf,
  setLines,
  silentLines,
  summaryOf,
  tableOf,
} from '../test/conformance/effects/report.ts';
import { type Conformance, openConformance, type SetResult } from '../test/conformance/effects/run.ts';
import type { PackageSet } from '../test/conformance/effects/types.ts';
import { lacking } from '../test/support/need.ts';
import { projectRoot } from '../test/support/source-code.ts';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    seed: { type: 'string', default: '1' },
    drawn: { type: 'string', default: '60' },
    set: { type: 'string', multiple: true, default: [] },
    jobs: { type: 'string', default: '1' },
    again: { type: 'boolean', default: false },
    install: { type: 'boolean', default: true },
    compare: { type: 'boolean', default: true },
    'as-users': { type: 'boolean', default: false },
    noise: { type: 'boolean', default: true },
    resume: { type: 'string', default: join(projectRoot, '.cache/conformance-effects') },
    work: { type: 'string', default: existsSync('/dev/shm') ? '/dev/shm' : tmpdir() },
    report: { type: 'string' },
  },
});

await main();

async function main(): Promise<void> {
  const missing = !values['as-users'] && lacking({ commands: ['mmdebstrap'], root: true });
  if (missing !== false) {
    tell(missing);
    process.exitCode = 3;
    return;
  }
  const here = process.env['INIT_CWD'] ?? '.';
  const folder = resolve(here, values.resume);
  const work = await mkdtemp(join(resolve(here, values.work), 'conformance-effects-'));
  try {
    await using conformance = await openConformance({ folder, work, say: tell });
    const all = await conformance.sets({ seed: values.seed, count: Number(values.drawn) });
    const sets = values.set.length === 0 ? all : all.filter(({ name }) => values.set.includes(name));
    const limit = Number(values.jobs);
    if (values['as-users']) {
      tellBuilds(await mapLimit(sets, (set) => userStep(set, conformance), { limit }));
      return;
    }
    await mapLimit(sets, (set) => step(set, conformance), { limit });
    if (values.noise && values.install) await mapLimit(sets, (set) => noiseStep(set, conformance), { limit });
    if (!values.compare) return;
    const results = [];
    for (const set of all) results.push(await conformance.result(set));
    await tellAll(
      results.filter((result) => result !== undefined),
      resolve(here, values.report ?? join(folder, 'report.md')),
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function step(set: PackageSet, conformance: Conformance): Promise<void> {
  if (values.install) {
    if (!(await conformance.install(set))) return;
    tell(`${set.name}: installed by mmdebstrap`);
  }
  if (!values.compare || (!values.again && (await conformance.result(set)) !== undefined)) return;
  tellResult(await conformance.compare(set));
}

/** What a second run of mmdebstrap does not repeat is no difference: those sets are compared once more. */
async function noiseStep(set: PackageSet, conformance: Conformance): Promise<void> {
  await conformance.measureNoise(set);
  tell(`${set.name}: installed twice`);
  const result = await conformance.result(set);
  if (!values.compare || result?.unsteady !== undefined) return;
  tellResult(await conformance.compare(set));
}

async function userStep(set: PackageSet, conformance: Conformance): Promise<UserBuild> {
  const build = await conformance.buildAsUser(set);
  tell(`${set.name}: ${build.outcome}, ${build.packages} packages`);
  return build;
}

function tellBuilds(builds: readonly UserBuild[]): void {
  for (const line of userLines(builds)) say(line);
  if (builds.some(({ outcome }) => outcome === 'refused by the check' || outcome === 'failed')) process.exitCode = 1;
}

function tellResult(result: SetResult | undefined): void {
  if (result !== undefined) tell(`${result.set}: ${agreement([result]).toFixed(1)} % of the generated paths are equal`);
}

async function tellAll(results: readonly SetResult[], report: string): Promise<void> {
  await writeFile(report, reportOf(results));
  for (const line of setLines(results)) say(line);
  say('');
  for (const line of tableOf(results)) say(line);
  for (const lines of [silentLines(results), differenceLines(results), scriptStops(results)]) {
    say('');
    for (const line of lines) say(line);
  }
  say(`\n${summaryOf(results)}; every difference: ${report}`);
  const short = shortfalls(results);
  for (const line of short) say(`FALLS SHORT: ${line}`);
  if (short.length > 0) process.exitCode = 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
