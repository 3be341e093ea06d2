/**
 * The 5,000 packages by which we measure what becomes of maintainer scripts (docs/maintainer-scripts.md):
 *
 * 1. those of the sections of server software (`serverSections`) that ship something to run: the archive's Contents index
 *    lists a file of theirs in a `bin`, `sbin` or `games` folder, a systemd service or an init script;
 * 2. then the packages that most others depend on (Depends and Pre-Depends, every alternative counts once a package),
 *    until there are 5,000. Equal numbers: by name.
 *
 * The same archive state gives the same list, sorted by name.
 */
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { fetchRelease } from '../src/archive/fetch-release.ts';
import { loadKeys } from '../src/archive/key-sets.ts';
import { locatePreset, readHostSources } from '../src/archive/mirrors.ts';
import { openArchives } from '../src/archive/open-archives.ts';
import { findPreset } from '../src/archive/presets.ts';
import type { Release } from '../src/archive/release.ts';
import type { ArchiveSpec } from '../src/archive/types.ts';
import { debianVersions } from '../src/distro/debian/version.ts';
import type { PackageRecord, Universe } from '../src/distro/types.ts';
import { createHttpClient } from '../src/net/client.ts';
import type { HttpClient } from '../src/net/types.ts';
import { LocalStore } from '../src/store/local-store.ts';
import { compareStrings } from '../src/util/text.ts';

export const serverSections = [
  ...['httpd', 'database', 'net', 'mail', 'interpreters', 'java', 'php', 'python', 'ruby', 'web', 'video'],
] as const;

export interface CorpusPackage {
  readonly record: PackageRecord;
  /** Of `serverSections`, and ships something to run. */
  readonly server: boolean;
  /** Packages that depend on it. */
  readonly dependents: number;
}

export interface Corpus {
  readonly packages: readonly CorpusPackage[];
  /** Base URLs of the archive. */
  readonly urls: readonly string[];
  /** Of the Release, ISO 8601. */
  readonly date: string;
}

export interface CorpusOptions {
  /** Default `trixie`. */
  readonly codename?: string | undefined;
  /** Default `amd64`. */
  readonly architecture?: string | undefined;
  /** Default 5,000. */
  readonly count?: number | undefined;
}

export const corpusFolder = join('.cache', 'effects-corpus');

/** Names of the packages of the corpus, those with something to run and of the sections of server software alone where asked for. */
export async function corpusPackages(
  options: CorpusOptions & { readonly serverOnly?: boolean | undefined } = {},
): Promise<readonly string[]> {
  const { packages } = await openCorpus(options);
  return packages.filter(({ server }) => server || options.serverOnly !== true).map(({ record }) => record.name);
}

export async function openCorpus(options: CorpusOptions = {}): Promise<Corpus> {
  const { codename = 'trixie', architecture = 'amd64', count = 5000 } = options;
  const folder = process.env['SLIMIMAGE_BENCH_STORE'] ?? join(tmpdir(), 'slimimage-conformance-store');
  const located = locatePreset(findPreset(`debian/${codename}`), architecture, {
    env: process.env,
    hostSources: await readHostSources(),
  });
  const own = { suites: [codename], components: ['main'], checkValidUntil: false };
  const spec: ArchiveSpec = { ...(located[0] as ArchiveSpec), ...own };
  const http = createHttpClient({ env: process.env });
  const store = await LocalStore.open(folder);
  const context = { store, http, now: Date.now };
  try {
    const { universe, releases } = await openArchives([spec], { ...context, architecture });
    const keys = await loadKeys(spec.signedBy, spec.name);
    const { release } = await fetchRelease(spec, codename, { keys, context });
    const runnable = await namesWithPrograms(release, { spec, architecture, http });
    return {
      packages: choose(universe, { runnable, count }),
      urls: spec.urls,
      date: releases[0]?.date ?? '',
    };
  } finally {
    await http.close();
    await store.close();
  }
}

function choose(
  universe: Universe,
  { runnable, count }: { readonly runnable: ReadonlySet<string>; readonly count: number },
): readonly CorpusPackage[] {
  const newest = [...universe.names()].flatMap((name) => newestOf(universe, name));
  const dependents = new Map<string, number>();
  for (const record of newest) {
    const names = [...record.preDepends, ...record.depends].flat().map(({ name }) => name);
    for (const name of new Set(names)) dependents.set(name, (dependents.get(name) ?? 0) + 1);
  }
  const sections = new Set<string>(serverSections);
  return newest
    .map((record) => ({
      record,
      server: sections.has(record.section) && runnable.has(record.name),
      dependents: dependents.get(record.name) ?? 0,
    }))
    .sort(
      (a, b) =>
        Number(b.server) - Number(a.server) ||
        b.dependents - a.dependents ||
        compareStrings(a.record.name, b.record.name),
    )
    .slice(0, count)
    .sort((a, b) => compareStrings(a.record.name, b.record.name));
}

function newestOf(universe: Universe, name: string): readonly PackageRecord[] {
  return [...universe.candidates(name)].sort((a, b) => debianVersions.compare(b.version, a.version)).slice(0, 1);
}

const program = /^(?:(?:usr\/)?s?bin\/|usr\/games\/|(?:usr\/)?lib\/systemd\/system\/[^/ ]+\.service\s|etc\/init\.d\/)/;

/** Packages of which the Contents indexes list a program, service or init script. */
async function namesWithPrograms(
  release: Release,
  {
    spec,
    architecture,
    http,
  }: { readonly spec: ArchiveSpec; readonly architecture: string; readonly http: HttpClient },
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const part of [architecture, 'all']) {
    const file = await fetchContents(release, { path: `main/Contents-${part}.gz`, spec, http });
    const lines = createInterface({
      input: createReadStream(file).pipe(createGunzip()),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    for await (const line of lines) {
      if (!program.test(line)) continue;
      const owners = line.slice(line.lastIndexOf(' ') + 1).split(',');
      for (const owner of owners) names.add(owner.slice(owner.lastIndexOf('/') + 1));
    }
  }
  return names;
}

async function fetchContents(
  release: Release,
  { path, spec, http }: { readonly path: string; readonly spec: ArchiveSpec; readonly http: HttpClient },
): Promise<string> {
  const listed = release.files.get(path);
  if (listed === undefined) throw new Error(`the Release of ${spec.name} does not list ${path}`);
  const file = join(corpusFolder, `contents-${listed.sha256}.gz`);
  await mkdir(corpusFolder, { recursive: true });
  const there = await stat(file).catch(() => undefined);
  if (there?.size === listed.size) return file;
  const url = `${spec.urls[0]}/dists/${spec.suites[0]}/${path}`;
  const expectedDigest = `sha256:${listed.sha256}` as const;
  await http.download(url, { expectedSize: listed.size, expectedDigest, maxSize: listed.size, partial: file });
  return file;
}
