/**
 * `npm run conformance-dose -- [SUITE]...`: asks dose-debcheck and our solver of each package of a suite's main whether
 * it can be installed at all, and prints every disagreement (default: trixie and sid). docs/resolving.md explains the
 * one that dose-debcheck is wrong about. Exit status 1 where there is another.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianVersions } from '../src/distro/debian/version.ts';
import type { Universe } from '../src/distro/types.ts';
import { createResolver } from '../src/solver/resolve.ts';
import { askDose, askDoseWithoutAny } from '../test/conformance/dose/dose.ts';
import { openSuite } from '../test/conformance/dose/open-suite.ts';

const architecture = 'amd64';
const store = process.env['SLIMIMAGE_BENCH_STORE'] ?? join(tmpdir(), 'slimimage-conformance-store');
const suites = process.argv.slice(2);
for (const suite of suites.length > 0 ? suites : ['trixie', 'sid']) await compare(suite);

async function compare(suite: string): Promise<void> {
  const { universe, packages, date } = await openSuite(suite, { architecture, store });
  const dose = askDose(packages, { architecture });
  const ours = brokenOf(universe);
  const differences = differing(ours.broken, dose.broken);
  say(`${suite} main, ${architecture}, of ${date}`);
  say(`  packages          ${ours.packages} (dose ${dose.packages})`);
  say(`  cannot be there   ${ours.broken.size} (dose ${dose.broken.size})`);
  say(`  disagreements     ${differences.length}`);
  if (differences.length === 0 && ours.packages === dose.packages) return;
  const left = new Set(differing(ours.broken, askDoseWithoutAny(packages, { architecture }).broken));
  for (const name of differences) {
    const sides = ours.broken.has(name) ? 'dose says yes, slimimage no' : 'dose says no, slimimage yes';
    say(
      `    ${name}: ${sides}; ${left.has(name) ? 'unexplained' : 'dose misreads a conflict with NAME:any (VERSION)'}`,
    );
  }
  if (left.size > 0 || ours.packages !== dose.packages) process.exitCode = 1;
}

function differing(ours: ReadonlySet<string>, dose: ReadonlySet<string>): readonly string[] {
  const all = new Set([...ours, ...dose]);
  return [...all].filter((one) => ours.has(one) !== dose.has(one)).sort();
}

/** Every version of every package, each asked for alone. */
function brokenOf(universe: Universe): { readonly broken: ReadonlySet<string>; readonly packages: number } {
  const resolver = createResolver(universe, {
    policy: { dependencies: 'full', recommends: false },
    versions: debianVersions,
  });
  const broken = new Set<string>();
  let packages = 0;
  for (const name of universe.names()) {
    const records = universe.candidates(name);
    for (const { version } of records) {
      packages++;
      const plain = { text: name, name };
      // By name first, which answers nearly all; by version, others than the newest versions may come along too.
      const found = records.length === 1 && resolver.resolve([plain]).ok;
      if (!found && !resolver.resolve([{ ...plain, version }]).ok) broken.add(`${name} ${version}`);
    }
  }
  return { broken, packages };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
