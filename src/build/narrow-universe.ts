import type { PackageRecord, Universe } from '../distro/types.ts';

export interface NarrowOptions {
  /** By name: the only versions there are of it. They may be ones that the wider universe has not. */
  readonly allowed: ReadonlyMap<string, readonly PackageRecord[]>;
  /** Whether there are packages of other names. The user's own .debs always are. */
  readonly others: boolean;
  /** Other names that there are in any case. */
  readonly free: readonly string[];
}

/** A universe in which some packages have fewer versions, or others, or are not there. */
export class NarrowUniverse implements Universe {
  readonly architecture: string;
  readonly #wider: Universe;
  readonly #options: NarrowOptions;
  readonly #extra: readonly PackageRecord[];

  constructor(wider: Universe, options: NarrowOptions) {
    this.architecture = wider.architecture;
    this.#wider = wider;
    this.#options = options;
    this.#extra = [...options.allowed.values()].flat();
  }

  candidates(name: string): readonly PackageRecord[] {
    const { allowed, others, free } = this.#options;
    const listed = allowed.get(name);
    if (listed !== undefined) return listed;
    const all = this.#wider.candidates(name);
    return others || free.includes(name) ? all : all.filter(({ origin }) => origin.archive === 'file');
  }

  providers(name: string): readonly PackageRecord[] {
    const known = this.#wider.providers(name).filter((record) => this.candidates(record.name).includes(record));
    const provides = ({ provides: provided }: PackageRecord) => provided.some((relation) => relation.name === name);
    return [...this.#extra.filter((record) => provides(record) && !known.includes(record)), ...known];
  }

  essentials(): readonly string[] {
    return this.#wider.essentials().filter((name) => this.candidates(name).length > 0);
  }

  names(): Iterable<string> {
    return this.#wider.names();
  }

  providedNames(): Iterable<string> {
    return this.#wider.providedNames?.() ?? [];
  }
}
