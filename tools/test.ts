/**
 * `npm test` and `npm run test:unit`; `npm test -- FILE...` runs some files only. The last line on stdout is always
 * `N passed, N failed, N skipped`; the exit status is 1 where a test failed or none ran.
 */
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { ensureSystemPackages } from './system-packages.ts';
import { addTallies, emptyTally, runFiles, runTogether, type Tally } from './test-run.ts';

interface Stage {
  readonly title: string;
  readonly files: readonly string[];
  /** Test files that share a process, beside the others. */
  readonly together?: readonly string[];
  /** Test files that run at the same time. */
  readonly concurrency: number;
  /** Milliseconds for one file. */
  readonly timeout: number;
}

const minute = 60_000;

/** Floors 0 to 3 touch nothing outside their arguments, so their tests can't disturb each other. */
const pureRooms = [
  ...['util', 'formats', 'oci', 'rootfs', 'distro', 'view', 'solver', 'effects', 'scripts', 'prune', 'check', 'lock'],
  ...['sbom', 'provenance', 'inspect', 'secrets', 'audit', 'compare'],
];

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  const what = args[0] === 'unit' ? 'unit' : 'all';
  const files = args.filter((arg) => arg !== 'unit' && arg !== 'all');
  if (what === 'all') ensureSystemPackages({ say });
  // Of each file's own process a third would go into compiling what others have compiled.
  process.env['NODE_COMPILE_CACHE'] ??= resolve('.cache/compile');
  const started = performance.now();
  let total = emptyTally;
  for (const stage of files.length === 0 ? stagesOf(what) : [filesStage(files)]) {
    if (stage.files.length === 0) continue;
    const { title, files: apart, together = [], concurrency, timeout } = stage;
    say(`${title}: ${apart.length + together.length} files`);
    const tallies = await Promise.all([
      runFiles(apart, { concurrency, timeout }),
      ...(together.length === 0 ? [] : [runTogether(together, { timeout: 10 * minute })]),
    ]);
    total = tallies.reduce(addTallies, total);
  }
  report(total, (performance.now() - started) / 1000);
}

function stagesOf(what: 'all' | 'unit'): readonly Stage[] {
  const cores = Math.max(2, availableParallelism());
  const pure = new Set(find(`src/{${pureRooms.join(',')}}/**/*.test.ts`));
  const unit: Stage = {
    title: 'unit and architecture',
    files: find('src/**/*.test.ts', 'test/{architecture,support}/**/*.test.ts').filter((file) => !pure.has(file)),
    together: [...pure],
    concurrency: cores,
    timeout: 2 * minute,
  };
  if (what === 'unit') return [unit];
  const slow = find('test/conformance/**/*.test.ts', 'test/e2e/**/*.test.ts');
  return [
    unit,
    {
      title: 'conformance and end to end',
      files: slow.filter((file) => !usesEngine(file)),
      concurrency: cores,
      timeout: 10 * minute,
    },
    {
      title: 'end to end with a container engine, one at a time',
      files: slow.filter(usesEngine),
      concurrency: 1,
      timeout: 15 * minute,
    },
  ];
}

function filesStage(patterns: readonly string[]): Stage {
  return { title: 'chosen files', files: find(...patterns), concurrency: 1, timeout: 15 * minute };
}

function find(...patterns: readonly string[]): readonly string[] {
  return globSync([...patterns]).sort();
}

/** Two daemons at once are two times the memory and half the speed. */
function usesEngine(file: string): boolean {
  return /support\/(?:engine|look-scene)/.test(readFileSync(file, 'utf8'));
}

function report(total: Tally, seconds: number): void {
  if (total.skipped.length > 0) {
    say(`\nskipped (${total.skipped.length}):`);
    for (const { name, file, reason } of total.skipped) say(`  - ${name} (${file}): ${reason}`);
  }
  if (total.failed.length > 0) {
    say(`\nfailed (${total.failed.length}):`);
    for (const { name, file } of total.failed) say(`  - ${name} (${file})`);
  }
  const ran = total.passed + total.failed.length;
  if (ran === 0) say('\nNo test ran.');
  if (ran === 0 || total.failed.length > 0) process.exitCode = 1;
  say(`\n${seconds.toFixed(1)} s`);
  say(`${total.passed} passed, ${total.failed.length} failed, ${total.skipped.length} skipped`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
