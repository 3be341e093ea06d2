/** Where packages are that the archives of an image do not have: asked after a refusal, to say what would help. */
import { debianVersions } from '../distro/debian/version.ts';
import { isSlimimageError, type SlimimageError } from '../errors.ts';
import type { PackagesIndex } from '../formats/deb822/packages-reader.ts';
import { HttpError } from '../net/http-error.ts';
import { mapLimit } from '../util/concurrency.ts';
import type { ArchiveContext } from './context.ts';
import { fetchIndex } from './fetch-index.ts';
import { fetchRelease, type OpenedSuite } from './fetch-release.ts';
import { chooseIndexes } from './index-choice.ts';
import { loadKeys } from './key-sets.ts';
import { isFlat } from './location.ts';
import { defaultPriority, type Release } from './release.ts';
import type { ArchiveSpec } from './types.ts';

/** One suite of an archive to look at. */
export interface Place {
  readonly spec: ArchiveSpec;
  readonly suite: string;
  /** Of those that the suite has: these, or all but these. */
  readonly components: { readonly only: readonly string[] } | { readonly not: readonly string[] };
  /** Debian's name. */
  readonly architecture: string;
}

export interface FoundElsewhere<P extends Place> {
  readonly name: string;
  readonly version: string;
  readonly suite: string;
  readonly component: string;
  readonly architecture: string;
  readonly place: P;
  /** All that the suite has. */
  readonly components: readonly string[];
  /** Whether apt takes packages from the suite without being asked: backports are not. */
  readonly isAutomatic: boolean;
}

export interface PlacesAnswer<P extends Place> {
  /** In the order of the places; of several versions in one of them the highest. */
  readonly found: readonly FoundElsewhere<P>[];
  /** `debian sid (amd64): there is no such host`: what could not be looked at. */
  readonly unreachable: readonly string[];
}

/**
 * Looks for packages in places, each Release and index fetched, verified and kept as for a build. A place that does not
 * exist has nothing; offline, a place that the store does not hold is passed over; any other failure makes the place
 * unreachable and is no error.
 * @throws SlimimageError ABORTED
 */
export async function findElsewhere<P extends Place>(
  names: readonly string[],
  places: readonly P[],
  context: ArchiveContext,
): Promise<PlacesAnswer<P>> {
  // Warnings about places that nobody configured would only distract; progress is welcome.
  const quiet: ArchiveContext = {
    ...context,
    onEvent: (event) => {
      if (event.type !== 'warning') context.onEvent?.(event);
    },
  };
  const answers = await mapLimit(
    places,
    async (place, { signal }) => {
      try {
        return { found: await lookAt(place, names, { ...quiet, signal }), unreachable: [] };
      } catch (error) {
        if (!isSlimimageError(error) || error.code === 'ABORTED') throw error;
        return { found: [], unreachable: error.code === 'OFFLINE' ? [] : [`${titleOf(place)}: ${reasonOf(error)}`] };
      }
    },
    { limit: parallelPlaces, signal: context.signal },
  );
  return {
    found: answers.flatMap(({ found }) => found),
    unreachable: [...new Set(answers.flatMap(({ unreachable }) => unreachable))],
  };
}

/** In a few words: which file it was says nothing to someone who did not ask for it. */
function reasonOf(error: SlimimageError): string {
  const answer = error instanceof HttpError ? error.message.replace(/^\S+: /, '') : 'it cannot be read';
  return reasons.get(error.code) ?? answer;
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['SIGNATURE_INVALID', 'its signature does not hold'],
  ['SIGNATURE_UNKNOWN_KEY', 'another key has signed it'],
  ['RELEASE_NOT_YET_VALID', 'it is dated later than the clock here'],
  ['RELEASE_INVALID', 'its Release cannot be used'],
  ['DIGEST_MISMATCH', 'its index is not the one that its Release names'],
  ['DOWNLOAD_TOO_LARGE', 'its index is larger than its Release says'],
  ['DOWNLOAD_SHORT', 'the connection was cut'],
  ['LIMIT_EXCEEDED', 'its index is too large'],
]);

const parallelPlaces = 4;

/** apt_preferences(5): of what is neither NotAutomatic nor pinned. */
const automaticPriority = 500;

async function lookAt<P extends Place>(
  place: P,
  names: readonly string[],
  context: ArchiveContext,
): Promise<readonly FoundElsewhere<P>[]> {
  const { spec, suite, architecture } = place;
  const keys = await loadKeys(spec.signedBy, spec.name);
  const opened = await openToLook(spec, suite, { keys, context });
  if (opened === undefined) return [];
  const components = componentsOf(place, opened.release);
  if (components.length === 0 && !isFlat(suite)) return [];
  const request = { components, architecture, flat: isFlat(suite), name: titleOf(place) };
  const isAutomatic = defaultPriority(opened.release) >= automaticPriority;
  const found: FoundElsewhere<P>[] = [];
  for (const choice of chooseIndexes(opened.release, request)) {
    const index = await fetchIndex(opened, choice, context);
    for (const name of index === undefined ? [] : names) {
      const version = highestVersion(index as PackagesIndex, name, architecture);
      if (version === undefined) continue;
      const { component } = choice;
      const at = { suite, component, architecture, place, components: opened.release.components };
      found.push({ name, version, isAutomatic, ...at });
    }
  }
  return found;
}

/**
 * To say what there is, an expired Release is as good as another: nothing is taken from it. What is remembered of it
 * stands for itself (`stateKey`), so that a build never meets it.
 */
async function openToLook(
  spec: ArchiveSpec,
  suite: string,
  options: Parameters<typeof fetchRelease>[2],
): Promise<OpenedSuite | undefined> {
  return fetchRelease(spec, suite, options)
    .catch((error: unknown) => {
      if (!isSlimimageError(error, 'RELEASE_EXPIRED')) throw error;
      return fetchRelease({ ...spec, checkValidUntil: false }, suite, options);
    })
    .catch(undefinedWhereAbsent);
}

function undefinedWhereAbsent(error: unknown): undefined {
  if (error instanceof HttpError && (error.status === 404 || error.status === 410)) return undefined;
  throw error;
}

function componentsOf({ components, spec }: Place, release: Release): readonly string[] {
  if ('not' in components) return release.components.filter((component) => !components.not.includes(component));
  const has = release.components.length === 0 ? spec.components : release.components;
  return components.only.filter((component) => has.includes(component));
}

function highestVersion(index: PackagesIndex, name: string, architecture: string): string | undefined {
  const versions = index.stanzasOf(name).flatMap((number) => {
    const stanza = index.stanza(number);
    const isFor = [architecture, 'all'].includes(stanza.get('Architecture') ?? '');
    return isFor ? (stanza.get('Version') ?? []) : [];
  });
  return versions.sort((a, b) => debianVersions.compare(b, a))[0];
}

function titleOf({ spec, suite, architecture }: Place): string {
  return `${spec.name} ${suite} (${architecture})`;
}
