import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { catalogNames } from '../../../src/config/catalog.ts';
import { flagsToSpec, isSlimimageError, loadConfig, resolvePackages } from '../../../src/index.ts';
import { corpusPackages } from '../../../tools/effects-corpus.ts';
import { projectRoot } from '../../support/source-code.ts';
import { Random } from '../apt/random.ts';
import type { PackageSet } from './types.ts';

/** What the images of the catalogue ask for. */
export async function catalogueSets(): Promise<readonly PackageSet[]> {
  const sets: PackageSet[] = [];
  for (const name of catalogNames) {
    const { packages } = await loadConfig(`catalog/${name}`, { cwd: projectRoot });
    sets.push({ name, packages: [...packages].sort(), kind: 'catalogue' });
  }
  return sets;
}

export interface DrawOptions {
  readonly seed: string;
  readonly count: number;
  /** Archive name -> base URL. */
  readonly mirrors: Readonly<Record<string, string>>;
  readonly store: string;
  /** Where the draw is kept: the archive may have moved when a run goes on. */
  readonly file: string;
}

/** What a set with windows needs: it is no server's. */
const toolkits = /^lib(?:gtk-[34]-|gtk2\.0-|qt[56]gui|qt[56]widgets|wxgtk|fltk|sdl[123])/;

/**
 * One package a set: those of tools/effects-corpus.ts that ship something to run, shuffled by the seed, less those that cannot be
 * resolved or bring a toolkit for windows; the first `count`.
 */
export async function drawSets({ seed, count, mirrors, store, file }: DrawOptions): Promise<readonly PackageSet[]> {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  const names = kept === undefined ? await draw({ seed, count, mirrors, store }) : (JSON.parse(kept) as string[]);
  await mkdir(dirname(file), { recursive: true });
  if (kept === undefined) await writeFile(file, `${JSON.stringify(names)}\n`);
  return names.map((name) => ({ name: `drawn-${name}`, packages: [name], kind: 'drawn' }));
}

async function draw({ seed, count, mirrors, store }: Omit<DrawOptions, 'file'>): Promise<readonly string[]> {
  const left = [...(await corpusPackages({ serverOnly: true }))];
  const random = new Random(`${seed} effects`);
  const drawn: string[] = [];
  while (drawn.length < count && left.length > 0) {
    const [name = ''] = left.splice(random.below(left.length), 1);
    if (await isServerSide(name, { mirrors, store })) drawn.push(name);
  }
  return drawn;
}

async function isServerSide(
  name: string,
  { mirrors, store }: Pick<DrawOptions, 'mirrors' | 'store'>,
): Promise<boolean> {
  const spec = flagsToSpec(
    { from: 'debian/trixie', package: [name], dependencies: 'full', platform: ['linux/amd64'] },
    { cwd: store },
  );
  const located = Object.fromEntries(Object.entries(mirrors).map(([archive, url]) => [archive, [url]]));
  try {
    const { packages } = await resolvePackages({ ...spec, mirrors: located }, { store });
    return !packages.some((one) => toolkits.test(one.name));
  } catch (error) {
    if (isSlimimageError(error, 'UNSATISFIABLE') || isSlimimageError(error, 'PACKAGE_UNKNOWN')) return false;
    throw error;
  }
}
