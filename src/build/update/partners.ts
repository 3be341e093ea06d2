import type { PackageRecord } from '../../distro/types.ts';
import { negativeRelations } from '../../solver/catalog.ts';
import type { World } from './world.ts';

export interface PartnersOptions {
  /** What would be there, were these sources taken. */
  readonly worldOf: (taken: ReadonlySet<string>) => World;
  /** A security version of every package that has one, with the source that it belongs to. */
  readonly offers: readonly PackageRecord[];
}

/**
 * The sources that have to be taken with one, as far as control fields tell: where a new version does not go with a
 * locked one, by Depends, Breaks or Conflicts, the new version of that may. A guess: it still has to be resolved.
 */
export function withPartners(
  source: string,
  taken: ReadonlySet<string>,
  { worldOf, offers }: PartnersOptions,
): ReadonlySet<string> {
  const found = new Set([...taken, source]);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const name of troubled(worldOf(found), offers)) found.add(name);
  }
  return found;
}

/** Sources with an offer for either side of what does not go together. */
function troubled(world: World, offers: readonly PackageRecord[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const record of world.records) {
    for (const dependency of [...record.preDepends, ...record.depends]) {
      if (world.under(dependency).length > 0) continue;
      names.add(record.name);
      for (const { name } of dependency) names.add(name);
    }
    for (const { name } of world.under(negativeRelations(record))) {
      if (name !== record.name) for (const side of [name, record.name]) names.add(side);
    }
  }
  return new Set(offers.filter(({ name }) => names.has(name)).map(({ source }) => source.name));
}
