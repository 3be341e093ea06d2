/** From archive specifications to a universe of packages whose every index is vouched for. */
import { type IndexedArchive, openUniverse } from '../distro/debian/universe.ts';
import type { PackageRecord } from '../distro/types.ts';
import { SlimimageError } from '../errors.ts';
import { mapLimit } from '../util/concurrency.ts';
import type { ArchiveContext } from './context.ts';
import { fetchIndex } from './fetch-index.ts';
import { fetchRelease, type OpenedSuite } from './fetch-release.ts';
import { chooseIndexes, type IndexChoice } from './index-choice.ts';
import { loadKeys } from './key-sets.ts';
import { isFlat } from './location.ts';
import { defaultPriority } from './release.ts';
import type { ArchiveSpec, OpenedArchives, ReleaseIndex } from './types.ts';

export interface OpenArchivesOptions extends ArchiveContext {
  /** Debian's name: `amd64`, `arm64`, ... */
  readonly architecture: string;
  /** Packages of the user's own .debs, from `openDebs`. */
  readonly files?: readonly PackageRecord[] | undefined;
}

/** Suites under way at once; the client bounds the connections to each host itself. */
const parallelSuites = 8;
const parallelIndexes = 4;

/**
 * Fetches, verifies and opens every suite of every archive.
 *
 * @throws SlimimageError what `fetchRelease` and `fetchIndex` throw; PLATFORM_UNAVAILABLE where none of the archives
 * carries the architecture; ABORTED.
 */
export async function openArchives(
  specs: readonly ArchiveSpec[],
  options: OpenArchivesOptions,
): Promise<OpenedArchives> {
  const { architecture } = options;
  const requests = specs.flatMap((spec) => spec.suites.map((suite) => ({ spec, suite })));
  const opened = await mapLimit(
    requests,
    ({ spec, suite }, { signal }) => openSuite(spec, suite, { ...options, signal }),
    { limit: parallelSuites, signal: options.signal },
  );
  if (specs.length > 0 && opened.every((suite) => !suite.carried)) {
    throw new SlimimageError({
      code: 'PLATFORM_UNAVAILABLE',
      message: `None of the archives ${specs.map((spec) => spec.name).join(', ')} carries the architecture ${architecture}`,
      hint: `they carry ${[...new Set(opened.flatMap((suite) => suite.architectures))].join(', ')}`,
    });
  }
  return {
    universe: openUniverse({ architecture, indexes: opened.flatMap((suite) => suite.indexes), extra: options.files }),
    releases: opened.map((suite) => suite.verified),
    origins: opened.flatMap((suite) => suite.origins),
  };
}

async function openSuite(spec: ArchiveSpec, suite: string, options: OpenArchivesOptions) {
  const keys = await loadKeys(spec.signedBy, spec.name);
  const opened = await fetchRelease(spec, suite, { keys, context: options });
  const { architecture } = options;
  const name = `${spec.name} ${suite}`;
  const choices = chooseIndexes(opened.release, {
    components: spec.components,
    architecture,
    flat: isFlat(suite),
    name,
  });
  const carried = choices.length > 0;
  if (!carried)
    options.onEvent?.({ type: 'warning', message: `${name} does not carry the architecture ${architecture}` });
  const indexes = await mapLimit(choices, (choice, { signal }) => openIndex(opened, choice, { ...options, signal }), {
    limit: parallelIndexes,
    signal: options.signal,
  });
  return {
    carried,
    indexes: indexes.flatMap((index) => index ?? []),
    origins: choices.map((choice) => originOf(opened, choice)),
    verified: { ...opened.verified, indexes: choices.map(listedIndex) },
    architectures: opened.release.architectures,
  };
}

/** The uncompressed file first: which compression a mirror had at hand is no property of the image. */
function listedIndex({ path, plain, variant }: IndexChoice): ReleaseIndex {
  const { sha256, size } = plain ?? variant.file;
  return { path: plain === undefined ? variant.path : path, sha256, size };
}

async function openIndex(
  suite: OpenedSuite,
  choice: IndexChoice,
  options: OpenArchivesOptions,
): Promise<IndexedArchive | undefined> {
  const index = await fetchIndex(suite, choice, options);
  if (index === undefined) return undefined;
  return { index, origin: originOf(suite, choice) };
}

function originOf({ spec, suite, release }: OpenedSuite, choice: IndexChoice): IndexedArchive['origin'] {
  return {
    archive: spec.name,
    suite: isFlat(suite) ? '' : suite,
    component: choice.component,
    priority: defaultPriority(release),
    release: {
      suite: release.suite,
      codename: release.codename,
      version: release.version,
      origin: release.origin,
      label: release.label,
    },
  };
}
