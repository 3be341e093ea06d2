import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as openpgp from 'openpgp';
import type { ArchiveSpec } from '../../src/archive/types.ts';
import { sha256Hex } from '../../src/util/digest.ts';
import { encodeUtf8 } from '../../src/util/text.ts';
import { controlText, type DebRecipe, makeDeb, type Packing, pack, suffix } from './deb-maker.ts';
import { startHttpServer, type TestServer } from './http-server.ts';

/**
 * A real apt archive on loopback: suites signed by a key made for the test, Packages in several compressions, by-hash,
 * .debs in a pool.
 *
 *     await using archive = await startArchive();
 *     await archive.publish({ suite: 'trixie', components: { main: [{ name: 'hello', files: { '/usr/bin/hello': '...' } }] } });
 *     await openArchives([archive.spec()], { architecture: 'amd64', ... });
 *     archive.server.on(archive.path('dists/trixie/InRelease'), endless());   // now it misbehaves
 */
export interface TestArchive extends AsyncDisposable {
  readonly server: TestServer;
  /** Base URL: what a mirror setting names. */
  readonly url: string;
  readonly signer: openpgp.PrivateKey;
  /** The armored public key as a file, for `signed-by`. */
  readonly keyFile: string;
  /** Path of an archive file on the server: `/debian/dists/...`. */
  path(file: string): string;
  /** Replaces the suite and says what was put where. */
  publish(suite: SuiteRecipe): Promise<PublishedSuite>;
  spec(changes?: Partial<ArchiveSpec>): ArchiveSpec;
}

export interface SuiteRecipe {
  /** Default `trixie`. A flat archive ends in `/`. */
  readonly suite?: string;
  /** Default: the suite. */
  readonly codename?: string;
  readonly components: Readonly<Record<string, readonly DebRecipe[]>>;
  /** Architectures of the Release. Default amd64. */
  readonly architectures?: readonly string[];
  /** Where packages of architecture all are listed. Default: with each architecture. */
  readonly all?: 'everywhere' | 'apart';
  /** Default 2026-11-20T00:00:00Z. */
  readonly date?: Date;
  readonly validUntil?: Date;
  /** When it was signed. Default: the date. */
  readonly signedAt?: Date;
  /** Default both `none` and `xz`. */
  readonly packings?: readonly Packing[];
  /** Whether the unpacked Packages is listed in the Release although it is not served. Default true. */
  readonly listsPlain?: boolean;
  /** Default true. */
  readonly byHash?: boolean;
  /** Whether each component has Contents indexes. Default false. */
  readonly contents?: boolean;
  /** Default InRelease. */
  readonly form?: 'InRelease' | 'Release.gpg';
  /** More Release fields. */
  readonly fields?: Readonly<Record<string, string>>;
  /** What the index has in the place of a package's stanza. */
  readonly edit?: (stanza: string) => string;
  /** Who signs; default the archive's key. */
  readonly signers?: openpgp.PrivateKey[];
}

export interface PublishedSuite {
  /** Path below the base URL -> bytes, everything that was put on the server. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The Release text before it was signed. */
  readonly release: string;
  /** Package name -> path of its .deb. */
  readonly debs: ReadonlyMap<string, string>;
  /** Paths of Packages files as they are asked for (by hash where the suite has that). */
  readonly indexes: readonly string[];
}

/** 2026-11-21T00:00:00Z: what archives made here think of as today. */
export const archiveToday = new Date('2026-11-21T00:00:00Z');

const keyMade = new Date('2024-01-01T00:00:00Z');

export async function makeSigner(name: string, key: { readonly expires?: Date } = {}): Promise<openpgp.PrivateKey> {
  const options = { type: 'ecc', curve: 'ed25519Legacy', userIDs: { name }, date: keyMade, format: 'object' } as const;
  const lifetime = key.expires && { keyExpirationTime: (key.expires.getTime() - keyMade.getTime()) / 1000 };
  return (await openpgp.generateKey({ ...options, ...lifetime })).privateKey;
}

