import type { PackageRecord, Universe } from '../../../src/distro/types.ts';
import type { Pin } from '../../../src/solver/types.ts';
import { backported } from './draw-names.ts';
import { Random } from './random.ts';
import type { Draw, DrawOptions } from './types.ts';

const pinShapes = ['release', 'version', 'source', 'glob', 'never', 'general'] as const;

/** A pin of every shape, each over a package of several versions. */
export function drawPins(options: Omit<DrawOptions, 'apt'>): readonly Pin[] {
  const random = new Random(`${options.seed} shapes`);
  return pinnedPackages(options).map((record, at) => pinOf(record, pinShapes[at] ?? 'release', random));
}

/** Requests that those pins can change: the packages that they were made for, and what depends on one. */
export function drawPinned(count: number, options: Omit<DrawOptions, 'apt'>): readonly Draw[] {
  const { seed, universe } = options;
  const random = new Random(`${seed} pinned`);
  const own = pinnedPackages(options).map(({ name }) => name);
  const dependents = dependentsOf(new Set(own), universe);
  return Array.from({ length: count }, (_, at): Draw => {
    const isOwn = at % 2 === 0 || dependents.length === 0;
    return { kind: 'pins', packages: [random.pick(isOwn ? own : dependents)] };
  });
}

function pinnedPackages({ seed, universe }: Omit<DrawOptions, 'apt'>): readonly PackageRecord[] {
  const { names, newest } = backported(universe);
  const random = new Random(`${seed} pins`);
  return pinShapes.map(() => newest(random.pick(names)));
}

function pinOf(record: PackageRecord, shape: (typeof pinShapes)[number], random: Random): Pin {
  const { name, version, source, origin } = record;
  const codename = origin.release?.codename ?? origin.suite;
  const release = (priority: number, packages: readonly string[]): Pin => ({
    text: `${packages.join(' ')} from ${codename}`,
    packages,
    match: { type: 'release', codename },
    priority,
  });
  switch (shape) {
    case 'release':
      return release(random.pick([990, 500, 400]), [name]);
    case 'source':
      return release(600, [`src:${source.name}`]);
    case 'glob':
      return release(700, [`${name.slice(0, Math.max(4, name.length - 3))}*`]);
    case 'never':
      return { text: name, packages: [name], match: { type: 'release', origin: 'Debian' }, priority: -1 };
    case 'version':
      return {
        text: name,
        packages: [name],
        match: { type: 'version', glob: `${version.slice(0, 4)}*` },
        priority: 1001,
      };
    case 'general':
      return release(random.pick([500, 50, 990]), []);
  }
}

function dependentsOf(names: ReadonlySet<string>, universe: Universe): readonly string[] {
  const isDependent = (record: PackageRecord) =>
    [...record.preDepends, ...record.depends].some((dependency) => dependency.some(({ name }) => names.has(name)));
  return [...universe.names()].sort().filter((name) => universe.candidates(name).some(isDependent));
}
