import type { PackageRecord, Universe } from '../distro/types.ts';
import type { Catalog } from './catalog.ts';
import { nearestPackages } from './nearest-packages.ts';
import type { Root } from './resolution.ts';
import type { Conflict, PackageRequest } from './types.ts';

/** No package of the universe has that name, or none for the architecture that the request names. */
export function unknownPackage(request: PackageRequest, universe: Universe): Conflict {
  const { text, name, architecture } = request;
  const names = [...universe.names()];
  const isForeign = architecture !== undefined && !isOurs(architecture, universe);
  return {
    type: 'unknown',
    request: text,
    name,
    nearest: names.includes(name) ? [name] : nearestPackages(name, names, universe.providedNames?.()),
    ...(request.base === true ? { base: true } : {}),
    ...(isForeign ? { foreign: { asked: architecture, ours: universe.architecture } } : {}),
  };
}

/** `any` and `native` mean the image's own architecture. */
export function isOurs(architecture: string, universe: Universe): boolean {
  return ['any', 'native', 'all', universe.architecture].includes(architecture);
}

/** A name that is only provided. */
export function virtualName(
  request: PackageRequest,
  providers: readonly PackageRecord[],
  universe: Universe,
): Conflict {
  return {
    type: 'virtual',
    request: request.text,
    name: request.name,
    providers: providers.map(({ name, version }) => `${name} ${version}`),
    usual: usualProvider(providers, universe)?.name,
  };
}

/** The package is there, and not in the version or suite that is asked for, or pins leave no version of it. */
export function versionMissing(request: PackageRequest, catalog: Catalog, universe: Universe): Conflict {
  const { text, name, version, suite } = request;
  return {
    type: 'version',
    request: text,
    name,
    wanted: { version, suite },
    available: available(name, catalog, universe),
  };
}

/** The version that the request means is in a stanza that cannot be read. */
export function brokenPackage(request: PackageRequest, record: PackageRecord, catalog: Catalog): Conflict {
  const { name, version, origin, broken = '' } = record;
  const other = catalog.versionsOf(name).find((one) => one.broken === undefined)?.version;
  return {
    type: 'broken',
    request: request.text,
    name,
    version,
    archive: origin.archive,
    suite: origin.suite,
    because: broken,
    ...(other === undefined ? {} : { other }),
    ...(request.base === true ? { base: true } : {}),
  };
}

/** A name that only packages provide of which pins leave nothing. */
export function providersPinnedAway(
  request: PackageRequest,
  providers: readonly PackageRecord[],
  catalog: Catalog,
): Conflict {
  const { text, name, version, suite } = request;
  const available = providers.map((record) => {
    const pin = catalog.pinnedAway(record);
    return `${record.name} ${record.version}${pin === undefined ? '' : ` (forbidden by the pin "${pin.text}")`}`;
  });
  return { type: 'version', request: text, name, wanted: { version, suite }, available };
}

/** What the request leaves out is not what the user means by a virtual name. */
export function withExclusions(conflict: Conflict, excluded: ReadonlySet<string>): Conflict {
  if (conflict.type !== 'virtual') return conflict;
  const leftOut = conflict.providers.flatMap((label) => label.split(' ')[0] ?? []).filter((name) => excluded.has(name));
  if (leftOut.length === 0) return conflict;
  const usual = leftOut.includes(conflict.usual ?? '') ? undefined : conflict.usual;
  return { ...conflict, usual, leftOut };
}

/** Requests that name two versions of one package. */
export function twoVersions(a: Root, b: Root): Conflict {
  return {
    type: 'clash',
    a: `${a.record.name} ${a.record.version}`,
    b: `${b.record.name} ${b.record.version}`,
    relation: { name: a.record.name },
    kind: 'versions',
    chainA: [a.request.text],
    chainB: [b.request.text],
  };
}

/**
 * Debian marks defaults by name: a package called `default-jre-headless`, or one that provides `default-mta`. Else it
 * is the one that a standard system has, or that build-essential needs (`c-compiler`: gcc). Names say no more: where there
 * is none of these signs, none is called usual.
 */
function usualProvider(providers: readonly PackageRecord[], universe: Universe): PackageRecord | undefined {
  const isDefault = (name: string): boolean => name.startsWith('default-');
  const toBuild = new Set(
    universe.candidates('build-essential').flatMap(({ depends }) => depends.flat().map(({ name }) => name)),
  );
  const standard = providers.filter(({ priority }) => ['required', 'important', 'standard'].includes(priority));
  return (
    providers.find(({ name }) => isDefault(name)) ??
    providers.find(({ provides }) => provides.some(({ name }) => isDefault(name))) ??
    (standard.length === 1 ? standard[0] : undefined) ??
    providers.find(({ name }) => toBuild.has(name))
  );
}

function available(name: string, catalog: Catalog, universe: Universe): readonly string[] {
  return catalog.versionsOf(name).map((record) => {
    const same = universe.candidates(name).filter((other) => other.version === record.version);
    const suites = [...new Set(same.map((other) => other.origin.suite))].filter((suite) => suite !== '');
    const pin = catalog.pinnedAway(record);
    const forbidden = pin === undefined ? [] : [`forbidden by the pin "${pin.text}"`];
    const notes = [...(suites.length === 0 ? [] : [suites.join(', ')]), ...forbidden];
    return notes.length === 0 ? record.version : `${record.version} (${notes.join('; ')})`;
  });
}
