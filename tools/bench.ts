/**
 * `npm run bench [python|jre|big]...`: how long an image takes beside other ways to the same bytes, in one run, on the
 * same downloaded .debs with the same paths left out. It prints ratios and asserts nothing: machines are noisy. What
 * it compares with has to be there: dpkg-deb, igzip (isal), mmdebstrap, apt-ftparchive or dpkg-scanpackages.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImage, flagsToSpec, planImage } from '../src/index.ts';

/** What is left out by default, for the tools that take shell patterns. */
const leftOut = ['doc', 'doc-base', 'gtk-doc', 'help', 'info', 'lintian', 'locale', 'man'].map(
  (name) => `./usr/share/${name}`,
);

const sets: Readonly<Record<string, { readonly packages: readonly string[]; readonly changed: string }>> = {
  python: { packages: ['python3', 'ca-certificates', 'tzdata'], changed: 'zlib1g' },
  jre: { packages: ['openjdk-21-jre-headless'], changed: 'zlib1g' },
  big: { packages: ['llvm-19-dev', 'openjdk-21-jdk-headless'], changed: 'zlib1g' },
};

interface Measured {
  readonly way: string;
  readonly seconds: number;
  /** Peak resident memory in MB, where it was measured. */
  readonly memory: number | undefined;
}

const work = mkdtempSync(join(process.env['TMPDIR'] ?? tmpdir(), 'slimimage-bench-'));
try {
  for (const command of ['dpkg-deb', 'igzip', 'mmdebstrap', 'dpkg-scanpackages', 'zstd']) requireCommand(command);
  if (!existsSync('dist/bin/main.js'))
    fail('dist/ is missing: run `npm run build` first, the command line is measured as it is published.');
  const names = process.argv.slice(2);
  for (const name of names.length > 0 ? names : Object.keys(sets)) await benchSet(name);
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function benchSet(name: string): Promise<void> {
  const set = sets[name] ?? fail(`There is no set "${name}": ${Object.keys(sets).join(', ')}`);
  const debs = await downloadSet(name, set.packages);
  const files = readdirSync(debs).map((file) => join(debs, file));
  const results: Measured[] = [];
  const run = (way: string, command: string, prepare?: () => void) => {
    prepare?.();
    const measured = measure(way, command);
    results.push(measured);
    say(
      `  ${measured.seconds.toFixed(2).padStart(8)} s  ${measured.memory === undefined ? '' : `${measured.memory.toFixed(0)} MB`.padStart(8)}  ${way}`,
    );
    return measured;
  };
  say(`\n${name}: ${files.length} packages`);
  const scratch = join(work, `${name}-scratch`);
  const clean = () => {
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch);
  };
  // Everything is read once, so that all ways find it in the page cache.
  measure('', `cat ${debs}/*.deb > /dev/null`);
  const excludes = leftOut.map((path) => `--exclude='${path}'`).join(' ');
  run(
    'by hand: dpkg -x each, tar, gzip',
    `mkdir ${scratch}/root; for deb in ${debs}/*.deb; do dpkg -x $deb ${scratch}/root; done; tar -C ${scratch}/root ${excludes} -cf - . | gzip > ${scratch}/image.tar.gz`,
    clean,
  );
  const cores = availableParallelism();
  run(
    `native bound: dpkg-deb --fsys-tarfile | igzip -1, ${cores} processes`,
    `ls -S ${debs}/*.deb | xargs -P ${cores} -I{} sh -c 'dpkg-deb --fsys-tarfile {} | igzip -1 > ${scratch}/$(basename {}).gz'`,
    clean,
  );
  const repository = makeRepository(name, debs);
  run(
    'mmdebstrap, extract variant, to tar.gz',
    `mmdebstrap --quiet --variant=extract --include=${packageNames(files).join(',')} '' ${scratch}/image.tar.gz 'deb [trusted=yes] copy:${repository} ./'`,
    clean,
  );
  const store = join(work, `${name}-store`);
  const command = (compression: string, folder = debs) =>
    `node dist/bin/main.js build --quiet --no-config --base none --dependencies none --compression ${compression} --package ${folder}/ --store ${store} --offline --tag bench:${name}`;
  const emptyStore = () => rmSync(store, { recursive: true, force: true });
  const cold = { zstd: run('slimimage cold, zstd -3', command('zstd'), emptyStore) };
  const gzip = run('slimimage cold, gzip -6', command('gzip'), emptyStore);
  const warm = run('slimimage warm', command('gzip'));
  const again = run('slimimage warm, once more', command('gzip'));
  const changed = run(`slimimage, ${set.changed} changed`, command('gzip', changedSet(name, debs, set.changed)));
  const [hand, bound] = results as [Measured, Measured];
  table([
    ['cold zstd / native bound', cold.zstd.seconds / bound.seconds, 1.6],
    ['cold gzip / native bound', gzip.seconds / bound.seconds, 2.2],
    ['cold gzip / by hand', gzip.seconds / hand.seconds, 0.3],
    ['warm / by hand', Math.min(warm.seconds, again.seconds) / hand.seconds, 0.06],
    ['one changed / cold gzip', changed.seconds / gzip.seconds, 0.15],
    ['peak memory cold gzip, MB', gzip.memory ?? Number.NaN, name === 'python' ? 300 : 600],
  ]);
}

