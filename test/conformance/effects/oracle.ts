/** What mmdebstrap makes of the sets, kept from run to run: it is the slow side, and does not change with ours. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { listTar, readContents } from './list-tar.ts';
import { debootstrap } from './mmdebstrap.ts';
import { packagedPaths } from './packaged-paths.ts';
import type { ListedPath, Oracle, PackageSet } from './types.ts';

/** Both sides have it as the time of everything newer. */
export const created = Date.UTC(2025, 0, 1) / 1000;

export interface OracleOptions {
  /** Lines of sources.list(5). */
  readonly sources: readonly string[];
  /** Where results are kept. */
  readonly folder: string;
  /** Where roots and tars are made; several hundred megabytes each. */
  readonly work: string;
}

/** The first run: the tree itself. Does nothing where it is there. */
export async function makeOracle(set: PackageSet, options: OracleOptions): Promise<void> {
  const { folder } = options;
  if ((await readJson(resultFile(set, options))) !== undefined) return;
  await withTree(set, options, async (tar, packages) => {
    const paths = await listTar(tar);
    const lists = await readContents(tar, (path) => /^var\/lib\/dpkg\/(?:info\/[^/]*\.list|diversions)$/.test(path));
    const packaged = packagedPaths(paths, lists);
    const kept = new Map(
      paths.flatMap(({ path, sha256 = '', size = Infinity }) =>
        isKept(path) && (path.startsWith('etc/') || !packaged.has(path)) && size <= largestKept ? [[path, sha256]] : [],
      ),
    );
    await mkdir(join(folder, 'contents'), { recursive: true });
    for (const [path, bytes] of await readContents(tar, (path) => kept.has(path))) {
      await writeFile(join(folder, 'contents', kept.get(path) ?? ''), bytes);
    }
    await writeJson(resultFile(set, options), { packages, paths, packaged: [...packaged].sort() });
  });
}

/** The second run: which paths differ from the first. Does nothing where it is there. */
export async function measureNoise(set: PackageSet, options: OracleOptions): Promise<void> {
  const first = (await readJson(resultFile(set, options))) as Stored | undefined;
  if (first === undefined || (await readJson(noiseFile(set, options))) !== undefined) return;
  await withTree(set, options, async (tar, packages) => {
    if (packages.join() !== first.packages.join()) throw new Error(`two runs of ${set.name} differ in their packages`);
    const pictures = new Map(first.paths.map((path) => [path.path, JSON.stringify(path)]));
    const unsteady = new Set<string>();
    for (const path of await listTar(tar)) {
      if (pictures.get(path.path) !== JSON.stringify(path)) unsteady.add(path.path);
      pictures.delete(path.path);
    }
    for (const path of pictures.keys()) unsteady.add(path);
    await writeJson(noiseFile(set, options), [...unsteady].sort());
  });
}

/** Undefined where the first run was not made yet; `unsteady` is undefined where the second was not. */
export async function readOracle(set: PackageSet, options: Pick<OracleOptions, 'folder'>): Promise<Oracle | undefined> {
  const stored = (await readJson(resultFile(set, options))) as Stored | undefined;
  if (stored === undefined) return undefined;
  const unsteady = (await readJson(noiseFile(set, options))) as readonly string[] | undefined;
  const digests = new Map(stored.paths.map(({ path, sha256 }) => [path, sha256]));
  return {
    packages: stored.packages,
    paths: stored.paths,
    packaged: new Set(stored.packaged),
    unsteady: unsteady && new Set(unsteady),
    content: (path) => readFile(join(options.folder, 'contents', digests.get(path) ?? 'none')).catch(() => undefined),
  };
}

interface Stored {
  readonly packages: readonly string[];
  readonly paths: readonly ListedPath[];
  readonly packaged: readonly string[];
}

const largestKept = 4 * 1024 * 1024;

/** Byte code and dpkg's database are large, and nothing looks into them. */
function isKept(path: string): boolean {
  return !/\.pyc$|^var\/lib\/dpkg\/|^var\/cache\/apt\//.test(path);
}

async function withTree(
  set: PackageSet,
  options: OracleOptions,
  use: (tar: string, packages: readonly string[]) => Promise<void>,
): Promise<void> {
  const { sources } = options;
  const work = join(options.work, set.name);
  await mkdir(work, { recursive: true });
  const tar = join(work, 'tree.tar');
  try {
    const { packages } = await debootstrap(set.packages, { sources, work: join(work, 'root'), tar, created });
    await use(tar, packages);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function resultFile(set: PackageSet, options: Pick<OracleOptions, 'folder'>): string {
  return join(options.folder, 'oracle', `${set.name}-${keyOf(set)}.json.gz`);
}

function noiseFile(set: PackageSet, options: Pick<OracleOptions, 'folder'>): string {
  return join(options.folder, 'oracle', `${set.name}-${keyOf(set)}.noise.json.gz`);
}

/** Another set of packages under the same name is another oracle. */
export function keyOf({ packages }: PackageSet): string {
  return createHash('sha256')
    .update([created, ...packages].join())
    .digest('hex')
    .slice(0, 12);
}

async function readJson(file: string): Promise<unknown> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes && JSON.parse((await promisify(gunzip)(bytes)).toString());
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(`${file}.new`, await promisify(gzip)(JSON.stringify(value)));
  await rename(`${file}.new`, file);
}
