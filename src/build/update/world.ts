import { debianVersions } from '../../distro/debian/version.ts';
import type { Dependency, PackageRecord } from '../../distro/types.ts';
import { matches } from '../../solver/relations.ts';

/** Packages that would be together in one image, asked what of them satisfies what. */
export class World {
  readonly records: readonly PackageRecord[];
  readonly #byName = new Map<string, PackageRecord[]>();
  readonly #architecture: string;

  constructor(records: readonly PackageRecord[], architecture: string) {
    this.records = records;
    this.#architecture = architecture;
    for (const record of records) {
      for (const name of new Set([record.name, ...record.provides.map((provided) => provided.name)])) {
        const known = this.#byName.get(name);
        if (known === undefined) this.#byName.set(name, [record]);
        else known.push(record);
      }
    }
  }

  /** The packages under any of these relations, by name or by what they provide. */
  under(relations: Dependency): readonly PackageRecord[] {
    const context = { architecture: this.#architecture, versions: debianVersions };
    return relations.flatMap((relation) =>
      (this.#byName.get(relation.name) ?? []).filter((record) => matches(record, relation, context)),
    );
  }

  /** Names that the given ones lead to, themselves included, through every alternative that is there. */
  reach(names: readonly string[], { recommends }: { readonly recommends: boolean }): ReadonlySet<string> {
    const found = new Set<PackageRecord>();
    const add = (dependency: Dependency) => {
      for (const record of this.under(dependency)) found.add(record);
    };
    for (const name of names) add([{ name }]);
    // A set that grows while it is walked is walked to its new end.
    for (const record of found) {
      for (const dependency of [...record.preDepends, ...record.depends]) add(dependency);
      for (const dependency of recommends ? record.recommends : []) add(dependency);
    }
    return new Set([...found].map(({ name }) => name));
  }
}
