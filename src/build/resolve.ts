import { checkListed } from '../archive/fetch-debs.ts';
import { openArchives } from '../archive/open-archives.ts';
import { openDebs } from '../archive/open-debs.ts';
import type { ArchiveSpec, VerifiedRelease } from '../archive/types.ts';
import type { ImageSpec } from '../config/spec.ts';
import type { UsrLayout } from '../content/types.ts';
import { debianVersions } from '../distro/debian/version.ts';
import type { PackageRecord, Universe } from '../distro/types.ts';
import { SlimimageError } from '../errors.ts';
import { debianOfPlatform } from '../oci/debian-architecture.ts';
import type { Platform } from '../oci/platform.ts';
import { resolve } from '../solver/resolve.ts';
import type { PackageRequest, Pin, Resolution, SolverAnswer, SolverPolicy } from '../solver/types.ts';
import { archiveSpecs, presetOf } from './archive-specs.ts';
import { lookElsewhere } from './look-elsewhere.ts';
import { refuse } from './refuse.ts';
import { parseRequests } from './requests.ts';
import type { Session } from './session.ts';
import { unusedPins } from './unused-pins.ts';

/** Packages that are read and never installed for it (contract.md, "What is always there"). */
export const donorNames = ['base-passwd', 'libc-bin'] as const;

/**
 * Terminal descriptions are wanted where something links libtinfo, which only its content tells; compiled locales where
 * the configuration names some.
 */
export const lateDonorNames = ['ncurses-base', 'locales-all'] as const;

export type LateDonorName = (typeof lateDonorNames)[number];

/** What goes into one platform's image, as records: no .deb has been fetched yet. */
export interface ResolvedPlatform {
  readonly platform: Platform;
  /** Debian's name of it. */
  readonly architecture: string;
  readonly layout: UsrLayout;
  readonly resolution: Resolution;
  readonly requests: readonly PackageRequest[];
  readonly donors: readonly PackageRecord[];
  readonly releases: readonly VerifiedRelease[];
  /** Where the records' .debs are. */
  readonly archives: readonly ArchiveSpec[];
  /** [] where there is none. */
  lateDonor(name: LateDonorName): readonly PackageRecord[];
  /** What `omit:` leaves out, as far as the archives have it; [] for a lock, which has no more of it than was needed. */
  omitted(): readonly PackageRecord[];
  /** Numbers of the accounts, of a lock. */
  readonly lockedIds?: ReadonlyMap<string, number> | undefined;
}

/** What a configuration asks for on one platform, before any archive is asked. */
export interface PlatformRequests {
  readonly platform: Platform;
  /** Debian's name of it. */
  readonly architecture: string;
  readonly layout: UsrLayout;
  /** base-files, names, then the user's own .debs. */
  readonly requests: readonly PackageRequest[];
  /** Packages of the user's own .debs. */
  readonly files: readonly PackageRecord[];
  readonly archives: readonly ArchiveSpec[];
}

export interface ResolveOptions {
  readonly platform: Platform;
  /** Packages of the image below. */
  readonly installed: readonly PackageRecord[];
  /** Answers in its own way; undefined: with the best that the archives have. */
  readonly choose?: ((universe: Universe, question: Question) => Promise<Chosen>) | undefined;
}

/** What a configuration asks, whatever there is to choose from. */
export interface Question {
  readonly asked: PlatformRequests;
  readonly policy: SolverPolicy;
  /** Those of `asked`, and essential packages where they are wanted. */
  requestsIn(universe: Universe): readonly PackageRequest[];
}

export interface Chosen {
  /** What there was to choose from: donors come from it too. */
  readonly universe: Universe;
  readonly answer: SolverAnswer;
}

/**
 * Opens the archives of a configuration for one platform and resolves its packages.
 * @throws SlimimageError as openArchives; ARCHIVE_INVALID for what could not be verified; UnsatisfiableError with the tree that explains it.
 */
