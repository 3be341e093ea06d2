/**
 * `npm run bench-look -- [100 500 1000]`: how long it takes to look at images of so many MB of real packages, and in how much memory, beside
 * tools that read the same bytes in the same run. It prints figures and verdicts and asserts nothing: machines are noisy. The command line is
 * measured as it is published: `npm run build` first. The images are made once, with Debian's packages, and kept in `.cache/bench-look`.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lackingDocker, startEngine, type TestEngine } from '../test/support/engine.ts';
import { type BenchImage, benchImage, benchSizes } from './bench/look-images.ts';
import { type Measured, type Measurer, measure } from './bench/measure.ts';
import { findCommand } from './system-packages.ts';

const program = process.env['SLIMIMAGE_BENCH_PROGRAM'] ?? 'dist/bin/main.js';
const MB = 1_000_000;
/** What is expected of a warm inspect (seconds), and of any command at 1 GB (bytes). */
const expected = { warm: 0.5, memory: 400 * MB };

if (!existsSync(program)) throw new Error(`${program} is missing: run \`npm run build\` first`);
const chosen = process.argv.slice(2).map(Number);
const sizes = benchSizes.filter((size) => chosen.length === 0 || chosen.includes(size));
if (sizes.length === 0) throw new Error(`sizes are ${benchSizes.join(', ')}`);
const folder = await mkdtemp(join(tmpdir(), 'slimimage-bench-'));
const engine = lackingDocker === false ? await startEngine() : undefined;
if (lackingDocker !== false) say(`without the Docker engine: ${lackingDocker}`);
try {
  const colds: { readonly size: number; readonly seconds: number }[] = [];
  for (const size of sizes) {
    const image = await benchImage(size, { program, say });
    colds.push({ size: image.bytes, seconds: await benchSize(image) });
  }
  say('\ngrowth: seconds of the first look at oci: for each 100 MB');
  for (const { size, seconds } of colds) row(`${Math.round(size / MB)} MB`, { seconds: seconds / (size / (100 * MB)) });
} finally {
  await engine?.stop();
  await rm(folder, { recursive: true, force: true });
}

/** @returns seconds of the first look at the layout */
async function benchSize(image: BenchImage): Promise<number> {
  say(`\n${Math.round(image.bytes / MB)} MB of layers, ${image.paths} paths, ${image.layers} layers`);
  const places = [`oci:${image.layout}:1`, `docker-archive:${image.archive}`];
  if (engine !== undefined) places.push(await loaded(engine, image));
  let first = 0;
  for (const [at, place] of places.entries()) {
    const form = place.slice(0, place.indexOf(':'));
    say(` ${form}:`);
    const store = join(folder, `store-${image.name}-${at}`);
    const run: Measurer = (what, args) =>
      measure(what, [process.execPath, program, ...args, '--store', store, '--quiet'], { env: environment(), say });
    const cold = await run('first look (ls), cold', ['ls', place]);
    if (at === 0) first = cold.seconds;
    const figures = [cold, await run('inspect, first', ['inspect', place])];
    // An answer with secrets is never remembered: its layers are known, and everything is found again.
    const asked = await run('inspect, warm, layers remembered (--show-secrets)', ['inspect', place, '--show-secrets']);
    verdict('warm inspect, layers remembered', asked.seconds, expected.warm, 's');
    const again = await run('inspect, warm, answer remembered', ['inspect', place]);
    verdict('warm inspect, answer remembered', again.seconds, expected.warm, 's');
    figures.push(asked, again, await run('ls, warm', ['ls', place]));
    figures.push(await run('audit, first', ['audit', place]), await run('audit, warm', ['audit', place]));
    if (at === 0) {
      const other = `oci:${image.other}:1`;
      figures.push(await run('diff, the other image cold', ['diff', place, other]));
      figures.push(await run('diff, warm', ['diff', place, other]));
    }
    const most = Math.max(...figures.map(({ memory }) => memory ?? 0));
    verdict('peak memory of all these', most / MB, expected.memory / MB, 'MB');
    await rm(store, { recursive: true, force: true });
    if (at === 0) await inspectCold(place, cold);
  }
  await besideOthers(image, first);
  return first;
}

/** With everything that inspect wants to know, and nothing known before. */
async function inspectCold(place: string, look: Measured): Promise<void> {
  const store = join(folder, 'store-cold');
  const args = [process.execPath, program, 'inspect', place, '--store', store, '--quiet'];
  const cold = await measure('inspect, cold', args, { env: environment(), say });
  ratio('inspect cold / ls cold', cold.seconds / look.seconds);
  await rm(store, { recursive: true, force: true });
}

async function besideOthers(image: BenchImage, first: number): Promise<void> {
  say(' other tools with the same layout:');
  const blobs = image.blobs.map((blob) => `tar -tvzf ${blob}`).join(' && ');
  const listed = await measure('tar -tvzf of each layer', ['sh', '-c', blobs], { env: environment(), say });
  ratio('first look / tar -tvzf, one after the other', first / listed.seconds);
  if (findCommand('umoci') === undefined) return;
  const bundle = join(folder, `bundle-${image.name}`);
  const unpack = ['umoci', 'unpack', '--rootless', '--image', `${image.layout}:1`, bundle];
  const unpacked = await measure('umoci unpack', unpack, { env: environment(), say });
  ratio('first look / umoci unpack', first / unpacked.seconds);
  await rm(bundle, { recursive: true, force: true });
  if (engine === undefined) return;
  const saved = `docker save look-bench/${image.name}:1 | tar -t > ${join(folder, 'list')}`;
  await measure('docker save | tar -t', ['sh', '-c', saved], { env: environment(), say });
}

async function loaded(on: TestEngine, image: BenchImage): Promise<string> {
  const name = `look-bench/${image.name}:1`;
  const answer = await on.docker(['load', '--input', image.archive], { timeout: 600_000 });
  if (answer.status !== 0) throw new Error(`docker load: ${answer.stderr}`);
  return `docker-daemon:${name}`;
}

function environment(): Readonly<Record<string, string | undefined>> {
  return { PATH: process.env['PATH'], HOME: folder, DOCKER_HOST: engine?.env['DOCKER_HOST'] };
}

function row(name: string, { seconds }: { readonly seconds: number }): void {
  say(`  ${seconds.toFixed(2).padStart(8)} s  ${name}`);
}

function ratio(name: string, value: number): void {
  say(`  ${value.toFixed(2).padStart(8)}    ${name}`);
}

function verdict(what: string, value: number, most: number, unit: string): void {
  const shown = unit === 's' ? value.toFixed(2) : Math.round(value).toString();
  say(`  ${value <= most ? '   below' : '   ABOVE'}    ${what}: ${shown} ${unit}, expected at most ${most} ${unit}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
