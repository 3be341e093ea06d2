/**
 * Snapshot archives keep every state that an archive ever had, each below a URL with its time in it
 * (snapshot.debian.org, snapshot.ubuntu.com). They are asked for what has left the mirrors.
 */
import { timestampOf } from '../config/values/timestamp.ts';
import type { PackageOrigin } from '../distro/types.ts';
import { SlimimageError } from '../errors.ts';
import type { ArchiveSpec } from './types.ts';

/** When a suite was as the Release says that vouched for its packages: `VerifiedRelease` and `LockedRelease` fit. */
export interface ReleaseDate {
  readonly archive: string;
  readonly suite: string;
  /** ISO 8601 UTC; '' where the Release does not say. */
  readonly date: string;
}

/**
 * The base URLs at which a snapshot archive has a package, the likeliest first; [] without a snapshot archive or a time.
 *
 * A snapshot archive answers with the last state that it took before the time asked for. What a Release brought is
 * therefore there only some hours after the Release's own date; what the Release replaces stays for days.
 */
export function snapshotUrls(
  origin: Pick<PackageOrigin, 'archive' | 'suite'>,
  archive: Pick<ArchiveSpec, 'snapshot' | 'timestamp'>,
  releases: readonly ReleaseDate[],
): readonly string[] {
  const { snapshot, timestamp } = archive;
  if (snapshot === undefined) return [];
  const times = timestamp === undefined ? timesOf(origin, releases) : [timestamp];
  const urls = times.map((time) => snapshotUrl(snapshot, { archive: origin.archive, timestamp: time }));
  return [...new Set(urls)];
}

/** Where an archive's Release files and indexes are asked for. */
export function indexUrls(archive: Pick<ArchiveSpec, 'name' | 'urls' | 'snapshot' | 'timestamp'>): readonly string[] {
  const { name, urls, snapshot, timestamp } = archive;
  if (timestamp === undefined) return urls;
  return snapshot === undefined ? [] : [snapshotUrl(snapshot, { archive: name, timestamp })];
}

/** @param place timestamp: `20260901T000000Z`. */
export function snapshotUrl(pattern: string, place: { readonly archive: string; readonly timestamp: string }): string {
  return pattern.replaceAll('{archive}', place.archive).replaceAll('{timestamp}', place.timestamp);
}

/**
 * The pattern of an archive's snapshot archive: the configuration's, else SLIMIMAGE_SNAPSHOT, else the preset's; undefined
 * for `none`.
 *
 * @throws SlimimageError CONFIG_INVALID
 */
export function locateSnapshot(
  chosen: {
    readonly snapshot?: string | undefined;
    readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  },
  preset?: string,
): string | undefined {
  if (chosen.snapshot !== undefined) return checkPattern(chosen.snapshot, 'snapshot');
  const named = chosen.env?.[variable];
  return named ? checkPattern(named, variable) : preset;
}

const variable = 'SLIMIMAGE_SNAPSHOT';

function checkPattern(text: string, where: string): string | undefined {
  if (text === 'none') return undefined;
  const plain = snapshotUrl(text, { archive: 'debian', timestamp: '20260901T000000Z' });
  const isUrl = /^https?:\/\/[^/{}]+\//i.test(text) && URL.canParse(plain) && !/[{}]/.test(plain);
  if (isUrl && text.includes('{timestamp}')) return text.replace(/\/{1,100}$/, '');
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `${where} is not an http or https URL with {timestamp} in its path`,
    hint: 'for example https://snapshot.debian.org/archive/{archive}/{timestamp}, or none',
  });
}

function timesOf(
  { archive, suite }: Pick<PackageOrigin, 'archive' | 'suite'>,
  releases: readonly ReleaseDate[],
): readonly string[] {
  // A package of a flat archive names no suite.
  const dates = releases
    .filter((release) => release.archive === archive && (suite === '' || release.suite === suite))
    .map(({ date }) => Date.parse(date))
    .filter((time) => !Number.isNaN(time))
    .sort((a, b) => b - a);
  return dates.flatMap((time) => [timestampOf(time), timestampOf(time + dayMs)]);
}

const dayMs = 24 * 60 * 60 * 1000;
