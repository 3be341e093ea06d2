import { fetchDebs } from '../../archive/fetch-debs.ts';
import { readDebRecord } from '../../archive/open-debs.ts';
import { parseRelations } from '../../distro/debian/dependencies.ts';
import { noRelations } from '../../distro/debian/record.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { SlimimageError } from '../../errors.ts';
import type { LockedDonor, LockedPlatform } from '../../lock/types.ts';
import { mapLimit } from '../../util/concurrency.ts';
import type { PlatformRequests, ResolvedPlatform } from '../resolve.ts';
import type { Session } from '../session.ts';
import { pathInFolder } from './inputs.ts';
import { outdated } from './open.ts';

export interface LockedRecordsOptions {
  readonly asked: PlatformRequests;
  readonly releases: ResolvedPlatform['releases'];
  /** Folder of the configuration. */
  readonly directory: string;
  readonly session: Session;
}

/**
 * Records of locked packages as far as the lock knows them, without a dependency; the user's own .debs are read, and
 * have to be those of the lock.
 * @throws SlimimageError LOCK_INVALID for an archive that the configuration does not have or a package of another
 * architecture; LOCK_OUTDATED for an own .deb that is new, gone or changed
 */
export function knownRecords(
  locked: readonly LockedDonor[],
  { asked, directory }: Pick<LockedRecordsOptions, 'asked' | 'directory'>,
): readonly PackageRecord[] {
  const names = new Set(asked.archives.map(({ name }) => name));
  const own = ownDebs(locked, { files: asked.files, directory });
  return locked.map((item) => {
    if (item.archive === 'file') return own.get(item) as PackageRecord;
    if (!names.has(item.archive)) {
      throw invalid(`${titleOf(item)} comes from the archive ${item.archive}, which the configuration does not have`);
    }
    if (item.architecture !== 'all' && item.architecture !== asked.architecture) {
      throw invalid(`${titleOf(item)} is locked for ${asked.architecture}`);
    }
    return bareRecord(item);
  });
}

/**
 * Fetches locked packages by their sha256 and reads the rest of their records in the .debs themselves.
 * @throws SlimimageError as knownRecords and fetchDebs; LOCK_INVALID where a .deb is another package than the lock says
 */
export async function lockedRecords(
  locked: readonly LockedDonor[],
  options: LockedRecordsOptions,
): Promise<readonly PackageRecord[]> {
  const { asked, releases, session } = options;
  const records = knownRecords(locked, options);
  const fetched = records.filter(({ origin }) => origin.archive !== 'file');
  if (fetched.length === 0) return records;
  const { archives, architecture } = asked;
  const debs = await session.phase('download', () => fetchDebs(fetched, { ...session, archives, releases }));
  const { store, signal } = session;
  const completed = await mapLimit(
    debs,
    async ({ record, file }) => {
      const { sha256, size, origin } = record;
      const deb = { path: file, facts: { sha256, size }, origin };
      return checked(record, await readDebRecord(deb, { architecture, store }));
    },
    { limit: 4, signal },
  );
  const byRecord = new Map(debs.map(({ record }, at) => [record, completed[at] as PackageRecord]));
  return records.map((record) => byRecord.get(record) ?? record);
}

/** The user's own .debs by their sha256: the lock's path is compared, never opened. */
function ownDebs(
  locked: readonly LockedDonor[],
  { files, directory }: { readonly files: readonly PackageRecord[]; readonly directory: string },
): ReadonlyMap<LockedDonor, PackageRecord> {
  const items = locked.filter(({ archive }) => archive === 'file');
  const pairs = items.map((item) => [item, files.find(({ sha256 }) => sha256 === item.sha256)] as const);
  const pathOf = ({ origin }: PackageRecord) => pathInFolder(origin.path, { directory });
  const changes = pairs.flatMap(([item, file]) => {
    if (file !== undefined) return [];
    const changed = files.find((record) => withoutDot(pathOf(record)) === withoutDot(item.path));
    if (changed === undefined) return [`${item.path} (${titleOf(item)}) is not there any more`];
    return [`${item.path} has changed: sha256 ${changed.sha256}, locked ${item.sha256}`];
  });
  const added = files
    .filter(({ sha256 }) => !items.some((item) => item.sha256 === sha256))
    .filter((record) => !items.some((item) => withoutDot(item.path) === withoutDot(pathOf(record))))
    .map((record) => `${pathOf(record)} (${titleOf(record)}) is new`);
  const differences = [...changes, ...added];
  if (differences.length > 0) throw outdated('Your own packages are not those of the lock', differences);
  return new Map(pairs.flatMap(([item, file]) => (file === undefined ? [] : [[item, file] as const])));
}

function withoutDot(path: string): string {
  return path.replace(/^\.\//, '');
}

function bareRecord(item: LockedDonor): PackageRecord {
  const { name, version, architecture, source, archive, suite, component, path, size, sha256 } = item;
  return {
    name,
    version,
    architecture,
    source,
    essential: false,
    priority: 'optional',
    section: '',
    multiArch: 'no',
    ...noRelations,
    // KiB, as dpkg counts.
    installedSize: Math.ceil(item.installedSize / 1024),
    size,
    sha256,
    origin: { archive, suite, component, path, priority: 500 },
  };
}

/** Records of what is left out, with nothing but what they provide. */
export function omittedRecords(
  { omitted }: Pick<LockedPlatform, 'omitted'>,
  { architecture }: Pick<PlatformRequests, 'architecture'>,
): readonly PackageRecord[] {
  return omitted.map(({ name, provides }) => ({
    ...bareRecord({ ...nothing, name, source: { name, version: nothing.version } }),
    provides: parseRelations(provides.join(', '), { architecture, what: `what ${name} provides` }),
  }));
}

const nothing: Omit<LockedDonor, 'name' | 'source'> = {
  version: '0',
  architecture: 'all',
  archive: '',
  suite: '',
  component: '',
  path: '',
  size: 0,
  installedSize: 0,
  sha256: '',
};

function checked(locked: PackageRecord, found: PackageRecord): PackageRecord {
  if (titleOf(locked) !== titleOf(found)) {
    throw invalid(`${titleOf(locked)} has the sha256 of a .deb that is ${titleOf(found)}`);
  }
  const [said, own] = [locked, found].map(({ source }) => `${source.name} ${source.version}`);
  if (said !== own) throw invalid(`${titleOf(locked)} is built from the source ${own}, and not from ${said}`);
  if (locked.installedSize === found.installedSize) return found;
  throw invalid(`${titleOf(locked)} declares another installed size than the lock says`);
}

function titleOf({ name, version, architecture }: Pick<LockedDonor, 'name' | 'version' | 'architecture'>): string {
  return `${name} ${version} (${architecture})`;
}

/** A lock that no `slimimage lock` wrote: somebody edited it, or means harm. */
export function invalid(problem: string): SlimimageError {
  return new SlimimageError({
    code: 'LOCK_INVALID',
    message: `The lock can't be used: ${problem}`,
    hint: 'Make it anew with `slimimage lock`; do not edit it by hand.',
  });
}
