/**
 * Where an archive is: the configuration's `mirrors:`, else SLIMIMAGE_MIRROR_NAME, else the host's own apt sources
 * where they carry that archive, else its public host. Any mirror will do, because hashes decide.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { compareStrings } from '../util/text.ts';
import { type AptSource, parseListSources, parseStanzaSources } from './apt-sources.ts';
import { type Preset, presetArchives } from './presets.ts';
import { locateSnapshot } from './snapshot.ts';
import type { ArchiveSpec } from './types.ts';

export interface MirrorOptions {
  /** `mirrors:` of the configuration: archive name -> base URLs, the preferred one first. */
  readonly mirrors?: Readonly<Record<string, readonly string[]>> | undefined;
  /** `snapshot:` of the configuration: a pattern, or `none`. */
  readonly snapshot?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Of every archive; undefined: the preset's own. */
  readonly components?: readonly string[] | undefined;
  /** Further ones of the preset's first archive. */
  readonly suites?: readonly string[] | undefined;
  /** From `readHostSources`; without them the public hosts are used. */
  readonly hostSources?: readonly AptSource[] | undefined;
  /** The past state to read, `20260901T000000Z`; undefined: today's. */
  readonly timestamp?: string | undefined;
}

/**
 * The archives of a preset for one Debian architecture, with the URLs at which to ask.
 *
 * @throws SlimimageError CONFIG_INVALID where a mirror is no URL or a past state has no snapshot archive,
 * PLATFORM_UNAVAILABLE
 */
export function locatePreset(preset: Preset, architecture: string, options: MirrorOptions): readonly ArchiveSpec[] {
  const { timestamp, suites = [] } = options;
  const archives = presetArchives(preset, architecture);
  const further = suites.filter((suite) => archives.every((archive) => !archive.suites.includes(suite)));
  return archives.map((archive, at) => {
    const snapshot = locateSnapshot(options, archive.snapshot);
    if (timestamp !== undefined && snapshot === undefined) throw noSnapshot(preset, timestamp);
    return {
      name: archive.name,
      urls: locateArchive(archive, options),
      suites: at === 0 ? [...archive.suites, ...further] : archive.suites,
      components: options.components ?? archive.components,
      signedBy: archive.signedBy,
      checkValidUntil: timestamp === undefined,
      snapshot,
      timestamp,
    };
  });
}

/**
 * Base URLs of a preset's archive, preferred first.
 *
 * @throws SlimimageError CONFIG_INVALID
 */
export function locateArchive(
  archive: { readonly name: string; readonly publicUrl: string },
  options: MirrorOptions,
): readonly string[] {
  const chosen = chosenMirrors(archive.name, options);
  if (chosen.length > 0) return chosen;
  const host = hostMirrors(archive.name, options.hostSources ?? []);
  return host.length > 0 ? host : [archive.publicUrl];
}

/**
 * Base URLs of an archive that the configuration describes: what the user chose for its name, else its own.
 *
 * @throws SlimimageError CONFIG_INVALID
 */
export function locateOwnArchive(
  archive: { readonly name: string; readonly urls: readonly string[] },
  options: Pick<MirrorOptions, 'mirrors' | 'env'>,
): readonly string[] {
  const chosen = chosenMirrors(archive.name, options);
  return chosen.length > 0 ? chosen : archive.urls;
}

