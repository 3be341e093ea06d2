import { compareStrings } from '../../util/text.ts';

/** A package as far as it matters for which layer it goes into: nothing here moves with a version or a date. */
export interface LayeredPackage {
  readonly name: string;
  /** Name of its source package: what one source makes is updated together. */
  readonly source: string;
  /** As the package declares them. Only the class of size counts (sizeClass). */
  readonly installedBytes: number;
  /** True where `packages:` names it. */
  readonly requested: boolean;
  /** Names of the packages that ask for it. */
  readonly neededBy: readonly string[];
}

export interface GroupOptions {
  readonly by: 'package' | 'source' | 'stability';
  /** Groups that there may be, from 1. */
  readonly room: number;
}

export interface PackageGroups {
  /** Names of packages, the most stable group first; none is empty. */
  readonly groups: readonly (readonly string[])[];
  /** How many packages or sources share the last group because there is no room for one each; 0 where there is. */
  readonly crowded: number;
}

/**
 * Divides packages into layers so that an update changes few of them. Who is with whom hangs on names, sources, what depends on
 * what and coarse classes of size. So a newer version stays where the older one was.
 *
 * `stability` makes these, as far as there is room: the base (base-files, the C library, what at least half of the
 * packages need), what is needed by others, the largest sources alone, and what was asked for.
 */
export function groupPackages(packages: readonly LayeredPackage[], options: GroupOptions): PackageGroups {
  const units = unitsOf(packages, options.by);
  if (options.by === 'stability') return { groups: namesOf(byStability(units, options.room)), crowded: 0 };
  const ordered = units.toSorted((a, b) => rank(a) - rank(b) || b.needed - a.needed || compareStrings(a.name, b.name));
  if (ordered.length <= options.room) return { groups: namesOf(ordered.map((unit) => [unit])), crowded: 0 };
  const alone = new Set(ordered.toSorted(bySize).slice(0, options.room - 1));
  const crowd = ordered.filter((unit) => !alone.has(unit));
  const single = ordered.filter((unit) => alone.has(unit));
  return { groups: namesOf([...single.map((unit) => [unit]), crowd]), crowded: crowd.length };
}

/** Packages that are never apart. */
interface Unit {
  readonly name: string;
  readonly packages: readonly string[];
  readonly kind: 'base' | 'library' | 'program';
  readonly size: number;
  /** How many packages need one of it, directly or through others. */
  readonly needed: number;
}

function unitsOf(packages: readonly LayeredPackage[], by: GroupOptions['by']): readonly Unit[] {
  const members = new Map<string, LayeredPackage[]>();
  for (const item of packages) {
    const name = by === 'package' ? item.name : item.source;
    members.set(name, [...(members.get(name) ?? []), item]);
  }
  const needed = neededCounts(packages);
  return [...members].map(([name, items]) => {
    const most = Math.max(...items.map((item) => needed.get(item.name) ?? 0));
    const isBase =
      items.some((item) => item.name === 'base-files' || item.name === 'libc6') || most * 2 >= packages.length;
    return {
      name,
      packages: items.map((item) => item.name).sort(compareStrings),
      kind: isBase ? 'base' : items.some(({ requested }) => requested) ? 'program' : 'library',
      size: sizeClass(items.reduce((sum, { installedBytes }) => sum + installedBytes, 0)),
      needed: most,
    };
  });
}

/** Of each package, how many others need it, directly or through others. */
function neededCounts(packages: readonly LayeredPackage[]): ReadonlyMap<string, number> {
  const neededBy = new Map(packages.map((item) => [item.name, item.neededBy]));
  return new Map(
    packages.map(({ name }) => {
      const found = new Set([name]);
      for (const one of found) for (const other of neededBy.get(one) ?? []) if (neededBy.has(other)) found.add(other);
      return [name, found.size - 1];
    }),
  );
}

const mebibyte = 1024 * 1024;

/**
 * 0 below a mebibyte, then one more for each doubling: an update rarely moves a package from one class into another, and where it
 * does, only the choice of those that are alone may change.
 */
function sizeClass(bytes: number): number {
  let size = 0;
  for (let bound = mebibyte; bytes >= bound; bound *= 2) size += 1;
  return size;
}

/** Packages below a mebibyte are not worth a layer. */
const worthALayer = 1;

function byStability(units: readonly Unit[], room: number): readonly (readonly Unit[])[] {
  const of = (kind: Unit['kind']) => units.filter((unit) => unit.kind === kind);
  const base = of('base');
  const rest = [...of('library'), ...of('program')];
  if (room < 2) return [units];
  if (room < 3) return [base, rest];
  const large = new Set(
    rest
      .filter(({ size }) => size >= worthALayer)
      .toSorted(bySize)
      .slice(0, room - 3),
  );
  const alone = [...large].sort((a, b) => rank(a) - rank(b) || b.needed - a.needed || compareStrings(a.name, b.name));
  const small = (kind: Unit['kind']) => of(kind).filter((unit) => !large.has(unit));
  return [base, small('library'), ...alone.map((unit) => [unit]), small('program')];
}

function rank({ kind }: Unit): number {
  return ['base', 'library', 'program'].indexOf(kind);
}

/** The largest first. */
function bySize(a: Unit, b: Unit): number {
  return b.size - a.size || compareStrings(a.name, b.name);
}

function namesOf(groups: readonly (readonly Unit[])[]): PackageGroups['groups'] {
  return groups
    .map((group) => group.flatMap(({ packages }) => packages).sort(compareStrings))
    .filter((names) => names.length > 0);
}
