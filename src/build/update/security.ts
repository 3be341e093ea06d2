import { debianVersions } from '../../distro/debian/version.ts';
import type { PackageRecord, Universe } from '../../distro/types.ts';
import type { LockedDonor, LockedPlatform } from '../../lock/types.ts';
import type { SolverAnswer } from '../../solver/types.ts';
import { compareStrings } from '../../util/text.ts';
import type { Question } from '../resolve.ts';
import { type Attempt, attempt } from './attempt.ts';
import { type Choice, choicesOf } from './choices.ts';
import { withPartners } from './partners.ts';
import type { HeldUpdate } from './types.ts';
import { World } from './world.ts';

export interface SecurityOptions {
  readonly locked: Pick<LockedPlatform, 'packages' | 'donors'>;
  /** Names that may come although the lock has them not: donors that only new contents ask for. */
  readonly free: readonly string[];
  /** The configuration's question. */
  readonly question: Question;
  /** Records of locked packages that no index has any more. */
  readonly fetch: (gone: readonly LockedDonor[]) => Promise<readonly PackageRecord[]>;
}

export interface SecurityUpdate {
  /** What the answer was chosen from. */
  readonly universe: Universe;
  readonly answer: SolverAnswer;
  readonly held: readonly HeldUpdate[];
  /** Locked packages in the universe that no index has any more. */
  readonly gone: readonly LockedDonor[];
}

/**
 * An update of nothing but security: every package of the lock gets the newest version of a security suite that the
 * configuration allows, or keeps its own; `attempt` says what else may come. Where not all sources go with what stays,
 * one after the other is taken, by name, each with those that it cannot do without, as long as any can be.
 */
export async function securityUpdate(universe: Universe, options: SecurityOptions): Promise<SecurityUpdate> {
  const search = new Search(universe, options);
  const all = new Set(search.sources);
  const best = await search.attempt(all);
  if (best.why === undefined) return search.result(best, { taken: all, reasons: new Map() });
  const reasons = new Map<string, string>();
  let taken: ReadonlySet<string> = new Set();
  for (let before = -1; before < taken.size; ) {
    before = taken.size;
    for (const source of search.sources) {
      if (taken.has(source)) continue;
      for (const next of [new Set([...taken, source]), await search.withPartners(source, taken)]) {
        const { why } = await search.attempt(next);
        if (why === undefined) {
          taken = next;
          break;
        }
        reasons.set(source, why);
      }
    }
  }
  return search.result(await search.attempt(taken), { taken, reasons });
}

type Reasons = ReadonlyMap<string, string>;

class Search {
  /** Source packages with a version to take, sorted. */
  readonly sources: readonly string[];
  readonly #universe: Universe;
  readonly #options: SecurityOptions;
  readonly #choices: readonly Choice[];
  readonly #fetched = new Map<LockedDonor, PackageRecord>();

  constructor(universe: Universe, options: SecurityOptions) {
    const { locked, question } = options;
    this.#universe = universe;
    this.#options = options;
    const { requests } = question.asked;
    this.#choices = choicesOf([...locked.packages, ...locked.donors], { universe, requests, policy: question.policy });
    const sources = this.#choices.flatMap(({ security }) => (security?.newer.length ? [security.source] : []));
    this.sources = [...new Set(sources)].sort(compareStrings);
  }

  async attempt(taken: ReadonlySet<string>): Promise<Attempt> {
    await this.#fetch(this.#gone(taken));
    const { question, free, locked } = this.#options;
    return attempt(this.#universe, {
      question,
      free,
      allowed: new Map(this.#choices.map((choice) => [choice.item.name, this.#recordsOf(choice, taken)])),
      installed: locked.packages.map(({ name }) => name),
      kept: new Set(this.#choices.filter((choice) => !isTaken(choice, taken)).map(({ item }) => item.name)),
    });
  }

  /** `source` and what is taken already, with the sources that have to go with it. */
  async withPartners(source: string, taken: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    await this.#fetch(this.#gone(new Set()));
    const { donors } = this.#options.locked;
    const choices = this.#choices.filter(({ item }) => !donors.includes(item));
    const worldOf = (sources: ReadonlySet<string>) =>
      new World(
        choices.flatMap((choice) => this.#recordsOf(choice, sources).slice(0, 1)),
        this.#universe.architecture,
      );
    const offers = choices.flatMap(({ security }) => security?.newer.slice(0, 1) ?? []);
    return withPartners(source, taken, { worldOf, offers });
  }

  result({ universe, answer }: Attempt, about: { readonly taken: ReadonlySet<string>; readonly reasons: Reasons }) {
    const { taken, reasons } = about;
    const names = new Set(answer.ok ? answer.resolution.packages.map(({ record }) => record.name) : []);
    for (const { name } of this.#options.locked.donors) names.add(name);
    const held = this.#choices
      .filter(({ item }) => names.has(item.name))
      .flatMap((choice) => heldBack(choice, { isTaken: isTaken(choice, taken), reasons }))
      .sort((a, b) => compareStrings(a.name, b.name));
    return { universe, answer, held, gone: this.#gone(taken) };
  }

  #recordsOf(choice: Choice, taken: ReadonlySet<string>): readonly PackageRecord[] {
    const { item, own, kept, security } = choice;
    if (isTaken(choice, taken)) return [...own, ...(security?.newer ?? [])];
    const fetched = this.#fetched.get(item);
    return [...own, ...(kept.length > 0 || fetched === undefined ? kept : [fetched])];
  }

  #gone(taken: ReadonlySet<string>): readonly LockedDonor[] {
    return this.#choices
      .filter((choice) => choice.kept.length === 0 && !isTaken(choice, taken))
      .map(({ item }) => item);
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

function isTaken({ security }: Choice, taken: ReadonlySet<string>): boolean {
  return security !== undefined && security.newer.length > 0 && taken.has(security.source);
}

function heldBack(
  { item, security }: Choice,
  about: { readonly isTaken: boolean; readonly reasons: Reasons },
): readonly HeldUpdate[] {
  if (security === undefined) return [];
  const { source, available, newer, barred } = security;
  const version = about.isTaken ? (newer[0]?.version ?? item.version) : item.version;
  if (debianVersions.compare(version, available) >= 0) return [];
  const conflict = about.isTaken ? undefined : about.reasons.get(source);
  const by = conflict === undefined ? 'configuration' : 'packages';
  return [{ name: item.name, version, available, by, why: conflict ?? barred ?? '' }];
}
