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
): readonly Place[] {
  const isPreset = presetArchiveNames(spec);
  const components = archives.flatMap((archive): readonly Place[] =>
    archive.suites
      .filter((suite) => !isFlat(suite))
      .map((suite) => ({
        spec: archive,
        suite,
        architecture,
        components: { not: archive.components },
        way: (component) => {
          const list = `components: [${[...archive.components, component].join(', ')}]`;
          return isPreset.has(archive.name) ? `write ${list}` : `write ${list} for the archive ${archive.name}`;
        },
      })),
  );
  return [...components, ...archives.flatMap((archive) => otherSuites(spec, { archive, architecture, suites }))];
}

/** The other releases of a preset's distribution, and another architecture. */
export async function farPlaces(spec: ImageSpec, options: LookOptions): Promise<readonly Place[]> {
  return [...(await otherReleases(spec, options)), ...(await otherArchitecture(spec, options))];
}

function presetArchiveNames(spec: ImageSpec): ReadonlySet<string> {
  return new Set(presetOf(spec)?.archives.map(({ name }) => name));
}

/** Of a preset those that belong to its release; they become an archive of their own, for the preset names its suites. */
function otherSuites(
  spec: ImageSpec,
  options: { readonly archive: ArchiveSpec; readonly architecture: string; readonly suites: readonly string[] },
): readonly Place[] {
  const { archive, architecture, suites } = options;
  const preset = presetOf(spec);
  const own = preset?.archives.find(({ name }) => name === archive.name);
  if (preset === undefined || own === undefined) {
    const components = { only: archive.components };
    const way = (suite: string) => () =>
      `write suites: [${[...archive.suites, suite].join(', ')}] for the archive ${archive.name}`;
    const isNew = (suite: string): boolean => !archive.suites.some((known) => known === suite || isFlat(known));
    return suites.filter(isNew).map((suite) => ({ spec: archive, suite, architecture, components, way: way(suite) }));
  }
  // A rolling release has none, and a security archive has its own alone.
  if (own.suites.length < 2) return [];
  const way = (suite: string) => (component: string) => {
    const list = component === 'main' ? '' : `, components: [${component}]`;
    return `write archives: [{ url: ${own.publicUrl}, suites: [${suite}]${list}, signed-by: ${own.signedBy.join(', ')} }]`;
  };
  const ofRelease = suites.filter((suite) => suite.startsWith(`${preset.codename}-`) && !own.suites.includes(suite));
  const wanted = [...new Set([`${preset.codename}-backports`, ...ofRelease])];
  return wanted.map((suite) => ({ spec: archive, suite, architecture, components: { not: [] }, way: way(suite) }));
}

/** Their first suite alone: updates and security have nothing that it has not. */
async function otherReleases(spec: ImageSpec, { architecture, session }: LookOptions): Promise<readonly Place[]> {
  const preset = presetOf(spec);
  if (preset === undefined || spec.from === undefined) return [];
  const { timestamp } = parseFrom(spec.from);
  const at = timestamp === undefined ? '' : `@${timestamp}`;
  const places = presets
    .filter(({ name, distribution, architectures }) => {
      return name !== preset.name && distribution === preset.distribution && architectures.includes(architecture);
    })
    .map(async (other): Promise<readonly Place[]> => {
      const from = `${other.name}${at}`;
      const [archive] = await archiveSpecs({ ...spec, from, archives: [] }, { architecture, session });
      if (archive === undefined) return [];
      const way = () => `write from: ${from}`;
      const components = { only: archive.components };
      return [{ spec: archive, suite: other.codename, architecture, components, way }];
    });
  return (await Promise.all(places)).flat();
}

/** The one that most people have, or the one after it. */
async function otherArchitecture(spec: ImageSpec, options: LookOptions): Promise<readonly Place[]> {
  const architecture = options.architecture === 'amd64' ? 'arm64' : 'amd64';
  const isThere = presetOf(spec)?.architectures.includes(architecture) ?? true;
  if (!isThere) return [];
  const archives = await archiveSpecs(spec, { architecture, session: options.session });
  const way = () => `build with --platform ${formatPlatform(platformOfDebian(architecture))}`;
  return archives.flatMap((archive) =>
    archive.suites
      .filter((suite) => !isFlat(suite))
      .map((suite) => ({ spec: archive, suite, architecture, components: { only: archive.components }, way })),
  );
}
