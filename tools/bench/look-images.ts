import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** An image of real packages, and a smaller one to hold it against. */
export interface BenchImage {
  readonly name: string;
  /** Of the layers' tars. */
  readonly bytes: number;
  readonly paths: number;
  readonly layers: number;
  /** OCI layouts; the tag is `1`. */
  readonly layout: string;
  readonly other: string;
  /** As `docker load` takes it. */
  readonly archive: string;
  /** Files of the layers' gzip blobs. */
  readonly blobs: readonly string[];
}

interface MakeOptions {
  readonly program: string;
  readonly say: (line: string) => void;
}

const small = ['python3', 'perl', 'ca-certificates'];
const medium = [...small, 'git', 'gcc', 'golang-1.24-src'];
const large = [...medium, 'g++', 'libboost1.83-dev', 'papirus-icon-theme', 'python3-scipy'];
/** By MB; each next has many more files too. */
const packages: Readonly<Record<number, readonly string[]>> = { 100: small, 500: medium, 1000: large };
export const benchSizes: readonly number[] = Object.keys(packages).map(Number);

/** The image of about so many MB; made once, kept in `.cache/bench-look`. */
export async function benchImage(megabytes: number, { program, say }: MakeOptions): Promise<BenchImage> {
  const names = packages[megabytes] ?? [];
  const cache = resolve('.cache/bench-look');
  const folder = join(cache, String(megabytes));
  if (!existsSync(folder)) {
    say(`making an image of ${names.join(', ')} ...`);
    await mkdir(cache, { recursive: true });
    const partial = await mkdtemp(`${folder}.`);
    try {
      const slimimage = (...args: readonly string[]) =>
        execFileSync(process.execPath, [program, ...args, '--store', join(cache, 'store'), '--quiet'], {
          stdio: ['ignore', 'ignore', 'inherit'],
        });
      const build = (target: string, all: readonly string[]) =>
        slimimage(
          ...['build', '--no-config', '--from', 'debian/trixie', '--dependencies', 'full', '--layers', '6'],
          ...['--platform', 'linux/amd64', '-o', target, ...all.flatMap((name) => ['-p', name])],
        );
      build(`oci:${partial}/image:1`, names);
      build(`oci:${partial}/other:1`, names.slice(0, -1));
      slimimage('copy', `oci:${partial}/image:1`, `docker-archive:${partial}/image.tar:look-bench/${megabytes}:1`);
      await rename(partial, folder);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  return {
    ...(await facts(join(folder, 'image'))),
    name: String(megabytes),
    other: join(folder, 'other'),
    archive: join(folder, 'image.tar'),
  };
}

async function facts(layout: string): Promise<Pick<BenchImage, 'bytes' | 'paths' | 'layers' | 'layout' | 'blobs'>> {
  const blob = (digest: string) => join(layout, 'blobs', digest.replace(':', '/'));
  const json = async (file: string) => JSON.parse(await readFile(file, 'utf8'));
  const index = await json(join(layout, 'index.json'));
  const root = await json(blob(index.manifests[0].digest));
  const manifest = root.manifests === undefined ? root : await json(blob(root.manifests[0].digest));
  const blobs = manifest.layers.map(({ digest }: { digest: string }) => blob(digest)) as readonly string[];
  let bytes = 0;
  let paths = 0;
  for (const file of blobs) {
    const count = (command: string) => Number(execFileSync('sh', ['-c', command, 'sh', file], { encoding: 'utf8' }));
    bytes += count('gzip -dc "$1" | wc -c');
    paths += count('tar -tzf "$1" | wc -l');
  }
  return { bytes, paths, layers: blobs.length, layout, blobs };
}
