import { SlimimageError } from '../../errors.ts';
import type { PackagesIndex } from '../../formats/deb822/packages-reader.ts';
import type { Stanza } from '../../formats/deb822/stanza.ts';
import { compareStrings } from '../../util/text.ts';
import type { Dependency, PackageRecord, Universe } from '../types.ts';
import { brokenRecord } from './broken-record.ts';
import { packageRecord, type StanzaOrigin } from './record.ts';

export interface IndexedArchive {
  readonly index: PackagesIndex;
  readonly origin: StanzaOrigin;
}

export interface UniverseOptions {
  /** Packages of other architectures than this one and `all` are passed over. */
  readonly architecture: string;
  readonly indexes: readonly IndexedArchive[];
  /** Packages that no index has: single .debs. */
  readonly extra?: readonly PackageRecord[] | undefined;
}

/**
 * Joins opened indexes into one universe. A stanza is parsed when it is asked for, once; the same package is always the
 * same object. One that cannot be read is a record that says so (`broken`).
 */
export function openUniverse(options: UniverseOptions): Universe {
  return new IndexedUniverse(options);
}

class IndexedUniverse implements Universe {
  readonly architecture: string;
  readonly #indexes: readonly IndexedArchive[];
  readonly #extra: readonly PackageRecord[];
  readonly #candidates = new Map<string, readonly PackageRecord[]>();
  readonly #providers = new Map<string, readonly PackageRecord[]>();
  readonly #known = new Map<string, Dependency>();
  /** One map an index: stanza number -> record, undefined for another architecture's. */
  readonly #parsed: readonly Map<number, PackageRecord | undefined>[];

  constructor(options: UniverseOptions) {
    this.architecture = options.architecture;
    this.#indexes = options.indexes;
    this.#extra = (options.extra ?? []).filter((record) => this.#isOurs(record));
    this.#parsed = options.indexes.map(() => new Map());
  }

  candidates(name: string): readonly PackageRecord[] {
    return remembered(this.#candidates, name, () => {
      const extra = this.#extra.filter((record) => record.name === name);
      return extra.concat(this.#indexes.flatMap(({ index }, at) => this.#records(at, index.stanzasOf(name), name)));
    });
  }

  providers(name: string): readonly PackageRecord[] {
    return remembered(this.#providers, name, () => {
      const extra = this.#extra.filter((record) => record.provides.some((provided) => provided.name === name));
      return extra.concat(this.#indexes.flatMap(({ index }, at) => this.#records(at, index.providersOf(name))));
    });
  }

  names(): Iterable<string> {
    const all = new Set(this.#extra.map((record) => record.name));
    for (const { index } of this.#indexes) for (const name of index.names()) all.add(name);
    return all;
  }

  providedNames(): Iterable<string> {
    return new Set(this.#indexes.flatMap(({ index }) => index.providedNames()));
  }

  essentials(): readonly string[] {
    const own = this.#extra.filter(({ essential }) => essential);
    const indexed = this.#indexes.flatMap(({ index }, at) => this.#records(at, index.essentials()));
    return [...new Set([...own, ...indexed].map(({ name }) => name))].sort(compareStrings);
  }

  #records(at: number, stanzas: readonly number[], name?: string): readonly PackageRecord[] {
    return stanzas.flatMap((stanza) => this.#record(at, stanza, name) ?? []);
  }

  #record(at: number, stanza: number, name?: string): PackageRecord | undefined {
    const parsed = this.#parsed[at] as Map<number, PackageRecord | undefined>;
    if (parsed.has(stanza)) return parsed.get(stanza);
    const record = this.#parse(at, stanza, name);
    if (record === undefined) return undefined;
    if (name !== undefined && record.name !== name) throw otherPackage(name, record.name);
    const ours = this.#isOurs(record) ? record : undefined;
    parsed.set(stanza, ours);
    return ours;
  }

  #parse(at: number, number: number, name: string | undefined): PackageRecord | undefined {
    const { index, origin } = this.#indexes[at] as IndexedArchive;
    const { architecture } = this;
    let stanza: Stanza | undefined;
    try {
      stanza = index.stanza(number);
      return packageRecord(stanza, origin, { architecture, known: this.#known });
    } catch (error) {
      return brokenRecord(stanza, origin, { architecture, error, name });
    }
  }

  #isOurs(record: PackageRecord): boolean {
    return record.architecture === 'all' || record.architecture === this.architecture;
  }
}

const none: readonly never[] = [];

/** An archive has two hundred thousand such lists: without room to grow, and one for all that are empty. */
function remembered<T>(memory: Map<string, readonly T[]>, key: string, make: () => readonly T[]): readonly T[] {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const found = make();
  const made = found.length === 0 ? none : found.slice();
  memory.set(key, made);
  return made;
}

function otherPackage(wanted: string, found: string): SlimimageError {
  return new SlimimageError({
    code: 'STORE_CORRUPT',
    message: `The index of a Packages file cannot be used: it leads from ${wanted} to ${found}`,
    hint: 'Indexes are made anew from the Packages file.',
  });
}
