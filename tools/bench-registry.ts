/**
 * `npm run bench-registry`: pushing and pulling an image of 200 MB beside skopeo, to and from the same docker-registry on the loopback, in one
 * run. It prints ratios and asserts nothing: machines are noisy. The command line is measured as it is published: `npm run build` first.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeImageConfig, encodeManifest } from '../src/oci/encode.ts';
import { layerMediaType } from '../src/oci/media-types.ts';
import { OciLayout } from '../src/store/oci-layout.ts';
import { type Digest, digestOf } from '../src/util/digest.ts';
import { startRegistry } from '../test/support/registry.ts';

const rounds = Number(process.argv[2] ?? 3);
const program = process.env['SLIMIMAGE_BENCH_PROGRAM'] ?? 'dist/bin/main.js';
const MB = 1_000_000;
/** As an image of a base, a runtime, packages and an application. */
const layerSizes = [90 * MB, 60 * MB, 30 * MB, 15 * MB, 5 * MB];

if (!existsSync(program)) throw new Error(`${program} is missing: run \`npm run build\` first`);
const folder = await mkdtemp(join(tmpdir(), 'slimimage-bench-'));
try {
  await makeImage(join(folder, 'image'));
  const best = { push: beginning(), pull: beginning(), store: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    // Who comes first changes, and each has a registry of its own: nothing is there, nothing can be mounted.
    const order = round % 2 === 0 ? (['slimimage', 'skopeo'] as const) : (['skopeo', 'slimimage'] as const);
    for (const who of order) {
      await using registry = await startRegistry(undefined);
      const name = `docker://${registry.host}/bench/image:1`;
      const home = join(folder, `home-${round}-${who}`);
      best.push[who] = Math.min(best.push[who], await time(who, ['oci:image:1', name], home));
      await rm(home, { recursive: true, force: true });
      best.pull[who] = Math.min(best.pull[who], await time(who, [name, `oci:back-${who}:1`], home));
      if (who === 'slimimage') best.store = Math.min(best.store, await time(who, [name, 'store:back'], home));
      await rm(home, { recursive: true, force: true });
      await rm(join(folder, `back-${who}`), { recursive: true });
    }
  }
  say(
    `an image of ${layerSizes.reduce((sum, size) => sum + size, 0) / MB} MB in ${layerSizes.length} layers, the best of ${rounds}`,
  );
  for (const what of ['push', 'pull'] as const) {
    row(`skopeo copy, ${what}`, best[what].skopeo);
    row(`slimimage copy, ${what}`, best[what].slimimage);
  }
  row('slimimage copy, pull into the local store', best.store);
  ratio('push, slimimage / skopeo', best.push.slimimage / best.push.skopeo);
  ratio('pull, slimimage / skopeo', best.pull.slimimage / best.pull.skopeo);
} finally {
  await rm(folder, { recursive: true, force: true });
}

type Tool = 'slimimage' | 'skopeo';

function beginning(): Record<Tool, number> {
  return { slimimage: Number.POSITIVE_INFINITY, skopeo: Number.POSITIVE_INFINITY };
}

/** Layers that no compressor makes smaller, as those of real images are. */
async function makeImage(directory: string): Promise<void> {
  const layout = await OciLayout.create(directory);
  const layers = [];
  const diffIds: Digest[] = [];
  for (const [at, size] of layerSizes.entries()) {
    const plain = noise(`layer ${at}`, size);
    diffIds.push(digestOf(plain));
    layers.push({ mediaType: layerMediaType('gzip'), ...(await layout.write(gzipSync(plain, { level: 0 }))) });
  }
  const config = encodeImageConfig({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
  await layout.write(config.bytes);
  const manifest = encodeManifest({ config: config.descriptor, layers });
  await layout.write(manifest.bytes);
  await layout.tag(manifest.descriptor, '1');
  await layout.close();
}

function noise(seed: string, size: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  // SHAKE is an endless stream of bytes.
  createHash('shake256', { outputLength: size }).update(seed).digest().copy(bytes);
  return bytes;
}

/** Seconds of wall time. */
async function time(who: Tool, [source = '', destination = '']: readonly string[], home: string): Promise<number> {
  const [command, ...args] =
    who === 'skopeo'
      ? ['skopeo', 'copy', '-q', '--src-tls-verify=false', '--dest-tls-verify=false', source, destination]
      : [process.execPath, join(process.cwd(), program), 'copy', '--quiet', source, destination];
  const env = { PATH: process.env['PATH'], HOME: home, SLIMIMAGE_STORE: join(home, 'store') };
  const started = performance.now();
  const child = spawn(command as string, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${who} failed: ${stderr}`);
  return (performance.now() - started) / 1000;
}

function row(name: string, seconds: number): void {
  say(`  ${seconds.toFixed(2).padStart(8)} s  ${name}`);
}

function ratio(name: string, value: number, expected = 1.2): void {
  const above = value <= expected ? '' : '   above';
  say(`  ${value.toFixed(2).padStart(8)}    ${name}; expected at most ${expected}${above}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
