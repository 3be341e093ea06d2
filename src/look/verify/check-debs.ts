/** The last link of the chain: from the .debs that signed package indexes list to the files of the image. */
import { fetchDebs } from '../../archive/fetch-debs.ts';
import { openSession, type Session, type SessionOptions } from '../../build/session.ts';
import { openContents } from '../../content/contents.ts';
import { defaultFilters } from '../../content/filters.ts';
import type { Content, ContentEntry } from '../../content/types.ts';
import { isSlimimageError } from '../../errors.ts';
import type { ListedDeb } from './check-archives.ts';
import type { LookedPlatform } from './check-provenance.ts';
import { Tally } from './tally.ts';
import type { Claim } from './types.ts';

export interface CheckDebsInput {
  /** Of packages that the image has. */
  readonly debs: readonly ListedDeb[];
  readonly platforms: readonly LookedPlatform[];
  /** Installed packages that a provenance names and no signed index lists. */
  readonly unlisted: number;
}

/**
 * Files of each platform, held against the .debs that a provenance names and its archives' signed indexes list.
 * @throws SlimimageError ABORTED, STORE
 */
export async function checkDebs(input: CheckDebsInput, options: SessionOptions): Promise<readonly Claim[]> {
  const session = await openSession(options);
  try {
    const claims: Claim[] = [];
    for (const platform of input.platforms) claims.push(await holdPlatform(platform, input, session));
    return claims;
  } finally {
    await session.close();
  }
}

const claimed = {
  id: 'provenance-files',
  claim: 'files of packages have type, content and link as in the .debs that the provenance names',
  by: "the .debs, by the sha256 that the archive's signed index gives; modes and owners are not held",
} as const;

async function holdPlatform(
  looked: LookedPlatform,
  { debs, unlisted }: Pick<CheckDebsInput, 'debs' | 'unlisted'>,
  session: Session,
): Promise<Claim> {
  const tally = new Tally();
  const { platform, packages } = looked;
  const there = new Set(packages.packages.map(titleOf));
  const own = debs.filter(({ record }) => there.has(titleOf(record)));
  if (unlisted > 0) tally.unproven(`${unlisted} .debs`, 'no signed index lists them', unlisted);
  try {
    const contents = await openDebs(own, looked, session);
    const known = new Map<string, KnownEntry[]>();
    for (const [at, content] of contents.entries()) {
      const name = own[at]?.record.name ?? '';
      const conffiles = new Set(content.index.conffiles.map((one) => one.replace(/^\/+/, '')));
      for (const entry of content.index.entries) {
        const place = packages.placeOf({ name }, entry.path);
        const entries = known.get(place) ?? [];
        entries.push({ entry, name, isConffile: conffiles.has(entry.path) });
        known.set(place, entries);
      }
    }
    for (const [place, entries] of known) holdPlace(tally, { place, entries, looked });
  } catch (error) {
    if (!isSlimimageError(error) || error.code === 'ABORTED') throw error;
    return new Tally().claim({ ...claimed, empty: error.message, platform });
  }
  return tally.claim({ ...claimed, empty: 'none of its packages is listed by a signed index', platform });
}

async function openDebs(
  debs: readonly ListedDeb[],
  { contents: { rootfs } }: LookedPlatform,
  session: Session,
): Promise<readonly Content[]> {
  const archives = debs.map(({ spec }) => spec);
  const releases = debs.map(({ record: { origin }, date }) => ({ ...origin, date }));
  const records = debs.map(({ record }) => record);
  const fetched = await session.phase('download', () => fetchDebs(records, { ...session, archives, releases }));
  const requests = fetched.map(({ record: { name, sha256, size }, file }) => {
    return { name, file, sha256, size, filters: defaultFilters };
  });
  const layout = rootfs.get('bin')?.entry.type === 'symlink' ? 'merged' : 'split';
  const { store, pool, onEvent } = session;
  const compression = { algorithm: 'none', level: 0 } as const;
  return session.phase('convert', () => openContents(requests, { store, pool, onEvent, layout, compression }));
}

interface KnownEntry {
  readonly entry: ContentEntry;
  /** Of the package. */
  readonly name: string;
  readonly isConffile: boolean;
}

interface HeldPlace {
  readonly place: string;
  /** Several where one package replaces files of another. */
  readonly entries: readonly KnownEntry[];
  readonly looked: LookedPlatform;
}

function holdPlace(tally: Tally, { place, entries, looked }: HeldPlace): void {
  const [first] = entries;
  if (first === undefined || place === '') return;
  const differences = entries.map(({ entry }) => differenceOf(entry, place, looked));
  const about = `/${place}`;
  if (differences.includes(undefined)) tally.proven();
  else if (looked.contents.rootfs.get(place) === undefined)
    tally.unproven(about, `it is not there (${first.name}): the configuration may leave it out`);
  else if (first.isConffile) tally.unproven(about, `it was changed since ${first.name} brought it`);
  else tally.failed(about, `${differences[0]} (${first.name})`);
}

/** base-files' postinst: folders in the package become links. */
const migrated: ReadonlyMap<string, string> = new Map([
  ['var/lock', '/run/lock'],
  ['var/run', '/run'],
]);

/** Undefined where it is as in the .deb. */
function differenceOf(
  entry: ContentEntry,
  place: string,
  { contents: { rootfs } }: LookedPlatform,
): string | undefined {
  const found = rootfs.get(place);
  if (found === undefined) return 'it is not there';
  const { type, sha256, linkTarget } = found.entry;
  if (entry.type === 'hardlink')
    return rootfs.get(entry.linkTarget ?? '')?.inode === found.inode
      ? undefined
      : `it is no hard link to /${entry.linkTarget}`;
  if (type === 'symlink' && entry.type === 'directory' && migrated.get(place) === linkTarget) return undefined;
  if (type !== entry.type) return `it is a ${type}, not a ${entry.type}`;
  if (type === 'symlink' && linkTarget !== entry.linkTarget)
    return `it leads to ${JSON.stringify(linkTarget)}, not to ${JSON.stringify(entry.linkTarget)}`;
  if (type === 'file' && sha256 !== entry.sha256) return `it holds other bytes: sha256 ${sha256}, not ${entry.sha256}`;
  return undefined;
}

function titleOf({ name, version, architecture }: { name: string; version: string; architecture: string }): string {
  return `${name} ${version} ${architecture}`;
}
