import type { Dependency, PackageRecord } from '../distro/types.ts';
import type { Catalog } from './catalog.ts';
import { type Clause, ClauseEngine, negative, positive } from './engine.ts';

/**
 * Chooses packages so that every root is there, every chosen package has its dependencies and nothing chosen conflicts.
 * Packages are visited depth first as apt's MarkInstall visits them: Pre-Depends, Depends, then Recommends, each
 * dependency satisfied by what is chosen already, else by its first option that is still possible. A package's clauses
 * come into being when it is visited, so only the part of the archive that is reached is ever looked at.
 * @param roots one entry a request: what satisfies it, in order of preference.
 * @returns the chosen packages, some perhaps without need, or undefined where there is no answer.
 * @throws SlimimageError LIMIT_EXCEEDED where the search was given up
 */
export function search(
  catalog: Catalog,
  roots: readonly (readonly PackageRecord[])[],
): readonly PackageRecord[] | undefined {
  return new Search(catalog, roots).run();
}

/** A place in the visit: which step of which package comes next. Never changed, so that a jump back can return to it. */
interface Frame {
  readonly variable: number;
  readonly step: number;
  readonly parent: Frame | undefined;
}

interface Step {
  readonly options: readonly number[];
  /** Recommends are tried and let go. */
  readonly required: boolean;
  clause: Clause | undefined;
}

class Search {
  readonly #catalog: Catalog;
  readonly #engine = new ClauseEngine();
  readonly #records: PackageRecord[] = [];
  readonly #variables = new Map<PackageRecord, number>();
  readonly #steps: (Step[] | undefined)[] = [];
  readonly #roots: readonly (readonly number[])[];
  readonly #rootVariables = new Set<number>();
  /** Visited variables in order, and the same as flags. */
  readonly #visits: number[] = [];
  readonly #visited: boolean[] = [];
  #top: Frame | undefined;
  #nextRoot = 0;
  /** What to return to when level + 1 is undone. */
  readonly #saved: { readonly top: Frame | undefined; readonly visits: number; readonly nextRoot: number }[] = [];

  constructor(catalog: Catalog, roots: readonly (readonly PackageRecord[])[]) {
    this.#catalog = catalog;
    this.#roots = roots.map((options) => options.map((record) => this.#variable(record)));
    for (const options of this.#roots) for (const variable of options) this.#rootVariables.add(variable);
  }

  run(): readonly PackageRecord[] | undefined {
    for (const options of this.#roots) {
      if (options.length === 0) return undefined;
      this.#engine.add(options.map(positive));
    }
    for (;;) {
      if (!this.#settle()) return undefined;
      if (this.#top !== undefined) this.#continue(this.#top);
      else if (!this.#startNext()) break;
    }
    return this.#engine.trueVariables().map((variable) => this.#records[variable] as PackageRecord);
  }

  /** Draws consequences and, after a jump back, returns to where the undone level began. False: no answer. */
  #settle(): boolean {
    this.#engine.settle();
    if (this.#engine.unsatisfiable) return false;
    const saved = this.#saved[this.#engine.level];
    if (saved === undefined) return true;
    for (const variable of this.#visits.splice(saved.visits)) this.#visited[variable] = false;
    this.#top = saved.top;
    this.#nextRoot = saved.nextRoot;
    this.#saved.length = this.#engine.level;
    return true;
  }

  /** Goes to the next root, then to whatever a learned clause made true on its own. False: all is done. */
  #startNext(): boolean {
    const options = this.#roots[this.#nextRoot];
    if (options === undefined) {
      const forgotten = this.#engine.trueVariables().find((variable) => this.#visited[variable] !== true);
      if (forgotten !== undefined) this.#visit(forgotten);
      return forgotten !== undefined;
    }
    const chosen = options.find((variable) => this.#engine.isTrue(positive(variable)));
    if (chosen === undefined) {
      this.#choose(options);
      return true;
    }
    this.#nextRoot++;
    if (this.#visited[chosen] !== true) this.#visit(chosen);
    return true;
  }

  #visit(variable: number): void {
    this.#visited[variable] = true;
    this.#visits.push(variable);
    this.#top = { variable, step: 0, parent: this.#top };
    if (this.#steps[variable] === undefined) this.#steps[variable] = this.#expand(variable);
  }

  /** Conflicts become clauses at once, dependencies when their turn comes: no choice is made for a later one's sake. */
  #expand(variable: number): Step[] {
    const record = this.#records[variable] as PackageRecord;
    if (this.#catalog.isInstalled(record)) return [];
    const rivals = this.#catalog.domain(record.name).filter((other) => other !== record);
    for (const other of [...rivals, ...this.#catalog.enemies(record)]) {
      const enemy = this.#catalog.isInstalled(other) ? undefined : negative(this.#variable(other));
      this.#engine.add(enemy === undefined ? [negative(variable)] : [negative(variable), enemy]);
    }
    const { policy } = this.#catalog;
    if (policy.dependencies === 'none') return [];
    const step = (dependency: Dependency, required: boolean): Step | undefined => {
      const { records, assumed } = this.#catalog.options(dependency);
      const met = assumed || records.some((option) => option === record || this.#catalog.isInstalled(option));
      return met
        ? undefined
        : { options: records.map((option) => this.#variable(option)), required, clause: undefined };
    };
    return [
      ...[...record.preDepends, ...record.depends].map((dependency) => step(dependency, true)),
      ...(policy.recommends ? record.recommends : []).map((dependency) => step(dependency, false)),
    ].filter((made) => made !== undefined);
  }

  #continue(frame: Frame): void {
    const step = this.#steps[frame.variable]?.[frame.step];
    if (step === undefined) {
      this.#top = frame.parent;
      return;
    }
    if (step.required && !this.#state(frame.variable, step)) return;
    const chosen = step.options.filter((variable) => this.#engine.isTrue(positive(variable)));
    const next = chosen.find((variable) => this.#visited[variable] !== true && !this.#rootVariables.has(variable));
    if (next !== undefined) this.#visit(next);
    else if (chosen.length > 0 || !this.#choose(step.options)) this.#top = { ...frame, step: frame.step + 1 };
  }

  /** Makes the dependency a clause and draws its consequences; false where they changed the way. */
  #state(variable: number, step: Step): boolean {
    const top = this.#top;
    if (step.clause === undefined) {
      step.clause = [negative(variable), ...step.options.map(positive)];
      this.#engine.add(step.clause);
    } else {
      this.#engine.check(step.clause);
    }
    return this.#settle() && this.#top === top;
  }

  /** Decides for the first option that is still possible; false where none is. */
  #choose(options: readonly number[]): boolean {
    const first = options.find((variable) => !this.#engine.isFalse(positive(variable)));
    if (first === undefined) return false;
    this.#saved.push({ top: this.#top, visits: this.#visits.length, nextRoot: this.#nextRoot });
    this.#engine.decide(positive(first));
    return true;
  }

  #variable(record: PackageRecord): number {
    const known = this.#variables.get(record);
    if (known !== undefined) return known;
    const variable = this.#engine.newVariable();
    this.#variables.set(record, variable);
    this.#records[variable] = record;
    return variable;
  }
}