/** `debian-security` -> `SLIMIMAGE_MIRROR_DEBIAN_SECURITY`. */
export function mirrorVariable(archive: string): string {
  return `SLIMIMAGE_MIRROR_${archive.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

/** The mirrors from which the host itself gets a preset's archive, in the order of its sources. */
export function hostMirrors(archive: string, sources: readonly AptSource[]): readonly string[] {
  const urls = sources
    .filter((source) => isOfDistribution(archive, source))
    .flatMap((source) => source.uris.filter((uri) => carries(archive, uri, source)))
    .map(withoutSlash);
  return [...new Set(urls)];
}

/**
 * Reads sources.list and sources.list.d. Files that cannot be read are passed over.
 *
 * @param folder apt's own folder.
 */
export async function readHostSources(folder = '/etc/apt'): Promise<readonly AptSource[]> {
  const parts = join(folder, 'sources.list.d');
  const names = (await readdir(parts).catch(() => [])).sort(compareStrings);
  const sources = [...parseListSources(await readText(join(folder, 'sources.list')))];
  for (const name of names) {
    if (name.endsWith('.list')) sources.push(...parseListSources(await readText(join(parts, name))));
    if (name.endsWith('.sources')) sources.push(...parseStanzaSources(await readText(join(parts, name))));
  }
  return sources;
}

function noSnapshot(preset: Preset, timestamp: string): SlimimageError {
  return new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `${preset.name}@${timestamp} needs a snapshot archive, and none is named`,
    hint: 'name one: snapshot: in the configuration, --snapshot, or SLIMIMAGE_SNAPSHOT',
  });
}

function chosenMirrors(name: string, { mirrors, env }: Pick<MirrorOptions, 'mirrors' | 'env'>): readonly string[] {
  const configured = mirrors !== undefined && Object.hasOwn(mirrors, name) ? mirrors[name] : undefined;
  if (configured !== undefined) return configured.map((url) => checkMirror(url, `mirrors: ${name}`));
  const variable = mirrorVariable(name);
  const named = env?.[variable]?.split(/[\s,]+/).filter((url) => url !== '') ?? [];
  return named.map((url) => checkMirror(url, variable));
}

const debianSuites =
  /^(?:buster|bullseye|bookworm|trixie|forky|duke|sid|unstable|testing|stable|oldstable|oldoldstable)(?:[-/].*)?$/;
const ubuntuSuites = /^(?:focal|jammy|noble|[a-z]{5,9})(?:-(?:updates|security|backports|proposed))?$/;
const debianComponents = ['main', 'contrib', 'non-free', 'non-free-firmware'];
const ubuntuComponents = ['main', 'restricted', 'universe', 'multiverse'];

/**
 * Other vendors have folders called `debian` and suites called `trixie` too. Signed-By tells them apart; where there is
 * none, their components do.
 */
function isOfDistribution(archive: string, source: AptSource): boolean {
  const isDebian = archive.startsWith('debian');
  const keyring = isDebian ? 'debian-archive' : 'ubuntu-archive';
  if (source.signedBy.length > 0) {
    return source.signedBy.some(
      (entry) => entry.startsWith('/') && entry.slice(entry.lastIndexOf('/')).includes(keyring),
    );
  }
  const [suites, components] = isDebian ? [debianSuites, debianComponents] : [ubuntuSuites, ubuntuComponents];
  return (
    source.suites.every((suite) => suites.test(suite)) && source.components.every((name) => components.includes(name))
  );
}

/** By the end of the path; a mirror with another path is recognised by the keyring and the kind of suite. */
function carries(archive: string, uri: string, source: AptSource): boolean {
  if (!/^https?:\/\//i.test(uri) || !URL.canParse(uri) || uri.includes('$(')) return false;
  const url = new URL(uri);
  const last = url.pathname.split('/').findLast((part) => part !== '') ?? '';
  if (['debian', 'debian-security', 'ubuntu', 'ubuntu-ports'].includes(last)) {
    return last === archive && !/(?:^|\.)ppa\.launchpad/.test(url.host);
  }
  if (source.signedBy.length === 0 || !archive.startsWith('debian')) return false;
  const isSecurity = source.suites.every((suite) => /(?:-security|\/updates)$/.test(suite));
  const isBackports = source.suites.every((suite) => suite.includes('backports'));
  return archive === 'debian-security' ? isSecurity : !isSecurity && !isBackports;
}

function checkMirror(text: string, where: string): string {
  if (/^https?:\/\/[^/]/i.test(text) && URL.canParse(text)) return withoutSlash(text);
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `${where} is not an http or https URL`,
    hint: 'for example http://deb.debian.org/debian: the folder that holds dists/ and pool/',
  });
}

function withoutSlash(url: string): string {
  return url.replace(/\/{1,100}$/, '');
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