export async function resolvePlatform(
  spec: ImageSpec,
  session: Session,
  options: ResolveOptions,
): Promise<ResolvedPlatform> {
  const { platform, installed, choose } = options;
  const asked = await readRequests(spec, platform, session);
  const { architecture, layout, requests, files, archives } = asked;
  const common = { platform, architecture, layout, requests, archives };
  const empty: Resolution = { packages: [], order: [] };
  if (requests.length === 0 && !spec.essential)
    return { ...common, resolution: empty, donors: [], releases: [], lateDonor: () => [], omitted: () => [] };
  if (archives.length === 0 && files.length === 0) throw noArchive();
  const { universe, releases, origins } = await session.phase('indexes', () =>
    openArchives(archives, { ...session, architecture, files }),
  );
  for (const message of unusedPins(spec.pins, { universe, origins })) session.onEvent({ type: 'warning', message });
  const question: Question = {
    asked,
    policy: policyOf(spec, installed),
    requestsIn: (among) => [...requests, ...essentialRequests(spec, among, requests)],
  };
  const { universe: chosen, answer } = await (choose === undefined
    ? session.phase('resolve', () => best(universe, question))
    : choose(universe, question));
  if (!answer.ok) {
    const { policy } = question;
    const conflicts = await lookElsewhere(answer.conflicts, spec, { session, architecture, archives, policy });
    const isOnlyVersion = (text: string): boolean => {
      const request = requests.find((one) => one.text === text);
      return request !== undefined && new Set(universe.candidates(request.name).map(({ version }) => version)).size < 2;
    };
    throw refuse(conflicts, platform, { isOnlyVersion });
  }
  const { resolution } = answer;
  checkListed(resolution.packages.map(({ record }) => record));
  const { pins } = spec;
  const donor = (name: string) => donorOf(name, chosen, { resolution, pins });
  const donors = spec.base === 'debian' ? donorNames.flatMap(donor) : [];
  return { ...common, resolution, donors, releases, lateDonor: donor, omitted: () => spec.omit.flatMap(donor) };
}

async function best(universe: Universe, { policy, requestsIn }: Question): Promise<Chosen> {
  return { universe, answer: resolve(universe, requestsIn(universe), { versions: debianVersions, policy }) };
}

/** @throws SlimimageError as parseRequests, findPreset and openDebs; PLATFORM_UNAVAILABLE */
export async function readRequests(spec: ImageSpec, platform: Platform, session: Session): Promise<PlatformRequests> {
  const architecture = debianOfPlatform(platform);
  const { named, paths } = await parseRequests(spec.packages, spec.directory);
  refuseForeign(named, architecture);
  const files =
    paths.length === 0
      ? []
      : await openDebs(
          paths.map(({ path }) => path),
          { architecture, store: session.store, signal: session.signal },
        );
  return {
    platform,
    architecture,
    layout: presetOf(spec)?.usr ?? 'merged',
    requests: [...(spec.base === 'debian' ? [baseRequest] : []), ...named, ...files.map(fileRequest)],
    files,
    archives: await archiveSpecs(spec, { architecture, session }),
  };
}

/** `essential: true`: every essential package that the archives have, but those that the user leaves out. */
export function essentialRequests(
  { essential }: Pick<ImageSpec, 'essential'>,
  universe: Universe,
  requests: readonly PackageRequest[],
): readonly PackageRequest[] {
  if (!essential) return [];
  const left = new Set(requests.flatMap(({ name, exclude }) => (exclude === true ? [name] : [])));
  return universe.essentials().flatMap((name) => (left.has(name) ? [] : [{ text: name, name, base: true }]));
}

/** The record of a donor, unless it is installed anyway. An archive without it (a private one) gives none. */
function donorOf(
  name: string,
  universe: Universe,
  { resolution, pins }: { readonly resolution: Resolution; readonly pins: readonly Pin[] },
): readonly PackageRecord[] {
  if (resolution.packages.some(({ record }) => record.name === name)) return [];
  const answer = resolve(universe, [{ text: name, name }], {
    versions: debianVersions,
    policy: { dependencies: 'none', recommends: false, pins },
  });
  return answer.ok ? answer.resolution.packages.map(({ record }) => record) : [];
}

function policyOf(spec: ImageSpec, installed: readonly PackageRecord[]): SolverPolicy {
  const { dependencies, recommends, omit, pins } = spec;
  const followed = dependencies === 'none' ? 'none' : 'full';
  return { dependencies: followed, recommends, installed, omit: new Set(omit), pins };
}

const baseRequest: PackageRequest = { text: 'base-files', name: 'base-files', base: true };

function fileRequest(record: PackageRecord): PackageRequest {
  return { text: record.origin.path, name: record.name, version: record.version, sha256: record.sha256 };
}

/** An image has packages of one architecture; `:any` and `:native` mean just that one. */
function refuseForeign(requests: readonly PackageRequest[], architecture: string): void {
  for (const { text, architecture: wanted } of requests) {
    if (wanted === undefined || [architecture, 'all', 'any', 'native'].includes(wanted)) continue;
    throw new SlimimageError({
      code: 'PLATFORM_UNAVAILABLE',
      message: `"${text}" asks for a package of ${wanted} in an image for ${architecture}`,
      hint: 'The packages of an image have one architecture. For another image: --platform, or platforms: in the configuration.',
    });
  }
}

function noArchive(): SlimimageError {
  return new SlimimageError({
    code: 'CONFIG_INVALID',
    message: 'there is no archive to take packages from',
    hint: 'Add from: debian/trixie, an archives: list, or base: none for an image of files alone.',
  });
}
