import { fetchDebs } from '../archive/fetch-debs.ts';
import type { ImageSpec } from '../config/spec.ts';
import { type ContentRequest, openContents } from '../content/contents.ts';
import { defaultFilters, extendFilters } from '../content/filters.ts';
import type { Content, FilterSet } from '../content/types.ts';
import type { PackageRecord } from '../distro/types.ts';
import { SlimimageError } from '../errors.ts';
import { type LateDonorName, lateDonorNames, type ResolvedPlatform } from './resolve.ts';
import type { Session } from './session.ts';

export interface PlatformContents {
  readonly packages: ReadonlyMap<string, { readonly record: PackageRecord; readonly content: Content }>;
  /** Packages that are read and not installed, by name. */
  readonly donors: ReadonlyMap<string, { readonly record: PackageRecord; readonly content: Content }>;
}

/** Fetches what was resolved and converts what is new: every .deb once, ever. */
export async function preparePackages(
  spec: ImageSpec,
  resolved: ResolvedPlatform,
  session: Session,
): Promise<PlatformContents> {
  const installed = resolved.resolution.packages.map(({ record }) => ({
    record,
    filters: filtersOf(record.name, spec),
  }));
  const contents = await prepare([...installed, ...resolved.donors.map(asDonor)], { spec, resolved, session });
  const packages = new Map(contents.slice(0, installed.length).map((one) => [one.record.name, one]));
  const late = wantedLateDonors(spec, packages).flatMap((name) => resolved.lateDonor(name));
  const donors = [
    ...contents.slice(installed.length),
    ...(await prepare(late.map(asDonor), { spec, resolved, session })),
  ];
  return { packages, donors: new Map(donors.map((one) => [one.record.name, one])) };
}

/** Packages that are read whole and not installed. */
export async function prepareDonors(
  records: readonly PackageRecord[],
  context: PrepareContext,
): Promise<PlatformContents['donors']> {
  const found = await prepare(records.map(asDonor), context);
  return new Map(found.map((one) => [one.record.name, one]));
}

interface WantedPackage {
  readonly record: PackageRecord;
  readonly filters: FilterSet;
}

/** A donor is read whole: what the image leaves out may be just what it is read for. */
function asDonor(record: PackageRecord): WantedPackage {
  return { record, filters: { exclude: [], include: [] } };
}

export interface PrepareContext {
  readonly spec: ImageSpec;
  readonly resolved: ResolvedPlatform;
  readonly session: Session;
}

async function prepare(wanted: readonly WantedPackage[], { spec, resolved, session }: PrepareContext) {
  if (wanted.length === 0) return [];
  const records = wanted.map(({ record }) => record);
  const { archives, releases } = resolved;
  const debs = await session.phase('download', () => fetchDebs(records, { ...session, archives, releases }));
  const requests = wanted.map(({ record, filters }, at): ContentRequest => {
    const { name, sha256, size } = record;
    return { name, file: (debs[at] as (typeof debs)[number]).file, sha256, size, filters };
  });
  const { store, pool, onEvent } = session;
  const options = { store, pool, onEvent, layout: resolved.layout, compression: spec.compression };
  const contents = await session.phase('convert', () => openContents(requests, options));
  return records.map((record, at) => {
    const content = contents[at] as Content;
    checkIdentity(record, content.index);
    return { record, content };
  });
}

/** What was resolved has to be what is in the .deb: its own word goes into the image, where scanners believe it. */
function checkIdentity(record: PackageRecord, found: Content['index']): void {
  const listed = titleOf(record);
  const own = titleOf(found);
  if (own === listed) return;
  throw new SlimimageError({
    code: 'DEB_INVALID',
    message: `The archive ${record.origin.archive} lists ${listed}, but the .deb says that it is ${own}`,
    hint: 'The archive is damaged or hostile: nothing of the package is used.',
  });
}

function titleOf({ name, version, architecture }: Pick<PackageRecord, 'name' | 'version' | 'architecture'>): string {
  return `${name} ${version} (${architecture})`;
}

/** The late donors that an image of these packages is made with. */
export function wantedLateDonors(
  { base, locales }: Pick<ImageSpec, 'base' | 'locales'>,
  packages: PlatformContents['packages'],
): readonly LateDonorName[] {
  if (base !== 'debian') return [];
  const isWanted = { 'ncurses-base': usesTerminal(packages), 'locales-all': locales.length > 0 };
  return lateDonorNames.filter((name) => isWanted[name]);
}

/** Whether something links libtinfo, which looks for terminal descriptions. */
function usesTerminal(packages: PlatformContents['packages']): boolean {
  return [...packages.values()].some(({ content }) =>
    content.index.entries.some(({ elf }) => elf?.needed.some((library) => library.startsWith('libtinfo.so.'))),
  );
}

/** The default filters with the configuration's globs for every package and for this one. */
function filtersOf(name: string, spec: ImageSpec): FilterSet {
  const own = (rules: ImageSpec['exclude']) =>
    rules.filter((rule) => rule.package === undefined || rule.package === name).map(({ glob }) => glob);
  return extendFilters(defaultFilters, { exclude: own(spec.exclude), include: own(spec.include) });
}
