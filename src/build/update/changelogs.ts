import { fetchDebs } from '../../archive/fetch-debs.ts';
import { type Changelog, readChangelog } from '../../archive/read-changelog.ts';
import { debianVersions } from '../../distro/debian/version.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { SlimimageError } from '../../errors.ts';
import { fixedBetween } from '../../formats/changelog/fixed.ts';
import type { ChangelogEntry } from '../../formats/changelog/parse.ts';
import { mapLimit } from '../../util/concurrency.ts';
import { compareStrings } from '../../util/text.ts';
import type { ResolvedPlatform } from '../resolve.ts';
import type { Session } from '../session.ts';
import type { SourceUpdate } from './types.ts';

/** A package whose source has another version than in the lock. */
export interface SourceStep {
  /** Version of the source package in the lock. */
  readonly from: string;
  /** The package that would come. */
  readonly record: PackageRecord;
  /** The platform that it would come to. */
  readonly resolved: ResolvedPlatform;
}

export interface ReadFixesOptions {
  readonly session: Session;
  /** False: fetch nothing. */
  readonly changelogs: boolean;
}

/**
 * Sources with new versions, and what their changelogs say that these fix. Packages of one source share a changelog, so
 * one .deb of each is fetched, the smallest. A changelog that cannot be read is a warning.
 * @throws SlimimageError as fetchDebs; IO and ABORTED as readChangelog
 */
export async function readFixes(
  steps: readonly SourceStep[],
  options: ReadFixesOptions,
): Promise<readonly SourceUpdate[]> {
  const { session, changelogs } = options;
  const groups = [...groupBySource(steps).values()].sort(compareSteps);
  if (!changelogs || groups.length === 0) {
    return groups.map((group) => ({ ...sourceStep(group), changelog: 'skipped', fixes: [] }));
  }
  const silent = new Set<string>();
  const read = await session.phase('download', () =>
    mapLimit(groups, (group) => readSource(group, { session, silent }), { limit: 4, signal: session.signal }),
  );
  // Told in the order of the sources, not in that in which the .debs came.
  for (const message of read.flatMap(({ problems }) => problems)) session.onEvent({ type: 'warning', message });
  return read.map(({ update }) => update);
}

/** What `from` and `to` of one source have in common is their key: platforms may be at different versions. */
export function keyOfSource({ name, from, to }: Pick<SourceUpdate, 'name' | 'from' | 'to'>): string {
  return [name, from, to].join(' ');
}

function groupBySource(steps: readonly SourceStep[]): ReadonlyMap<string, readonly SourceStep[]> {
  const groups = new Map<string, SourceStep[]>();
  for (const step of steps) {
    const { name, version } = step.record.source;
    const key = keyOfSource({ name, from: step.from, to: version });
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return groups;
}

type Group = readonly SourceStep[];

function sourceStep([first]: Group): Pick<SourceUpdate, 'name' | 'from' | 'to'> {
  const { name = '', version = '' } = first?.record.source ?? {};
  return { name, from: first?.from ?? '', to: version };
}

function compareSteps(a: Group, b: Group): number {
  return compareStrings(keyOfSource(sourceStep(a)), keyOfSource(sourceStep(b)));
}

interface Context {
  readonly session: Session;
  /** Places that gave no answer: a dead mirror is waited for once, not for every source. */
  readonly silent: Set<string>;
}

interface ReadSource {
  readonly update: SourceUpdate;
  /** Changelogs that could not be read, for people. */
  readonly problems: readonly string[];
}

async function readSource(group: Group, context: Context): Promise<ReadSource> {
  const step = sourceStep(group);
  const problems: string[] = [];
  const entries = await findEntries(group, { ...context, problems });
  if (entries === undefined) return { update: { ...step, changelog: 'missing', fixes: [] }, problems };
  const span = { after: step.from, upTo: step.to, versions: debianVersions };
  return { update: { ...step, changelog: 'read', fixes: fixedBetween(entries, span) }, problems };
}

/** .debs that are asked for a changelog at most: a link leads to another package of the source, seldom to a third. */
const maxTries = 3;

async function findEntries(
  group: Group,
  { session, silent, problems }: Context & { readonly problems: string[] },
): Promise<readonly ChangelogEntry[] | undefined> {
  const bySize = group.toSorted(
    (a, b) => a.record.size - b.record.size || compareStrings(a.record.sha256, b.record.sha256),
  );
  const queue = [...bySize];
  const tried = new Set<string>();
  for (let step = queue.shift(); step !== undefined && tried.size < maxTries; step = queue.shift()) {
    const { record, resolved } = step;
    if (tried.has(record.name)) continue;
    tried.add(record.name);
    const { archives, releases } = resolved;
    const [deb] = await fetchDebs([record], { ...session, archives, releases, silent });
    if (deb === undefined) continue;
    const changelog = await readChangelog(deb.file, { name: record.name, signal: session.signal }).catch(
      (error: unknown): Changelog => {
        problems.push(`what ${record.name} ${record.version} fixes is not known: ${unreadable(error)}`);
        return { type: 'missing' };
      },
    );
    if (changelog.type === 'entries') return changelog.entries;
    if (changelog.type === 'elsewhere') queue.unshift(...packageOf(changelog.package, step));
  }
  return undefined;
}

/** The message of an error about the bytes of a changelog: a courtesy, which must not stand in the way of an update. */
function unreadable(error: unknown): string {
  const codes = ['AR_INVALID', 'DEB_INVALID', 'TAR_INVALID', 'COMPRESSION_INVALID', 'LIMIT_EXCEEDED'];
  if (error instanceof SlimimageError && codes.includes(error.code)) return error.message;
  throw error;
}

/** A package that would come too and is of the same version of the same source: the only one whose word counts. */
function packageOf(name: string, { record, resolved, from }: SourceStep): readonly SourceStep[] {
  const found = resolved.resolution.packages.find((one) => one.record.name === name)?.record;
  const isSame = found?.source.name === record.source.name && found.source.version === record.source.version;
  return found !== undefined && isSame ? [{ record: found, resolved, from }] : [];
}
