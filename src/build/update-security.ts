import { debianVersions } from '../distro/debian/version.ts';
import type { PackageOrigin, PackageRecord, Universe } from '../distro/types.ts';
import type { LockedDonor } from '../lock/types.ts';
import type { SolverAnswer } from '../solver/types.ts';
import { compareStrings } from '../util/text.ts';
import { NarrowUniverse } from './narrow-universe.ts';
import type { HeldUpdate } from './update-types.ts';

export interface SecurityOptions {
  /** Packages and donors of the lock. */
  readonly locked: readonly LockedDonor[];
  /** Names that may come although the lock has them not: donors that only new contents ask for. */
  readonly free: readonly string[];
  /** The configuration's question. */
  readonly ask: (universe: Universe) => SolverAnswer;
  /** Records of locked packages that no index has any more. */
  readonly fetch: (gone: readonly LockedDonor[]) => Promise<readonly PackageRecord[]>;
}

export interface SecurityUniverse {
  readonly universe: Universe;
  readonly held: readonly HeldUpdate[];
  /** Locked packages in it that no index has any more. */
  readonly gone: readonly LockedDonor[];
}

/**
 * What an update of nothing but security chooses from: of every package in the lock the newest version of a security
 * suite, or else the locked one; of other packages nothing, unless it does not work without. Where the newest versions do
 * not go with what stays, as many sources as possible are taken, in the order of their names.
 */
export async function securityUniverse(universe: Universe, options: SecurityOptions): Promise<SecurityUniverse> {
  const { ask } = options;
  const choices = options.locked.filter(({ archive }) => archive !== 'file').map((item) => choiceOf(item, universe));
  const sources = sourcesOf(choices);
  const search = new Search(universe, choices, options);
  for (const others of [false, true]) {
    const found = await search.narrow({ taken: new Set(sources), others });
    if (ask(found.universe).ok) return { ...found, held: [] };
  }
  const taken = new Set<string>();
  for (let before = -1; before < taken.size; ) {
    before = taken.size;
    for (const source of sources.filter((name) => !taken.has(name))) {
      const { universe: tried } = await search.narrow({ taken: new Set([...taken, source]), others: true });
      if (ask(tried).ok) taken.add(source);
    }
  }
  return { ...(await search.narrow({ taken, others: true })), held: heldBack(choices, taken) };
}

/** Debian-Security's label and suites (`trixie-security`), and those that others name alike (`noble-security`). */
export function isSecurity({ suite, release }: Pick<PackageOrigin, 'suite' | 'release'>): boolean {
  if (release?.label === 'Debian-Security') return true;
  return [suite, release?.suite, release?.codename].some((name) => name?.endsWith('-security'));
}

interface Choice {
  readonly item: LockedDonor;
  /** The locked .deb as the indexes have it; [] where it is gone. */
  readonly kept: readonly PackageRecord[];
  /** The newest newer version of a security suite; [] where there is none. */
  readonly newer: readonly PackageRecord[];
  /** The user's own .debs of that name are always there. */
  readonly own: readonly PackageRecord[];
}

function choiceOf(item: LockedDonor, universe: Universe): Choice {
  const candidates = universe.candidates(item.name);
  const same = candidates.filter(({ sha256 }) => sha256 === item.sha256);
  const inPlace = same.filter(({ origin }) => origin.archive === item.archive && origin.suite === item.suite);
  const newer = candidates
    .filter(({ version, origin }) => isSecurity(origin) && debianVersions.compare(version, item.version) > 0)
    .sort((a, b) => debianVersions.compare(b.version, a.version));
  return {
    item,
    kept: inPlace.length > 0 ? inPlace : same,
    newer: newer.filter(({ version }) => version === newer[0]?.version),
    own: candidates.filter(({ origin }) => origin.archive === 'file'),
  };
}

function sourceOf({ newer }: Choice): string | undefined {
  return newer[0]?.source.name;
}

function sourcesOf(choices: readonly Choice[]): readonly string[] {
  return [...new Set(choices.flatMap((choice) => sourceOf(choice) ?? []))].sort(compareStrings);
}

function heldBack(choices: readonly Choice[], taken: ReadonlySet<string>): readonly HeldUpdate[] {
  return choices
    .filter((choice) => !taken.has(sourceOf(choice) ?? ''))
    .flatMap(({ item, newer: [first] }) =>
      first === undefined ? [] : [{ name: item.name, version: item.version, available: first.version }],
    )
    .sort((a, b) => compareStrings(a.name, b.name));
}

interface Attempt {
  /** Source packages whose new versions are taken. */
  readonly taken: ReadonlySet<string>;
  /** Whether packages that the lock has not may come. */
  readonly others: boolean;
}

class Search {
  readonly #universe: Universe;
  readonly #choices: readonly Choice[];
  readonly #options: SecurityOptions;
  readonly #fetched = new Map<LockedDonor, PackageRecord>();

  constructor(universe: Universe, choices: readonly Choice[], options: SecurityOptions) {
    this.#universe = universe;
    this.#choices = choices;
    this.#options = options;
  }

  async narrow({ taken, others }: Attempt): Promise<Omit<SecurityUniverse, 'held'>> {
    const isTaken = (choice: Choice) => taken.has(sourceOf(choice) ?? '');
    const gone = this.#choices.filter((choice) => !isTaken(choice) && choice.kept.length === 0).map(({ item }) => item);
    await this.#fetch(gone);
    const allowed = this.#choices.map((choice): readonly [string, readonly PackageRecord[]] => {
      const { item, own, newer, kept } = choice;
      const fetched = this.#fetched.get(item);
      const stays = kept.length > 0 || fetched === undefined ? kept : [fetched];
      return [item.name, [...own, ...(isTaken(choice) ? newer : stays)]];
    });
    const { free } = this.#options;
    return { universe: new NarrowUniverse(this.#universe, { allowed: new Map(allowed), others, free }), gone };
  }

  async #fetch(gone: readonly LockedDonor[]): Promise<void> {
    const missing = gone.filter((item) => !this.#fetched.has(item));
    if (missing.length === 0) return;
    const records = await this.#options.fetch(missing);
    for (const [at, item] of missing.entries()) {
      const record = records[at];
      if (record !== undefined) this.#fetched.set(item, record);
    }
  }
}
