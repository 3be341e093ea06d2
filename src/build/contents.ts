import { fetchDebs } from '../archive/fetch-debs.ts';
import type { ImageSpec } from '../config/spec.ts';
import { type ContentRequest, openContents } from '../content/contents.ts';
import { defaultFilters, extendFilters } from '../content/filters.ts';
import type { Content, FilterSet } from '../content/types.ts';
import type { PackageRecord } from '../distro/types.ts';
import { donorOf, type ResolvedPlatform } from './resolve.ts';
import type { Session } from './session.ts';

export interface PlatformContents {
  readonly packages: ReadonlyMap<string, { readonly record: PackageRecord; readonly content: Content }>;
  readonly donors: ReadonlyMap<string, Content>;
}

/** Fetches what was resolved and converts what is new: every .deb once, ever. */
export async function preparePackages(
  spec: ImageSpec,
  resolved: ResolvedPlatform,
  session: Session,
): Promise<PlatformContents> {
  const records = resolved.resolution.packages.map(({ record }) => record);
  const contents = await contentsOf([...records, ...resolved.donors], { spec, resolved, session });
  const packages = new Map(records.map((record, at) => [record.name, { record, content: contents[at] as Content }]));
  const late = spec.base === 'debian' ? lateDonors(resolved, packages) : [];
  const lateContents = await contentsOf(late, { spec, resolved, session });
  const donors = [...resolved.donors, ...late].map(
    (record, at) => [record.name, [...contents.slice(records.length), ...lateContents][at]] as const,
  );
  return { packages, donors: new Map(donors as readonly (readonly [string, Content])[]) };
}

interface ContentsContext {
  readonly spec: ImageSpec;
  readonly resolved: ResolvedPlatform;
  readonly session: Session;
}

async function contentsOf(
  records: readonly PackageRecord[],
  { spec, resolved, session }: ContentsContext,
): Promise<readonly Content[]> {
  if (records.length === 0) return [];
  const debs = await session.phase('download', () => fetchDebs(records, { ...session, archives: resolved.archives }));
  const requests = debs.map(({ record, file }): ContentRequest => {
    const { name, sha256, size } = record;
    return { name, file, sha256, size, filters: filtersOf(name, spec) };
  });
  const { store, pool, onEvent } = session;
  return session.phase('convert', () =>
    openContents(requests, { store, pool, onEvent, layout: resolved.layout, compression: spec.compression }),
  );
}

/** Terminal descriptions are wanted where something links libtinfo, which only its content tells. */
function lateDonors(
  { universe, resolution }: ResolvedPlatform,
  packages: PlatformContents['packages'],
): readonly PackageRecord[] {
  if (universe === undefined) return [];
  const usesTerminal = [...packages.values()].some(({ content }) =>
    content.index.entries.some(({ elf }) => elf?.needed.some((library) => library.startsWith('libtinfo.so.'))),
  );
  return usesTerminal ? donorOf('ncurses-base', universe, resolution) : [];
}

/** The default filters with the configuration's globs for every package and for this one. */
function filtersOf(name: string, spec: ImageSpec): FilterSet {
  const own = (rules: ImageSpec['exclude']) =>
    rules.filter((rule) => rule.package === undefined || rule.package === name).map(({ glob }) => glob);
  return extendFilters(defaultFilters, { exclude: own(spec.exclude), include: own(spec.include) });
}
