/**
 * `npm run bench-resolve`: how long resolving takes beside apt and dose-debcheck, in one run, on the real archive. It
 * prints ratios and asserts nothing: machines are noisy. The command line is measured as it is published: `npm run build`
 * first.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianVersions } from '../src/distro/debian/version.ts';
import { createResolver } from '../src/solver/resolve.ts';
import { makeAptRoot, simulate, updateLists } from '../test/conformance/apt/apt-root.ts';
import { specsOf } from '../test/conformance/apt/settings.ts';
import { askDose } from '../test/conformance/dose/dose.ts';
import { openSuite } from '../test/conformance/dose/open-suite.ts';

const architecture = 'amd64';
const rounds = 10;
const folder = process.env['SLIMIMAGE_BENCH_STORE'] ?? join(tmpdir(), 'slimimage-conformance-store');

if (process.argv[2] === 'all-packages') {
  await resolveAll();
} else {
  if (!existsSync('dist/bin/main.js')) throw new Error('dist/ is missing: run `npm run build` first');
  await benchCommand();
  await benchAllPackages();
}

/** One package, the whole process, everything at hand: apt's binary cache and our store. */
async function benchCommand(): Promise<void> {
  const setting = { name: 'trixie', preset: 'debian/trixie' };
  const specs = await specsOf(setting, { architecture, env: process.env });
  const lists = join(folder, 'apt-lists');
  const cache = join(folder, 'apt-cache');
  const root = await makeAptRoot(join(folder, 'apt-root'), specs, { architecture, lists, cache });
  await updateLists(root);
  await simulate(['python3'], root);
  const ways = {
    apt: () => time('apt-get', ['-qq', 'install', '--simulate', 'python3'], root.env),
    asking: () => time(process.execPath, resolveCommand()),
    offline: () => time(process.execPath, [...resolveCommand(), '--offline']),
  };
  ways.asking();
  const best = { apt: Number.POSITIVE_INFINITY, asking: Number.POSITIVE_INFINITY, offline: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    for (const way of ['apt', 'asking', 'offline'] as const) best[way] = Math.min(best[way], ways[way]());
  }
  say(`python3 in trixie with updates and security, the best of ${rounds}`);
  row('apt-get install --simulate', best.apt);
  row('slimimage resolve', best.asking);
  row('slimimage resolve --offline', best.offline);
  ratio('resolve / apt-get', best.asking / best.apt, 0.35);
  ratio('resolve --offline / apt-get, which asks no mirror either', best.offline / best.apt, 0.35);
}

/** Each package of a suite alone, one process. */
async function benchAllPackages(): Promise<void> {
  const { packages } = await openSuite('trixie', { architecture, store: folder });
  say('\neach package of trixie main alone, in one process');
  const child = spawnSync(process.execPath, [import.meta.filename, 'all-packages'], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(child.stderr);
  const all: AllPackages = JSON.parse(child.stdout);
  const dose = askDose(packages, { architecture });
  row('slimimage', all.seconds);
  row('dose-debcheck', dose.seconds);
  ratio('slimimage / dose-debcheck', all.seconds / dose.seconds, 1);
  say(`  ${all.packages} packages, of which ${all.refused} cannot be there (dose ${dose.broken.size})`);
  say(`  ${all.entries} entries in all answers, with their reasons and their order`);
  say(`  ${all.memory.toFixed(0)} MB at most; expected at most 700`);
}

interface AllPackages {
  readonly seconds: number;
  readonly packages: number;
  readonly refused: number;
  /** Packages of all answers together. */
  readonly entries: number;
  /** MB of resident memory, at most. */
  readonly memory: number;
}

/** Opening the index is part of it, fetching is not. */
async function resolveAll(): Promise<void> {
  const started = performance.now();
  const { universe } = await openSuite('trixie', { architecture, store: folder });
  const policy = { dependencies: 'full', recommends: false } as const;
  const resolver = createResolver(universe, { policy, versions: debianVersions });
  let packages = 0;
  let refused = 0;
  let entries = 0;
  for (const name of universe.names()) {
    const records = universe.candidates(name);
    for (const { version } of records) {
      packages++;
      const request = records.length === 1 ? { text: name, name } : { text: name, name, version };
      const answer = resolver.resolve([request]);
      if (answer.ok) entries += answer.resolution.packages.length;
      else refused++;
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const memory = process.resourceUsage().maxRSS / 1024;
  say(JSON.stringify({ seconds, packages, refused, entries, memory } satisfies AllPackages));
}

function resolveCommand(): readonly string[] {
  return ['dist/bin/main.js', 'resolve', 'python3', '--from', 'debian/trixie', '--quiet', '--store', folder];
}

/** Seconds of wall time. */
function time(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
) {
  const started = performance.now();
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return (performance.now() - started) / 1000;
}

function row(name: string, seconds: number): void {
  say(`  ${seconds.toFixed(2).padStart(8)} s  ${name}`);
}

function ratio(name: string, value: number, expected: number): void {
  say(
    `  ${value.toFixed(3).padStart(8)}    ${name}; expected at most ${expected}${value <= expected ? '' : '   above'}`,
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
