/**
 * The same images built in many ways: one row a way, with the digests that came out. What the ways share is one
 * snapshot of the archive, taken once: the store of a first build with everything left out that is not a file of the
 * archive (Release, Packages, .debs); what it is offline is what it was then. Every way begins with a copy of it and works with `--offline`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, lchown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildResult } from '../../src/index.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { reach } from '../../src/store/reach.ts';
import { type InputVariant, type TableImages, writeInputs } from './digest-inputs.ts';
import { projectRoot } from './source-code.ts';

/** How a build is done; whatever is left out is as in the first row. */
export interface Way {
  readonly name: string;
  /** Why it can't be done here. */
  readonly skip: string | false;
  /** The Node to run. */
  readonly node?: string;
  readonly nodeArgs?: readonly string[];
  /** The command line's entry. */
  readonly program?: string;
  /** More arguments of `slimimage build`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Nothing in the environment but what `env` says. */
  readonly bare?: boolean;
  /** What runs the program: a command and its arguments. */
  readonly under?: (folder: string) => readonly string[];
  readonly inputs?: InputVariant;
  /** Where its folder is made; default: the table's. */
  readonly place?: string;
  /** Name of its folder. */
  readonly folder?: string;
  /** Whose folder it is. */
  readonly owner?: number;
  /** Images in the opposite order, so that other ones find a warm store. */
  readonly reversed?: boolean;
  /** `built`: everything was built in this store before. `contents`: packages are converted, images are forgotten. */
  readonly store?: 'built' | 'contents';
  /** From a lock made before: nothing is left then that the archive says, but the .debs. */
  readonly locked?: boolean;
  /** Images that are built this way; default: all. */
  readonly only?: (image: string) => boolean;
}

export type Row =
  | { readonly type: 'built'; readonly way: string; readonly digests: Digests; readonly equal: boolean }
  | { readonly type: 'failed' | 'skipped'; readonly way: string; readonly reason: string };

/** Name of the image -> digest of its manifest or index. */
export type Digests = Readonly<Record<string, string>>;

export interface TableOptions {
  /** A folder of the caller's own, open to everybody. */
  readonly work: string;
  readonly images: TableImages;
  /** Milliseconds for one build; default ten minutes. */
  readonly timeout?: number;
}

/** The archive at one moment, and what comes of it. */
export interface Snapshot {
  /** Folder of a store that holds files of the archive and nothing else. */
  readonly store: string;
  /** What every way should give: the first build, from the archive itself. */
  readonly digests: Digests;
  /** When its first Release expires, milliseconds since the epoch; undefined: never. */
  readonly validUntil: number | undefined;
}

/** Facts of the archive that the store remembers; everything else in the memo belongs to what was made of it. */
const archiveMemos = ['release', 'packages-unpacked'];

/**
 * Builds from the archive, then removes from the store whatever the build itself made.
 * @throws Error where a build fails: there is nothing to compare then.
 */
export async function takeSnapshot(
  options: TableOptions & { readonly env: Readonly<Record<string, string | undefined>> },
): Promise<Snapshot> {
  const folder = join(options.work, 'snapshot');
  await mkdir(folder);
  await writeInputs(folder, options.images);
  const digests: Record<string, string> = {};
  const expiries: number[] = [];
  const way = { name: 'the first build', skip: false } as const;
  for (const image of Object.keys(options.images.configs)) {
    const { result, reason } = await buildOnce(image, { folder, way, options, env: options.env });
    if (result === undefined) throw new Error(`the first build of ${image} failed:\n${reason}`);
    digests[image] = result.digest;
    const releases = result.platforms.flatMap((platform) => platform.releases);
    expiries.push(...releases.flatMap(({ validUntil }) => (validUntil === undefined ? [] : [Date.parse(validUntil)])));
  }
  const store = join(folder, 'store');
  await removeImages(store);
  return { store, digests, validUntil: expiries.length === 0 ? undefined : Math.min(...expiries) };
}

/** One row for each way, in their order. */
export async function makeTable(
  ways: readonly Way[],
  options: TableOptions & { readonly snapshot: Snapshot; readonly onRow?: (row: Row) => void },
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const way of ways) {
    const row = await rowOf(way, options);
    rows.push(row);
    options.onRow?.(row);
  }
  return rows;
}

