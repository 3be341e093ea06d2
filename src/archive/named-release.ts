/** A Release that a document of before names by its digest: of the store, of a mirror that has not moved on, of the snapshot archive. */
import { isSlimimageError } from '../errors.ts';
import { splitClearsigned } from '../formats/openpgp/armor.ts';
import { limits } from '../limits.ts';
import { concatBytes } from '../util/bytes.ts';
import type { Digest } from '../util/digest.ts';
import { digestOf } from '../util/digest.ts';
import { decodeUtf8Strict } from '../util/text.ts';
import type { ArchiveContext } from './context.ts';
import { type OpenedSuite, openedSuite } from './fetch-release.ts';
import { loadKeys } from './key-sets.ts';
import { joinPath, suiteFolder, urlOf } from './location.ts';
import { politeClient } from './polite-client.ts';
import { parseRelease } from './release.ts';
import { verifyRelease } from './signed-release.ts';
import { snapshotUrls } from './snapshot.ts';
import type { ArchiveSpec } from './types.ts';

export interface NamedRelease {
  readonly suite: string;
  /** Of the InRelease. */
  readonly digest: Digest;
  /** ISO 8601 UTC. */
  readonly date: string;
}

/**
 * The Release of that digest, its signature verified with the archive's keys as of its date; undefined where nobody has it any more. Nothing
 * is said of how old it is.
 * @throws SlimimageError SIGNATURE_INVALID, SIGNATURE_UNKNOWN_KEY, RELEASE_INVALID, CONFIG_INVALID, ABORTED
 */
export async function openNamedRelease(
  spec: ArchiveSpec,
  named: NamedRelease,
  context: ArchiveContext,
): Promise<OpenedSuite | undefined> {
  const { suite, digest } = named;
  const folder = suiteFolder(suite);
  const kept = await fromStore(digest, context);
  const found = kept === undefined ? await fromMirrors(spec, { named, folder, context }) : { bytes: kept, spec };
  if (found === undefined) return undefined;
  const { bytes } = found;
  const name = joinPath(spec.name, folder, 'InRelease');
  const keys = await loadKeys(spec.signedBy, spec.name);
  const document = { bytes, signature: undefined };
  const { text, fingerprints } = await verifyRelease(document, {
    keys,
    name,
    // It is a proof: what the store remembers is none.
    memo: undefined,
    date: new Date(dateOf(bytes, name) ?? context.now()),
  });
  const opened = { spec: found.spec, suite, release: parseRelease(text, name) };
  return openedSuite(opened, { sha256: digest.slice('sha256:'.length), fingerprints });
}

/**
 * A signature is verified as of the day after the Release says that it was made: keys expire later. The date is not believed beyond that: a
 * key that had expired then does not vouch.
 */
function dateOf(bytes: Uint8Array, name: string): number | undefined {
  const { date } = parseRelease(splitClearsigned(decodeUtf8Strict(bytes) ?? '', name).text, name);
  return date === undefined ? undefined : (date + 24 * 60 * 60) * 1000;
}

async function fromStore(digest: Digest, { store }: ArchiveContext): Promise<Uint8Array | undefined> {
  const size = await store.size(digest);
  if (size === undefined || size > limits.releaseBytes) return undefined;
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of store.open(digest)) chunks.push(chunk);
  } catch (error) {
    if (isSlimimageError(error, 'DIGEST_MISMATCH') || isSlimimageError(error, 'STORE')) return undefined;
    throw error;
  }
  return concatBytes(chunks);
}

interface Asked {
  readonly named: NamedRelease;
  readonly folder: string;
  readonly context: ArchiveContext;
}

/** The InRelease, and the archive as it is where that was found: its indexes are there, too. */
async function fromMirrors(
  spec: ArchiveSpec,
  { named, folder, context }: Asked,
): Promise<{ readonly bytes: Uint8Array; readonly spec: ArchiveSpec } | undefined> {
  if (context.offline === true) return undefined;
  const { signal } = context;
  const http = politeClient(context.http, [spec]);
  for (const url of [...spec.urls, ...pastUrls(spec, named)]) {
    try {
      const { bytes } = await http.getBytes(urlOf(url, joinPath(folder, 'InRelease')), {
        maxSize: limits.releaseBytes,
        signal,
      });
      if (digestOf(bytes) === named.digest) return { bytes, spec: { ...spec, urls: [url] } };
    } catch (error) {
      if (!isSlimimageError(error) || error.code === 'ABORTED') throw error;
    }
  }
  return undefined;
}

/** Debian's archive changes four times a day: the state that brought a Release may be gone when a day is over. */
function pastUrls(spec: ArchiveSpec, { suite, date }: NamedRelease): readonly string[] {
  const about = { archive: spec.name, suite };
  const time = Date.parse(date);
  if (Number.isNaN(time)) return [];
  const later = new Date(time + 6 * 60 * 60 * 1000).toISOString();
  return snapshotUrls(about, spec, [
    { ...about, date: later },
    { ...about, date },
  ]);
}
