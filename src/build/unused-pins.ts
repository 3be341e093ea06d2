import type { PackageRecord, Universe } from '../distro/types.ts';
import { isExpression } from '../solver/expression.ts';
import { nameParts, type Origin, readNames, readRelease, readVersion } from '../solver/pins.ts';
import type { Pin } from '../solver/types.ts';
import { nearest } from '../util/nearest.ts';

export interface UnusedPinsOptions {
  readonly universe: Universe;
  /** Of every index. */
  readonly origins: readonly Origin[];
}

/** Packages of a glob whose versions are looked at: each takes its stanza to be parsed. */
const maxLookedAt = 1000;

/** Pins that fit nothing, as sentences: a slip of the pen would change nothing and not be seen. */
export function unusedPins(pins: readonly Pin[], { universe, origins }: UnusedPinsOptions): readonly string[] {
  return pins.flatMap((pin) => {
    const problem = placeProblem(pin, origins) ?? packageProblem(pin, universe);
    return problem === undefined ? [] : [`pins: ${pin.text}: ${problem}`];
  });
}

function placeProblem({ match }: Pin, origins: readonly Origin[]): string | undefined {
  if (match.type === 'version' || origins.some(readRelease(match))) return undefined;
  const suites = [...new Set(origins.flatMap(({ suite, release }) => [suite, release?.suite, release?.codename]))];
  const names = suites.filter((name) => name !== undefined && name !== '') as readonly string[];
  const wanted = match.name ?? match.codename ?? match.suite;
  const meant = wanted === undefined ? undefined : nearest(wanted, names);
  const hint = meant === undefined ? `there are ${names.toSorted().join(', ')}` : `did you mean ${meant}?`;
  return `no suite of this image fits (${hint})`;
}

function packageProblem({ packages, match }: Pin, universe: Universe): string | undefined {
  const { architecture } = universe;
  const ours = packages.filter((text) => ['', 'any', 'native', architecture].includes(nameParts(text).architecture));
  // What is pinned for another architecture, or by source packages, can't be looked up by name.
  if (ours.length === 0 || ours.some((text) => nameParts(text).source)) return undefined;
  const names = ours.flatMap((text) => namesOf(nameParts(text).name, universe));
  if (names.length === 0)
    return unknownName(
      ours.map((text) => nameParts(text).name),
      universe,
    );
  if (names.length > maxLookedAt) return undefined;
  const records = names.flatMap((name) => universe.candidates(name));
  const fits = match.type === 'version' ? ofVersion(match.glob) : ofRelease(readRelease(match));
  if (records.some(fits)) return undefined;
  const versions = [...new Set(records.map(({ name, version, origin }) => `${name} ${version} (${origin.suite})`))];
  const more = versions.length > 5 ? ', ...' : '';
  return `no version fits (there is ${versions.slice(0, 5).join(', ')}${more})`;
}

function namesOf(name: string, universe: Universe): readonly string[] {
  if (!isExpression(name)) return universe.candidates(name).length > 0 ? [name] : [];
  const matches = readNames([name], universe);
  return [...universe.names()].filter((other) => matches({ name: other, source: { name: '', version: '' } }));
}

function unknownName(names: readonly string[], universe: Universe): string {
  const [first = ''] = names;
  const meant = names.length === 1 && !isExpression(first) ? nearest(first, universe.names()) : undefined;
  return `no package is called that${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
}

function ofVersion(glob: string): (record: PackageRecord) => boolean {
  const isVersion = readVersion(glob);
  return ({ version }) => isVersion(version);
}

function ofRelease(isRelease: (origin: Origin) => boolean): (record: PackageRecord) => boolean {
  return ({ origin }) => isRelease(origin);
}
