/**
 * `npm run demo`: builds the image of examples/python.yaml from Debian's real archive, says what went in, and runs
 * Python inside it, with Docker or Podman where one works, else in a sandbox.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEngines } from '../src/engine/find.ts';
import { loadImage } from '../src/engine/load.ts';
import { runImage } from '../src/engine/run.ts';
import { runInSandbox } from '../src/engine/sandbox.ts';
import type { Engine } from '../src/engine/types.ts';
import { isSlimimageError, SlimimageError } from '../src/errors.ts';
import type { SlimimageEvent } from '../src/events.ts';
import { type BuildResult, buildImage } from '../src/index.ts';

const config = 'examples/python.yaml';
const tag = 'slimimage-demo:python';
const program = 'import ssl, sqlite3, ctypes, bz2, lzma, zoneinfo, hashlib; print(ssl.OPENSSL_VERSION)';

/** How a way to run the image ended: with the program's output, or with a reason why it can't be used here. */
type Attempt = { readonly output: string } | { readonly reason: string };

await main();

async function main(): Promise<void> {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  process.once('SIGTERM', () => controller.abort());
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-demo-'));
  try {
    await demonstrate(folder, controller.signal);
  } catch (error) {
    if (!(error instanceof SlimimageError)) throw error;
    say(`\n${error.code}: ${error.message}`);
    if (error.hint !== undefined) say(error.hint);
    process.exitCode = error.exitStatus;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function demonstrate(folder: string, signal: AbortSignal): Promise<void> {
  say(`Building ${config} ...`);
  const file = join(folder, 'image.tar');
  const result = await build([`docker-archive:${file}`], signal);
  describe(result);

  say(`\nRunning in it: python3 -c '${program}'`);
  const { engines, missing } = await findEngines(process.env, { signal });
  for (const { name, reason } of missing) say(`  ${name}: ${reason}`);
  for (const engine of engines) {
    if (conclude(`${engine.name} ${engine.version}`, await inEngine(engine, file, signal))) return;
  }
  if (conclude('sandbox (unshare, chroot)', await inSandbox(folder, signal))) return;
  say('\nNothing here can run the image. Start Docker or Podman, or run this as root, and try again.');
  process.exitCode = 3;
}

function build(outputs: readonly string[], signal: AbortSignal): Promise<BuildResult> {
  return buildImage({ config }, { outputs, tags: [tag], signal, onEvent: tell });
}

async function inEngine(engine: Engine, file: string, signal: AbortSignal): Promise<Attempt> {
  return attempt(async () => {
    const [image = tag] = await loadImage(engine, file, { signal });
    const args = ['-c', program];
    return runImage(engine, image, { entrypoint: '/usr/bin/python3', args, locked: true, signal });
  });
}

async function inSandbox(folder: string, signal: AbortSignal): Promise<Attempt> {
  return attempt(async () => {
    const root = join(folder, 'root');
    await build([`dir:${root}`], signal);
    return runInSandbox(root, ['/usr/bin/python3', '-c', program], { env: process.env, signal });
  });
}

/** An engine that answers may still be unable to run anything here; then the next way is tried. */
async function attempt(run: () => Promise<{ status: number; stdout: string; stderr: string }>): Promise<Attempt> {
  try {
    const { status, stdout, stderr } = await run();
    if (status === 0) return { output: stdout.trim() };
    throw new SlimimageError({ code: 'ENGINE', message: `python3 ended with status ${status}:\n${stderr.trim()}` });
  } catch (error) {
    if (!isSlimimageError(error, 'ENGINE')) throw error;
    return { reason: error.message };
  }
}

function conclude(name: string, result: Attempt): boolean {
  if ('reason' in result) {
    say(`  ${name}: ${result.reason}`);
    return false;
  }
  say(`  ${name}: ${result.output}`);
  return true;
}

function describe(result: BuildResult): void {
  for (const { platform, packages, layers, omitted } of result.platforms) {
    say(`\n${packages.length} packages for ${platform}:`);
    for (const { name, version, installedBytes } of [...packages].sort((a, b) => b.installedBytes - a.installedBytes)) {
      say(`  ${size(installedBytes)}  ${name} ${version}`);
    }
    for (const { reason, count, bytes } of omitted) say(`  left out: ${reason}, ${count} files, ${size(bytes).trim()}`);
    const total = layers.reduce((sum, layer) => sum + layer.size, 0);
    const compressed = layers.reduce((sum, layer) => sum + layer.compressedSize, 0);
    say(`size:   ${size(total).trim()}, compressed ${size(compressed).trim()}, in ${layers.length} layer(s)`);
  }
  say(`digest: ${result.digest}`);
  for (const { message } of result.warnings) say(`warning: ${message}`);
}

function tell(event: SlimimageEvent): void {
  if (event.type === 'phase' && event.state === 'start') say(`  ${event.phase} ...`);
}

function size(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2).padStart(7)} MB`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
