import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLibraryCache } from '../../../src/formats/ldcache/parse.ts';
import { pruneStore } from '../../../src/index.ts';
import { projectRoot } from '../../support/source-code.ts';
import { settings, specsOf } from '../apt/settings.ts';
import { buildAsUser, type UserBuild } from './as-user.ts';
import { type Compared, compareTrees } from './compare.ts';
import { type FrozenMirror, startFrozenMirror } from './frozen-mirror.ts';
import { keyOf, makeOracle, measureNoise, type OracleOptions, readOracle } from './oracle.ts';
import { catalogueSets, drawSets } from './sets.ts';
import { silentlyWrong } from './silent.ts';
import { ourTree } from './slimimage-side.ts';
import type { OurTree, PackageSet } from './types.ts';

export interface RunOptions {
  /** Keeps what mmdebstrap made, the archives' answers, the store and the results. */
  readonly folder: string;
  /** Where roots are made: best in memory. */
  readonly work: string;
  readonly say: (line: string) => void;
}

/** How one set compares. */
export interface SetResult {
  readonly set: string;
  readonly kind: PackageSet['kind'];
  readonly packages: number;
  /** Class -> how many are equal. */
  readonly equal: Readonly<Record<string, number>>;
  readonly differences: readonly Compared[];
  readonly irrelevant: Readonly<Record<string, number>>;
  /** Undefined where mmdebstrap ran once only so far. */
  readonly unsteady: readonly string[] | undefined;
  /** What the build said, and what would have stopped it. */
  readonly warnings: readonly string[];
  readonly stops: readonly string[];
  /** Paths that lack set-user-ID or set-group-ID bits alone; undefined in results of before. */
  readonly masked?: readonly string[];
  /** Of `differences`: those of which no report says that something is not reproduced; undefined in results of before. */
  readonly silent?: readonly string[];
  /** Entries of slimimage's ld.so.cache; undefined in results of before. */
  readonly libraries?: number;
}

/** Both sides and their archives. */
export interface Conformance extends AsyncDisposable {
  sets(draw: { readonly seed: string; readonly count: number }): Promise<readonly PackageSet[]>;
  /** Whether mmdebstrap could install it; it runs where it did not before. */
  install(set: PackageSet): Promise<boolean>;
  /** mmdebstrap once more, to see what differs by itself. */
  measureNoise(set: PackageSet): Promise<void>;
  /** Undefined where mmdebstrap has not installed the set. */
  compare(set: PackageSet): Promise<SetResult | undefined>;
  /** With every default, and nothing to compare. */
  buildAsUser(set: PackageSet): Promise<UserBuild>;
  /** The result of an earlier `compare`. */
  result(set: PackageSet): Promise<SetResult | undefined>;
}

/** Bytes: the converted packages of all sets stay, layers that were compared go. */
const largestStore = 12e9;

export async function openConformance({ folder, work, say }: RunOptions): Promise<Conformance> {
  const { mirror, mirrors, sources, began } = await openMirror(folder);
  const oracle: OracleOptions = { sources, folder, work: join(work, 'oracle') };
  const store = join(folder, 'store');
  const failures = join(folder, 'failed');
  const resultFile = (set: PackageSet) => join(folder, 'results', `${set.name}-${keyOf(set)}.json`);
  let compared = false;
  await mkdir(join(folder, 'results'), { recursive: true });
  await mkdir(failures, { recursive: true });
  return {
    sets: async ({ seed, count }) => [
      ...(await catalogueSets()),
      ...(await drawSets({ seed, count, mirrors, store, file: join(folder, `drawn-${seed}-${count}.json`) })),
    ],
    async install(set) {
      const failed = join(failures, `${set.name}-${keyOf(set)}`);
      if (await readFile(failed, 'utf8').catch(() => undefined)) return false;
      try {
        await makeOracle(set, oracle);
        return true;
      } catch (error) {
        await writeFile(failed, String(error));
        say(`mmdebstrap can't install ${set.name}: ${failed}`);
        return false;
      }
    },
    measureNoise: (set) => measureNoise(set, oracle),
    async compare(set) {
      const theirs = await readOracle(set, oracle);
      if (theirs === undefined) return undefined;
      compared = true;
      const options = { mirrors, store, work: join(work, 'ours'), now: began };
      const ours = await ourTree(set.name, theirs.packages, options);
      const { items, irrelevant, unsteady, masked } = await compareTrees(theirs, ours);
      const equal: Record<string, number> = {};
      for (const item of items) if (item.outcome === 'equal') equal[item.class] = (equal[item.class] ?? 0) + 1;
      const differences = items.filter(({ outcome }) => outcome !== 'equal');
      const result: SetResult = {
        set: set.name,
        kind: set.kind,
        packages: theirs.packages.length,
        equal,
        differences,
        irrelevant,
        unsteady: theirs.unsteady && unsteady,
        warnings: ours.warnings,
        stops: ours.stops,
        masked,
        silent: silentlyWrong(differences, ours.scripts),
        libraries: countLibraries(ours),
      };
      await writeFile(resultFile(set), JSON.stringify(result));
      return result;
    },
    async buildAsUser(set) {
      await mkdir(join(work, 'user'), { recursive: true });
      return buildAsUser(set, { mirrors, store, work: join(work, 'user'), now: began });
    },
    result: async (set) => {
      const text = await readFile(resultFile(set), 'utf8').catch(() => undefined);
      return text === undefined ? undefined : (JSON.parse(text) as SetResult);
    },
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]();
      if (compared) await pruneStore({ store, maxBytes: largestStore, keepTags: [] });
    },
  };
}

function countLibraries(tree: OurTree): number {
  const cache = tree.content('etc/ld.so.cache');
  return cache === undefined ? 0 : parseLibraryCache(cache).entries.length;
}

async function openMirror(folder: string) {
  const setting = settings.find(({ name }) => name === 'trixie+security');
  if (setting === undefined) throw new Error('no setting for trixie with its updates');
  const specs = await specsOf(setting, { architecture: 'amd64', env: process.env });
  const upstream = Object.fromEntries(specs.map(({ name, urls }) => [name, urls[0] ?? '']));
  const mirror: FrozenMirror = await startFrozenMirror(upstream, join(folder, 'mirror'));
  const mirrors = Object.fromEntries(specs.map(({ name }) => [name, mirror.url(name)]));
  const keyring = join(folder, 'keys.asc');
  await writeFile(keyring, await readKeys());
  const sources = specs.flatMap(({ name, suites, components }) =>
    suites.map(
      (suite) => `deb [signed-by=${keyring} check-valid-until=no] ${mirrors[name]} ${suite} ${components.join(' ')}`,
    ),
  );
  return { mirror, mirrors, sources, began: await timeOf(join(folder, 'mirror')) };
}

/** When the mirror was asked first, in milliseconds: what it keeps is not to be out of date ever after. */
async function timeOf(folder: string): Promise<number> {
  const file = join(folder, 'began');
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return Number(kept);
  await mkdir(folder, { recursive: true });
  const now = Date.now();
  await writeFile(file, String(now));
  return now;
}

async function readKeys(): Promise<string> {
  const folder = join(projectRoot, 'keys/debian');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.asc')).sort();
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
}