/** The closure of packages as files in a folder, fetched through the product's own archive code. */
async function downloadSet(name: string, packages: readonly string[]): Promise<string> {
  const store = join(process.env['SLIMIMAGE_BENCH_STORE'] ?? join(tmpdir(), 'slimimage-bench-debs'));
  const spec = flagsToSpec({ from: 'debian/trixie', package: packages }, { cwd: work });
  say(`\nfetching ${packages.join(', ')} with dependencies ...`);
  await buildImage(spec, { store });
  const [platform] = (await planImage(spec, { store })).platforms;
  const folder = join(work, `${name}-debs`);
  mkdirSync(folder);
  for (const { name: deb, version, architecture, sha256 } of platform?.packages ?? []) {
    const target = join(folder, `${deb}_${version.replace(/^\d+:/, '')}_${architecture}.deb`);
    const source = join(store, 'blobs/sha256', sha256);
    try {
      linkSync(source, target);
    } catch {
      // Another file system.
      spawnSync('cp', [source, target]);
    }
  }
  return folder;
}

/** The same set with one package rebuilt: same files, another version. */
function changedSet(name: string, debs: string, changed: string): string {
  const folder = join(work, `${name}-changed`);
  mkdirSync(folder);
  for (const file of readdirSync(debs)) linkSync(join(debs, file), join(folder, file));
  const deb =
    readdirSync(folder).find((file) => file.startsWith(`${changed}_`)) ?? fail(`${changed} is not in the set`);
  const tree = join(work, `${name}-rebuild`);
  shell(
    `dpkg-deb -R ${join(folder, deb)} ${tree} && sed -i 's/^Version: .*/&+changed/' ${tree}/DEBIAN/control && date > ${tree}/usr/share/slimimage-bench && rm ${join(folder, deb)} && dpkg-deb --root-owner-group -b ${tree} ${join(folder, deb)} > /dev/null`,
  );
  return folder;
}

function makeRepository(name: string, debs: string): string {
  const folder = join(work, `${name}-repository`);
  shell(
    `mkdir ${folder} && cp -l ${debs}/*.deb ${folder}/ && cd ${folder} && dpkg-scanpackages . > Packages 2> /dev/null`,
  );
  return folder;
}

function packageNames(files: readonly string[]): readonly string[] {
  return files.map((file) => (file.split('/').pop() as string).split('_')[0] as string);
}

/** Wall time and peak memory of a shell command and everything below it, by GNU time where it is there. */
function measure(way: string, command: string): Measured {
  const report = join(work, 'time');
  writeFileSync(report, '');
  const hasTime = existsSync('/usr/bin/time');
  const started = performance.now();
  const result = spawnSync(
    hasTime ? '/usr/bin/time' : 'sh',
    [...(hasTime ? ['-f', '%M', '-o', report, 'sh'] : []), '-e', '-c', command],
    { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } },
  );
  const seconds = (performance.now() - started) / 1000;
  if (result.status !== 0) fail(`${way} failed:\n${result.stdout}${result.stderr}`);
  const peak = hasTime ? Number(spawnSync('tail', ['-n', '1', report], { encoding: 'utf8' }).stdout) / 1024 : undefined;
  return { way, seconds, memory: peak };
}

function table(rows: readonly (readonly [name: string, ratio: number, expected: number])[]): void {
  for (const [name, ratio, expected] of rows) {
    const shown = ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(3);
    say(
      `  ${name.padEnd(28)} ${shown.padStart(7)}  expected at most ${expected}${ratio <= expected ? '' : '   above'}`,
    );
  }
}

function shell(command: string): void {
  const result = spawnSync('sh', ['-e', '-c', command], { encoding: 'utf8' });
  if (result.status !== 0) fail(`${command}\n${result.stderr}`);
}

function requireCommand(command: string): void {
  if (spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0)
    fail(`${command} is missing: on Debian, apt-get install isal mmdebstrap dpkg-dev zstd`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(3);
}
