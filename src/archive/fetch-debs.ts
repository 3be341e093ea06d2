/** From package records to verified .debs in the local store. */
import type { PackageRecord } from '../distro/types.ts';
import { SlimimageError } from '../errors.ts';
import { mapLimit } from '../util/concurrency.ts';
import { type Digest, isDigest } from '../util/digest.ts';
import { type ArchiveContext, offlineError } from './context.ts';
import { fileFacts } from './deb-file.ts';
import { urlOf } from './location.ts';
import { politeClient } from './polite-client.ts';
import { type ReleaseDate, snapshotUrls } from './snapshot.ts';
import { type Place, type TryPlacesOptions, titleOf, tryPlaces } from './try-places.ts';
import type { ArchiveSpec, FetchedDeb } from './types.ts';

export interface FetchDebsOptions extends Omit<ArchiveContext, 'now'> {
  /** The archives that the records name. */
  readonly archives: readonly Pick<ArchiveSpec, 'name' | 'urls' | 'snapshot' | 'timestamp'>[];
  /** The Releases that vouched for the records: their dates tell where a snapshot archive has what no mirror has. */
  readonly releases?: readonly ReleaseDate[] | undefined;
  /** Places that gave no answer, for several calls to remember; filled here. Undefined: of this call alone. */
  readonly silent?: Set<string> | undefined;
}

/** Downloads under way at once; the client bounds the connections to each host itself. */
const parallelDownloads = 8;

/**
 * Brings every .deb into the local store, checked against size and sha256 of its record; the user's own .debs stay
 * where they are and are checked too. What the store has not is asked of each mirror in turn, then of the archive's
 * snapshot archive. Interrupted downloads are continued by the next call.
 *
 * @returns in the order of `records`.
 * @throws SlimimageError DIGEST_MISMATCH, DOWNLOAD_SHORT, DOWNLOAD_TOO_LARGE, ARCHIVE_INVALID for a record without
 * sha256 or path, OFFLINE naming every package that is missing, ABORTED, and what an HttpClient throws.
 */
export async function fetchDebs(
  records: readonly PackageRecord[],
  options: FetchDebsOptions,
): Promise<readonly FetchedDeb[]> {
  // Largest first: the last one to end is then a small one.
  const unique = [...new Map(records.map((record) => [keyOf(record), record])).values()];
  const order = unique.sort((a, b) => b.size - a.size);
  if (options.offline) await checkPresent(order, options);
  const { silent = new Set<string>() } = options;
  const shared = { ...options, http: politeClient(options.http, options.archives), silent };
  const files = await mapLimit(order, (record, { signal }) => fetchOne(record, { ...shared, signal }), {
    limit: parallelDownloads,
    signal: options.signal,
  });
  const byKey = new Map(order.map((record, at) => [keyOf(record), files[at] as string]));
  return records.map((record) => ({ record, file: byKey.get(keyOf(record)) as string }));
}

/**
 * Refuses what could not be checked once it is fetched: to apt too, MD5 and SHA-1 are no sums at all.
 * @throws SlimimageError ARCHIVE_INVALID
 */
export function checkListed(records: readonly PackageRecord[]): void {
  for (const record of records) if (record.origin.archive !== 'file') digestOf(record);
}

/** The same bytes may lie at two paths; two of the user's files are two files. */
function keyOf({ sha256, origin }: PackageRecord): string {
  return origin.archive === 'file' ? `${sha256} ${origin.path}` : sha256;
}

interface FetchContext extends FetchDebsOptions {
  readonly silent: TryPlacesOptions<unknown>['silent'];
}

async function fetchOne(record: PackageRecord, options: FetchContext): Promise<string> {
  if (record.origin.archive === 'file') return checkOwnFile(record, options);
  const { store, onEvent } = options;
  const digest = digestOf(record);
  const id = `deb ${record.sha256}`;
  onEvent?.({ type: 'task', id, phase: 'download', label: titleOf(record), total: record.size });
  if ((await store.size(digest)) === record.size) {
    onEvent?.({ type: 'done', id, outcome: 'cached' });
    return store.path(digest);
  }
  try {
    await download(record, { ...options, id });
    onEvent?.({ type: 'done', id, outcome: 'ok' });
    return store.path(digest);
  } catch (error) {
    onEvent?.({ type: 'done', id, outcome: 'failed' });
    throw error;
  }
}

async function download(record: PackageRecord, options: FetchContext & { readonly id: string }): Promise<void> {
  const { store, http, signal, onEvent, id } = options;
  const digest = digestOf(record);
  const key = `deb-${record.sha256}`;
  const partial = await store.takePartial(key);
  try {
    await tryPlaces(record, placesOf(record, options), {
      silent: options.silent,
      attempt: (url) =>
        http.download(urlOf(url, record.origin.path), {
          partial,
          expectedSize: record.size,
          expectedDigest: digest,
          maxSize: record.size,
          onProgress: (done) => onEvent?.({ type: 'advance', id, done }),
          signal,
        }),
    });
  } catch (error) {
    // What was interrupted can be resumed; what was wrong is gone already.
    await store.keepPartial(key, partial);
    throw error;
  }
  await store.adoptFile(partial, { trusted: { digest, size: record.size } });
}

function placesOf({ origin }: PackageRecord, { archives, releases = [] }: FetchDebsOptions): readonly Place[] {
  const own = archives.filter(({ name }) => name === origin.archive);
  const mirrors = own.flatMap(({ urls }) => urls);
  const snapshots = own.flatMap((archive) => snapshotUrls(origin, archive, releases));
  return [
    ...[...new Set(mirrors)].map((url): Place => ({ kind: 'mirror', url })),
    ...[...new Set(snapshots)].map((url): Place => ({ kind: 'snapshot archive', url })),
  ];
}

async function checkOwnFile(record: PackageRecord, options: FetchDebsOptions): Promise<string> {
  const { path } = record.origin;
  const { sha256, size } = await fileFacts(path, options.store.memo);
  if (sha256 === record.sha256 && size === record.size) return path;
  throw new SlimimageError({ code: 'DIGEST_MISMATCH', message: `${path} was changed while it was in use` });
}

async function checkPresent(records: readonly PackageRecord[], options: FetchDebsOptions): Promise<void> {
  const missing: string[] = [];
  for (const record of records) {
    if (record.origin.archive === 'file') continue;
    // One of another size would be fetched anew.
    if ((await options.store.size(digestOf(record))) !== record.size) missing.push(titleOf(record));
  }
  if (missing.length === 0) return;
  const shown = missing.sort().slice(0, 10).join(', ');
  throw offlineError(missing.length > 10 ? `${shown} and ${missing.length - 10} more packages` : shown);
}

function digestOf(record: PackageRecord): Digest {
  const { archive, suite, path } = record.origin;
  const digest = `sha256:${record.sha256}`;
  if (isDigest(digest) && record.size > 0 && path !== '') return digest;
  const lacks = [
    ...(isDigest(digest) ? [] : ['SHA256']),
    ...(record.size > 0 ? [] : ['Size']),
    ...(path === '' ? ['Filename'] : []),
  ];
  throw new SlimimageError({
    code: 'ARCHIVE_INVALID',
    message: `${titleOf(record)} cannot be verified: the index of ${[archive, suite].join(' ').trim()} lists it without its ${lacks.join(', ')}`,
    hint: 'leave it out, take it from another archive, or have that one repaired',
  });
}
