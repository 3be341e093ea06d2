import type { PackageRecord, Universe } from '../../distro/types.ts';
import { compareStrings } from '../../util/text.ts';

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
    return others || free.includes(name) ? all : this.#own(name);
  }

  providers(name: string): readonly PackageRecord[] {
    const known = this.#wider.providers(name).filter((record) => this.candidates(record.name).includes(record));
    const provides = ({ provides: provided }: PackageRecord) => provided.some((relation) => relation.name === name);
    return [...this.#extra.filter((record) => provides(record) && !known.includes(record)), ...known];
  }

  /** Of the names that are listed: an essential package that is new to the archives is not asked for. */
  essentials(): readonly string[] {
    const { allowed } = this.#options;
    const own = this.#wider.essentials().filter((name) => !allowed.has(name) && this.#own(name).length > 0);
    const listed = [...allowed].filter(([, records]) => records.some(({ essential }) => essential));
    return [...listed.map(([name]) => name), ...own].sort(compareStrings);
  }

  #own(name: string): readonly PackageRecord[] {
    return this.#wider.candidates(name).filter(({ origin }) => origin.archive === 'file');
  }

  names(): Iterable<string> {
    return this.#wider.names();
  }

  providedNames(): Iterable<string> {
    return this.#wider.providedNames?.() ?? [];
  }
}
