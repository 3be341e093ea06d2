import type { FoundElsewhere } from '../archive/elsewhere.ts';
import { openArchives } from '../archive/open-archives.ts';
import { debianVersions } from '../distro/debian/version.ts';
import { isSlimimageError } from '../errors.ts';
import { resolve } from '../solver/resolve.ts';
import type { PackageRequest, SolverPolicy } from '../solver/types.ts';
import { archiveSpecs } from './archive-specs.ts';
import type { WayPlace } from './places.ts';
import type { Session } from './session.ts';

export interface WayOptions {
  readonly session: Session;
  readonly policy: SolverPolicy;
  /** Whether the request that misses the package names the suite already. */
  readonly isSuiteNamed: boolean;
}

/**
 * What to write to have a package that was found: with all components that what it needs comes from, and with the
 * request that a suite needs from which nothing comes unasked. It holds for the package alone; what the other requests
 * say to it is seen when it is written.
 * @throws SlimimageError ABORTED
 */
export async function wayTo(found: FoundElsewhere<WayPlace>, options: WayOptions): Promise<string> {
  const { place, name, suite, isAutomatic } = found;
  const way = place.way(await neededComponents(found, options));
  if (place.taking === undefined || isAutomatic || options.isSuiteNamed) return way;
  return `${way}, and in packages: ${name}/${suite}`;
}

/** The archive's own, the package's, and where these are not enough, those of the closure that all of them give. */
async function neededComponents(found: FoundElsewhere<WayPlace>, options: WayOptions): Promise<readonly string[]> {
  const { place, component, components } = found;
  const own = place.spec.components;
  const least = unique([...own, component]);
  if (place.taking === undefined || (await componentsOfClosure(found, least, options)) !== undefined) return least;
  const used = await componentsOfClosure(found, unique([...least, ...components]), options);
  return unique([...least, ...components.filter((one) => used?.has(one))]);
}

/** Undefined where there is no answer with these components. */
async function componentsOfClosure(
  { place, name, suite, isAutomatic, architecture }: FoundElsewhere<WayPlace>,
  components: readonly string[],
  { session, policy }: WayOptions,
): Promise<ReadonlySet<string> | undefined> {
  const spec = place.taking?.(components);
  if (spec === undefined) return undefined;
  const request: PackageRequest = { text: name, name, ...(isAutomatic ? {} : { suite }) };
  try {
    const archives = await archiveSpecs(spec, { architecture, session });
    const { universe } = await openArchives(archives, { ...session, architecture, onEvent: undefined });
    const answer = resolve(universe, [request], { versions: debianVersions, policy });
    if (!answer.ok) return undefined;
    return new Set(answer.resolution.packages.map(({ record }) => record.origin.component));
  } catch (error) {
    // The advice is then as good as the look was: another archive does not have the component, or is away.
    if (!isSlimimageError(error) || error.code === 'ABORTED') throw error;
    return undefined;
  }
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
