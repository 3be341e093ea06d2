import type { PackageRecord, Universe } from '../../../src/distro/types.ts';
import { Random } from './random.ts';
import type { Draw, DrawOptions, Kind } from './types.ts';

/** Names of one kind, `size` to a request. */
export function drawNames(
  { kind, count, size }: { readonly kind: Kind; readonly count: number; readonly size: number },
  { seed, universe }: DrawOptions,
): readonly Draw[] {
  const names = [...universe.names()].sort();
  const random = new Random(`${seed} ${kind}`);
  return Array.from({ length: count }, () => ({
    kind,
    packages: Array.from({ length: size }, () => random.pick(names)),
  }));
}

/** A name, and without a package that apt installs for it. */
export async function drawExclusions(count: number, { seed, universe, apt }: DrawOptions): Promise<readonly Draw[]> {
  const names = [...universe.names()].sort();
  const random = new Random(`${seed} exclusion`);
  const draws: Draw[] = [];
  while (draws.length < count) {
    const name = random.pick(names);
    const answer = await apt([name]);
    if ('refused' in answer) continue;
    const others = answer.install.map((text) => text.slice(0, text.indexOf('='))).filter((other) => other !== name);
    if (others.length > 0) draws.push({ kind: 'exclusion', packages: [name, `${random.pick(others)}-`] });
  }
  return draws;
}

/** Packages that a NotAutomatic suite has too: by name, from that suite, by its version, in turn. */
export function drawBackports(count: number, { seed, universe }: DrawOptions): readonly Draw[] {
  const { names, newest } = backported(universe);
  const random = new Random(`${seed} backports`);
  return Array.from({ length: count }, (_, at): Draw => {
    const record = newest(random.pick(names));
    const forms = [record.name, `${record.name}/${record.origin.suite}`, `${record.name}=${record.version}`];
    return { kind: 'backports', packages: [forms[at % forms.length] ?? record.name] };
  });
}

/** The packages of the suite with the lowest priority that other suites have, too. */
export function backported(universe: Universe) {
  const automatic = 500;
  const isBackport = (record: PackageRecord) => record.origin.priority < automatic;
  const names = [...universe.names()].sort().filter((name) => {
    const versions = universe.candidates(name);
    return versions.some(isBackport) && !versions.every(isBackport);
  });
  const newest = (name: string): PackageRecord => {
    const record = universe.candidates(name).find(isBackport);
    if (record === undefined) throw new RangeError(`${name} is in no such suite`);
    return record;
  };
  return { names, newest };
}
