import type { Place } from '../archive/elsewhere.ts';
import { isFlat } from '../archive/location.ts';
import { presets } from '../archive/presets.ts';
import type { ArchiveSpec } from '../archive/types.ts';
import type { ImageSpec } from '../config/spec.ts';
import { parseFrom } from '../config/values/from.ts';
import { platformOfDebian } from '../oci/debian-architecture.ts';
import { formatPlatform } from '../oci/platform.ts';
import { archiveSpecs, presetOf } from './archive-specs.ts';
import type { Session } from './session.ts';

/** A place, and how a configuration gets packages from there. */
export interface WayPlace extends Place {
  /** What to write, with these components of the archive: those that it has and those that are new. */
  way(components: readonly string[]): string;
  /** The configuration in which that is written; undefined for another image than the one that was asked for. */
  taking?(components: readonly string[]): ImageSpec;
}

export interface LookOptions {
  readonly session: Pick<Session, 'env' | 'now'>;
  /** Debian's name. */
  readonly architecture: string;
  /** Where the image's packages come from. */
  readonly archives: readonly ArchiveSpec[];
}

/**
 * Other components of an image's own suites, the backports of its release, and suites that requests name: small indexes,
 * or asked for.
 */
export function nearPlaces(
  spec: ImageSpec,
  { architecture, archives }: LookOptions,
  suites: readonly string[],
): readonly WayPlace[] {
  const isPreset = presetArchiveNames(spec);
  const components = archives.flatMap((archive): readonly WayPlace[] =>
    archive.suites
      .filter((suite) => !isFlat(suite))
      .map((suite) => ({
        spec: archive,
        suite,
        architecture,
        components: { not: archive.components },
        way: (list) =>
          isPreset.has(archive.name)
            ? `write ${componentsKey(list)}`
            : `write ${componentsKey(list)} for the archive ${archive.name}`,
        taking: (list) =>
          isPreset.has(archive.name) ? { ...spec, components: list } : withArchive(spec, archive, { components: list }),
      })),
  );
  const others = archives.flatMap((archive) => {
    return isPreset.has(archive.name)
      ? furtherSuites(spec, { archive, architecture, suites })
      : suitesOfOwn(spec, { archive, architecture, suites });
  });
  return [...components, ...others];
}

/** The other releases of a preset's distribution, and another architecture. */
export async function farPlaces(spec: ImageSpec, options: LookOptions): Promise<readonly WayPlace[]> {
  // The one that most people have, or the one after it.
  const architecture = options.architecture === 'amd64' ? 'arm64' : 'amd64';
  return [...(await otherReleases(spec, options)), ...(await otherArchitecture(spec, architecture, options))];
}

/** The 32-bit half of an architecture, that has what 64 bits have no use for: wine32. */
export async function farthestPlaces(spec: ImageSpec, options: LookOptions): Promise<readonly WayPlace[]> {
  const half = new Map([
    ['amd64', 'i386'],
    ['arm64', 'armhf'],
  ]).get(options.architecture);
  return half === undefined ? [] : otherArchitecture(spec, half, options);
}

function presetArchiveNames(spec: ImageSpec): ReadonlySet<string> {
  return new Set(presetOf(spec)?.archives.map(({ name }) => name));
}

function componentsKey(components: readonly string[]): string {
  return `components: [${components.join(', ')}]`;
}

function withArchive(
  spec: ImageSpec,
  { name }: ArchiveSpec,
  changes: { readonly components?: readonly string[]; readonly suites?: readonly string[] },
): ImageSpec {
  return { ...spec, archives: spec.archives.map((one) => (one.name === name ? { ...one, ...changes } : one)) };
}

interface SuiteOptions {
  readonly archive: ArchiveSpec;
  readonly architecture: string;
  /** That requests name. */
  readonly suites: readonly string[];
}

/** Of an archive that the configuration describes: any that a request names may be there. */
function suitesOfOwn(spec: ImageSpec, { archive, architecture, suites }: SuiteOptions): readonly WayPlace[] {
  const isNew = (suite: string): boolean => !archive.suites.some((known) => known === suite || isFlat(known));
  return suites.filter(isNew).map((suite) => {
    const all = [...archive.suites, suite];
    const way = () => `write suites: [${all.join(', ')}] for the archive ${archive.name}`;
    const taking = () => withArchive(spec, archive, { suites: all });
    return { spec: archive, suite, architecture, components: { only: archive.components }, way, taking };
  });
}

/** Of a preset's first archive those that belong to its release; a rolling release has none. */
function furtherSuites(spec: ImageSpec, { archive, architecture, suites }: SuiteOptions): readonly WayPlace[] {
  const preset = presetOf(spec);
  const own = preset?.archives.find(({ name }) => name === archive.name);
  // A security archive has its own suite alone.
  if (preset === undefined || own === undefined || own.suites.length < 2) return [];
  const ofRelease = suites.filter((suite) => suite.startsWith(`${preset.codename}-`));
  const wanted = [...new Set([`${preset.codename}-backports`, ...ofRelease])];
  return wanted
    .filter((suite) => !archive.suites.includes(suite))
    .map((suite) => {
      const all = [...spec.suites, suite];
      const way = (list: readonly string[]): string => {
        const more = list.length === archive.components.length ? '' : ` and ${componentsKey(list)}`;
        return `write suites: [${all.join(', ')}]${more}`;
      };
      const taking = (list: readonly string[]): ImageSpec => ({ ...spec, suites: all, components: list });
      return { spec: archive, suite, architecture, components: { not: [] }, way, taking };
    });
}

/** Their first suite alone: updates and security have nothing that it has not. */
async function otherReleases(spec: ImageSpec, { architecture, session }: LookOptions): Promise<readonly WayPlace[]> {
  const preset = presetOf(spec);
  if (preset === undefined || spec.from === undefined) return [];
  const { timestamp } = parseFrom(spec.from);
  const at = timestamp === undefined ? '' : `@${timestamp}`;
  const places = presets
    .filter(({ name, distribution, architectures }) => {
      return name !== preset.name && distribution === preset.distribution && architectures.includes(architecture);
    })
    .map(async (other): Promise<readonly WayPlace[]> => {
      const from = `${other.name}${at}`;
      const of = { ...spec, from, archives: [], suites: [] };
      const [archive] = await archiveSpecs(of, { architecture, session });
      if (archive === undefined) return [];
      // Further suites are those of the release that they are named after.
      const way = () => (spec.suites.length === 0 ? `write from: ${from}` : `write from: ${from}, without suites`);
      const components = { only: archive.components };
      return [{ spec: archive, suite: other.codename, architecture, components, way }];
    });
  return (await Promise.all(places)).flat();
}

async function otherArchitecture(
  spec: ImageSpec,
  architecture: string,
  { session }: LookOptions,
): Promise<readonly WayPlace[]> {
  const isThere = presetOf(spec)?.architectures.includes(architecture) ?? true;
  if (!isThere) return [];
  const archives = await archiveSpecs(spec, { architecture, session });
  const way = () => `build with --platform ${formatPlatform(platformOfDebian(architecture))}`;
  // As in another release: a preset's updates and security have nothing that its first suite has not.
  const preset = presetOf(spec);
  const isLater = (suite: string): boolean =>
    suite !== preset?.codename && preset?.archives.some(({ suites }) => suites.includes(suite)) === true;
  return archives.flatMap((archive) =>
    archive.suites
      .filter((suite) => !isFlat(suite) && !isLater(suite))
      .map((suite) => ({ spec: archive, suite, architecture, components: { only: archive.components }, way })),
  );
}
