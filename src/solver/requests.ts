import type { PackageRecord, Universe } from '../distro/types.ts';
import type { Catalog } from './catalog.ts';
import { readSuite, readVersion } from './pins.ts';
import {
  brokenPackage,
  isOurs,
  providersPinnedAway,
  unknownPackage,
  versionMissing,
  virtualName,
} from './request-refusals.ts';
import type { Conflict, PackageRequest } from './types.ts';

export type Selection =
  | { readonly ok: true; readonly record: PackageRecord; readonly pinned: boolean }
  | { readonly ok: false; readonly conflict: Conflict };

/**
 * Reads a last `-` or `+` as apt does: whatever there is of the whole name wins (`g++`, `x-`); else `-` leaves out,
 * which is how the request comes, and `+` only says that it does not.
 */
export function readSuffix(request: PackageRequest, catalog: Catalog): PackageRequest {
  const { name, exclude } = request;
  if (exclude === true) {
    const whole = `${name}-`;
    return catalog.versionsOf(whole).length > 0 ? { ...request, name: whole, exclude: false } : request;
  }
  const short = name.slice(0, -1);
  const isForced = name.endsWith('+') && !isKnown(name, catalog) && isKnown(short, catalog);
  return isForced ? { ...request, name: short } : request;
}

function isKnown(name: string, catalog: Catalog): boolean {
  return catalog.versionsOf(name).length > 0 || providersOf(name, catalog).length > 0;
}

/**
 * The package that a request means, as apt reads it: the candidate of that name, the version or suite that it names, or
 * the only provider of a virtual name. Several providers are refused: which one is the user's choice.
 */
export function select(request: PackageRequest, catalog: Catalog, universe: Universe): Selection {
  const { architecture } = request;
  if (architecture !== undefined && !isOurs(architecture, universe)) return refuse(unknownPackage(request, universe));
  const versions = catalog.versionsOf(request.name);
  if (versions.length === 0) return selectProvider(request, catalog, universe);
  const isPinned = [request.version, request.suite, request.sha256].some((pin) => pin !== undefined);
  const fitting = isPinned ? chosenVersions(request, catalog, universe) : catalog.domain(request.name);
  const broken = isPinned ? undefined : catalog.broken(request.name);
  if (broken !== undefined) return refuse(brokenPackage(request, broken, catalog));
  if (!isPinned && fitting.length === 0) {
    // Pins leave no version of it. apt takes a provider then, as if the name were a virtual one.
    const provided = selectProvider(request, catalog, universe);
    if (provided.ok || provided.conflict.type === 'virtual') return provided;
  }
  const exact = fitting.find((record) => record.version === request.version) ?? fitting[0];
  if (exact?.broken !== undefined) return refuse(brokenPackage(request, exact, catalog));
  if (exact !== undefined) return { ok: true, record: exact, pinned: isPinned };
  return refuse(versionMissing(request, catalog, universe));
}

/** What is wrong with an exclusion: an unknown or a virtual name would leave out nothing. */
export function checkExclusion(request: PackageRequest, catalog: Catalog, universe: Universe): Conflict | undefined {
  if (catalog.versionsOf(request.name).length > 0) return undefined;
  const providers = providersOf(request.name, catalog);
  return providers.length === 0 ? unknownPackage(request, universe) : virtualName(request, providers, universe);
}

/** Those that the request names, the highest version first: which suite is preferred does not matter any more. */
function chosenVersions(request: PackageRequest, catalog: Catalog, universe: Universe): readonly PackageRecord[] {
  const { versions: order } = catalog.context;
  const { version, suite, sha256 } = request;
  const isVersion = version?.includes('*') ? readVersion(version) : undefined;
  const isSuite = suite === undefined ? undefined : readSuite(suite);
  const fits = (record: PackageRecord): boolean => {
    if (sha256 !== undefined && record.sha256 !== sha256) return false;
    if (isVersion?.(record.version) === false) return false;
    if (isVersion === undefined && version !== undefined && order.compare(record.version, version) !== 0) return false;
    if (isSuite === undefined) return true;
    // The record stands for the same package in every suite that has it.
    return universe
      .candidates(record.name)
      .some((other) => other.version === record.version && other.sha256 === record.sha256 && isSuite(other.origin));
  };
  return catalog
    .versionsOf(request.name)
    .filter(fits)
    .sort((a, b) => order.compare(b.version, a.version));
}

function selectProvider(request: PackageRequest, catalog: Catalog, universe: Universe): Selection {
  const providers = providersOf(request.name, catalog);
  const [only] = providers;
  if (only === undefined) {
    const pinnedAway = catalog.matching({ name: request.name }, { pinnedAwayToo: true });
    if (pinnedAway.length === 0) return refuse(unknownPackage(request, universe));
    const broken = pinnedAway.find((record) => record.broken !== undefined);
    if (broken !== undefined) return refuse(brokenPackage(request, broken, catalog));
    return refuse(providersPinnedAway(request, pinnedAway, catalog));
  }
  const isPlain = request.version === undefined && request.suite === undefined;
  if (providers.length > 1 || !isPlain) return refuse(virtualName(request, providers, universe));
  return { ok: true, record: only, pinned: false };
}

/** Packages whose candidate provides the name. Exclusions do not make a virtual name less ambiguous: apt says so too. */
function providersOf(name: string, catalog: Catalog): readonly PackageRecord[] {
  return catalog.matching({ name }, { excludedToo: true });
}

function refuse(conflict: Conflict): Selection {
  return { ok: false, conflict };
}