async function removeImages(root: string): Promise<void> {
  const store = await LocalStore.open(root);
  const roots = (await store.tags()).map(({ descriptor }) => descriptor);
  const made = await reach(store, roots);
  for (const digest of made.digests) await rm(store.path(digest));
  await store.close();
  await forgetImages(root);
  await rm(join(root, 'contents'), { recursive: true });
}

async function forgetImages(store: string): Promise<void> {
  await rm(join(store, 'tags'), { recursive: true });
  for (const name of await readdir(join(store, 'memo'))) {
    if (!archiveMemos.includes(name)) await rm(join(store, 'memo', name), { recursive: true });
  }
}

/** Without its Release no file of an archive is found, but by its own sha256. */
async function forgetArchive(store: string): Promise<void> {
  await rm(join(store, 'memo'), { recursive: true });
  await rm(join(store, 'contents'), { recursive: true });
}

interface RowContext extends TableOptions {
  readonly snapshot: Snapshot;
}

async function rowOf(way: Way, context: RowContext): Promise<Row> {
  if (way.skip !== false) return { type: 'skipped', way: way.name, reason: way.skip };
  const place = await mkdtemp(join(way.place ?? context.work, 'way-'));
  try {
    await chmod(place, 0o755);
    const folder = join(place, way.folder ?? 'inputs');
    await mkdir(folder);
    await writeInputs(folder, context.images, way.inputs);
    await cp(context.snapshot.store, join(folder, 'store'), { recursive: true });
    await mkdir(join(folder, 'home'));
    if (way.owner !== undefined) await giveTo(place, way.owner);
    return await buildAll(way, folder, context);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function buildAll(way: Way, folder: string, context: RowContext): Promise<Row> {
  const names = Object.keys(context.images.configs).filter(way.only ?? (() => true));
  if (way.reversed) names.reverse();
  const rounds = way.store === undefined ? 1 : 2;
  const digests: Record<string, string> = {};
  let equal = true;
  if (way.locked) {
    for (const image of names) {
      const { answer, reason } = await run('lock', image, { folder, way, options: context });
      if (answer === undefined) return { type: 'failed', way: way.name, reason: `lock of ${image}: ${reason}` };
    }
    await forgetArchive(join(folder, 'store'));
  }
  for (let round = 0; round < rounds; round++) {
    for (const image of names) {
      const { result, reason } = await buildOnce(image, { folder, way, options: context });
      if (result === undefined) return { type: 'failed', way: way.name, reason: `${image}: ${reason}` };
      digests[image] = result.digest;
      if (result.digest !== context.snapshot.digests[image]) equal = false;
    }
    if (way.store === 'contents') await forgetImages(join(folder, 'store'));
  }
  return { type: 'built', way: way.name, digests, equal };
}

interface RunOptions {
  readonly folder: string;
  readonly way: Way;
  readonly options: TableOptions;
  /** From the archive itself, in this environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

async function buildOnce(
  image: string,
  options: RunOptions,
): Promise<{ readonly result?: BuildResult; readonly reason: string }> {
  const { answer, reason } = await run('build', image, options);
  return answer === undefined ? { reason } : { result: JSON.parse(answer) as BuildResult, reason };
}

/** What the command said on stdout, or why it failed. */
async function run(
  verb: 'build' | 'lock',
  image: string,
  { folder, way, options, env }: RunOptions,
): Promise<{ readonly answer?: string; readonly reason: string }> {
  const [command = '', ...args] = [
    ...(way.under?.(folder) ?? []),
    way.node ?? process.execPath,
    ...(way.nodeArgs ?? []),
    way.program ?? join(projectRoot, 'src/cli/main.ts'),
    ...[verb, join(folder, `${image}.yaml`), '--store', join(folder, 'store'), '--quiet', '--format', 'json'],
    ...(env === undefined ? ['--offline'] : []),
    ...(verb === 'build' && way.locked ? ['--locked'] : []),
    ...(way.args ?? []),
  ];
  const plain = { HOME: join(folder, 'home'), PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  const child = spawn(command, args, {
    cwd: folder,
    env: env ?? { ...(way.bare ? {} : plain), ...way.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeout ?? 600_000,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  try {
    const [status, signal] = await once(child, 'close');
    if (status === 0) return { answer: stdout, reason: '' };
    return { reason: `status ${status ?? signal}: ${`${stderr}${stdout}`.trim().split('\n').slice(-8).join(' / ')}` };
  } catch (error) {
    return { reason: String(error) };
  }
}

async function giveTo(root: string, owner: number): Promise<void> {
  await lchown(root, owner, owner);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), owner, owner);
  }
}