export async function startArchive(
  options: { readonly base?: string; readonly name?: string } = {},
): Promise<TestArchive> {
  const base = options.base ?? '/debian';
  const server = await startHttpServer();
  const signer = await makeSigner('test archive');
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-archive-'));
  const keyFile = join(folder, 'archive.asc');
  await writeFile(keyFile, signer.toPublic().armor());
  const path = (file: string) => `${base}/${file}`.replaceAll('+', '%2B');
  return {
    server,
    url: server.url(base),
    signer,
    keyFile,
    path,
    async publish(recipe) {
      const published = await buildSuite({ signers: [signer], ...recipe });
      for (const [file, bytes] of published.files) server.serve({ [path(file)]: bytes });
      return published;
    },
    spec: (changes = {}) => ({
      name: options.name ?? 'test',
      urls: [server.url(base)],
      suites: ['trixie'],
      components: ['main'],
      signedBy: [keyFile],
      checkValidUntil: true,
      ...changes,
    }),
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Every file of a suite, without any server. */
export async function buildSuite(
  recipe: SuiteRecipe & { readonly signers: openpgp.PrivateKey[] },
): Promise<PublishedSuite> {
  const suite = recipe.suite ?? 'trixie';
  const flat = suite.endsWith('/');
  const folder = flat ? suite.replace(/^\.?\/|\/$/g, '') : `dists/${suite}`;
  const files = new Map<string, Uint8Array>();
  const debs = new Map<string, string>();
  const listed = new Map<string, Uint8Array>();
  const indexes: string[] = [];
  const architectures = recipe.architectures ?? ['amd64'];
  for (const [component, recipes] of Object.entries(recipe.components)) {
    const stanzas = await Promise.all(recipes.map((deb) => addDeb(deb, { component, flat, folder, files, debs })));
    for (const [path, belongs] of packagesFiles(component, { flat, architectures, all: recipe.all ?? 'everywhere' })) {
      const text = encodeUtf8(
        stanzas
          .filter((_, at) => belongs(recipes[at]?.architecture ?? 'amd64'))
          .map((stanza) => `${recipe.edit?.(stanza) ?? stanza}\n`)
          .join(''),
      );
      const packings = recipe.packings ?? ['none', 'xz'];
      for (const packing of packings) listed.set(`${path}${suffix[packing]}`, await pack(text, packing));
      const best = packings.includes('xz') ? 'xz' : (packings.find((packing) => packing !== 'none') ?? 'none');
      indexes.push(indexPath(folder, { path: `${path}${suffix[best]}`, listed, byHash: recipe.byHash ?? true }));
      if (recipe.listsPlain ?? true) listed.set(path, text);
    }
  }
  if (recipe.contents === true)
    for (const [component, recipes] of Object.entries(recipe.components))
      for (const architecture of architectures)
        listed.set(`${component}/Contents-${architecture}.gz`, await pack(contentsOf(recipes), 'gzip'));
  for (const [path, bytes] of listed) {
    files.set(inFolder(folder, path), bytes);
    if (recipe.byHash ?? true) files.set(indexPath(folder, { path, listed, byHash: true }), bytes);
  }
  const release = releaseText(recipe, { suite, flat, architectures, listed });
  for (const [name, bytes] of await sign(release, recipe)) files.set(inFolder(folder, name), bytes);
  return { files, release, debs, indexes };
}

/** Lines `PATH  SECTION/PACKAGE`, sorted by path. */
function contentsOf(recipes: readonly DebRecipe[]): Uint8Array {
  const lines = recipes.flatMap(({ name, files = {}, fields }) =>
    Object.keys(files).map((path) => `${path.slice(1)}  ${fields?.['Section'] ?? 'misc'}/${name}\n`),
  );
  return encodeUtf8(lines.sort().join(''));
}

interface DebPlace {
  readonly component: string;
  readonly flat: boolean;
  readonly folder: string;
  readonly files: Map<string, Uint8Array>;
  readonly debs: Map<string, string>;
}

async function addDeb(recipe: DebRecipe, place: DebPlace): Promise<string> {
  const { name, version = '1.0-1', architecture = 'amd64' } = recipe;
  const bytes = await makeDeb(recipe);
  const file = `${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`;
  const path = place.flat
    ? inFolder(place.folder, file)
    : `pool/${place.component}/${name.slice(0, 1)}/${name}/${file}`;
  place.files.set(path, bytes);
  place.debs.set(name, path);
  return `${controlText(recipe)}Filename: ${path}\nSize: ${bytes.length}\nSHA256: ${sha256Hex(bytes)}\n`;
}

type Belongs = (architecture: string) => boolean;

function packagesFiles(
  component: string,
  options: { readonly flat: boolean; readonly architectures: readonly string[]; readonly all: 'everywhere' | 'apart' },
): readonly (readonly [path: string, belongs: Belongs])[] {
  if (options.flat) return [['Packages', () => true]];
  const own = options.architectures
    .filter((architecture) => architecture !== 'all')
    .map((architecture): [string, Belongs] => [
      `${component}/binary-${architecture}/Packages`,
      (other) => other === architecture || (other === 'all' && options.all === 'everywhere'),
    ]);
  const all: [string, Belongs] = [`${component}/binary-all/Packages`, (other) => other === 'all'];
  return options.all === 'apart' ? [...own, all] : own;
}

function releaseText(
  recipe: SuiteRecipe,
  about: {
    readonly suite: string;
    readonly flat: boolean;
    readonly architectures: readonly string[];
    readonly listed: ReadonlyMap<string, Uint8Array>;
  },
): string {
  const named = about.flat ? {} : { Suite: about.suite, Codename: recipe.codename ?? about.suite };
  const fields: Record<string, string> = {
    Origin: 'Test',
    ...named,
    Date: (recipe.date ?? new Date('2026-11-20T00:00:00Z')).toUTCString().replace('GMT', 'UTC'),
    ...(recipe.validUntil ? { 'Valid-Until': recipe.validUntil.toUTCString().replace('GMT', 'UTC') } : {}),
    ...((recipe.byHash ?? true) ? { 'Acquire-By-Hash': 'yes' } : {}),
    Architectures: [...about.architectures, ...(recipe.all === 'apart' ? ['all'] : [])].join(' '),
    Components: Object.keys(recipe.components).join(' '),
    ...recipe.fields,
  };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  const table = [...about.listed].map(([path, bytes]) => ` ${sha256Hex(bytes)} ${bytes.length} ${path}\n`);
  return `${head.join('')}SHA256:\n${table.join('')}`;
}

async function sign(
  release: string,
  recipe: SuiteRecipe & { readonly signers: openpgp.PrivateKey[] },
): Promise<readonly (readonly [name: string, bytes: Uint8Array])[]> {
  const signingKeys = recipe.signers;
  const date = recipe.signedAt ?? recipe.date ?? new Date('2026-11-20T00:00:00Z');
  if (recipe.form === 'Release.gpg') {
    const message = await openpgp.createMessage({ binary: encodeUtf8(release) });
    const signature = await openpgp.sign({ message, signingKeys, date, detached: true, format: 'armored' });
    return [
      ['Release', encodeUtf8(release)],
      ['Release.gpg', encodeUtf8(signature)],
    ];
  }
  const message = await openpgp.createCleartextMessage({ text: release });
  return [['InRelease', encodeUtf8(await openpgp.sign({ message, signingKeys, date, format: 'armored' }))]];
}

function indexPath(
  folder: string,
  file: { readonly path: string; readonly listed: ReadonlyMap<string, Uint8Array>; readonly byHash: boolean },
): string {
  if (!file.byHash) return inFolder(folder, file.path);
  const parent = file.path.split('/').slice(0, -1).join('/');
  return inFolder(folder, inFolder(parent, `by-hash/SHA256/${sha256Hex(file.listed.get(file.path) ?? '')}`));
}

function inFolder(folder: string, file: string): string {
  return folder === '' ? file : `${folder}/${file}`;
}
