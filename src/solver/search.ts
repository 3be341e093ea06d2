import type { PackageRecord } from '../distro/types.ts';
import { type Clause, ClauseEngine, negative, positive } from './engine.ts';
import type { Edge, PackageGraph, Vertex } from './graph.ts';

/**
 * Chooses packages so that every root is there, every chosen package has its dependencies and nothing chosen conflicts.
 * Packages are visited depth first as apt's MarkInstall visits them: Pre-Depends, Depends, then Recommends, each
 * dependency satisfied by what is chosen already, else by its first option that is still possible. A package's clauses
 * come into being when it is visited, so only the part of the archive that is reached is ever looked at.
 *
 * The visit goes along with the engine's levels. `#saved[n]` is where the visit stood when level n + 1 was opened, and
 * there are as many entries as levels. When the engine has jumped back to level n, the visit returns there: everything
 * visited since was visited because of a decision that is undone. The step that had made the decision comes again, and
 * with it its clause, which may have lost a consequence to the jump (see the engine's `#late`): that is why `#state`
 * has the clause checked each time, and not only added the first time.
 * @returns the chosen packages, some perhaps without need, or undefined where there is no answer.
 * @throws SlimimageError LIMIT_EXCEEDED where the budget was spent before
 */
export function search(graph: PackageGraph, roots: readonly Vertex[]): readonly PackageRecord[] | undefined {
  return new Search(graph, roots).run();
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
  /** Options before this one can never be chosen. */
  first: number;
  /** Where each option stands, for a list that is too long to be gone through each time. */
  places: ReadonlyMap<number, number> | undefined;
}

const longList = 32;

class Search {
  readonly #graph: PackageGraph;
  readonly #engine: ClauseEngine;
  readonly #vertices: Vertex[] = [];
  readonly #variables = new Map<Vertex, number>();
  readonly #steps: (Step[] | undefined)[] = [];
  readonly #roots: readonly number[];
  readonly #rootVariables: ReadonlySet<number>;
  /** Visited variables in order, and the same as flags. */
  readonly #visits: number[] = [];
  readonly #visited: boolean[] = [];
  #top: Frame | undefined;
  #nextRoot = 0;
  readonly #saved: { readonly top: Frame | undefined; readonly visits: number; readonly nextRoot: number }[] = [];

  constructor(graph: PackageGraph, roots: readonly Vertex[]) {
    this.#graph = graph;
    this.#engine = new ClauseEngine(graph.budget);
    this.#roots = roots.map((root) => this.#variable(root));
    this.#rootVariables = new Set(this.#roots);
  }

  run(): readonly PackageRecord[] | undefined {
    for (const root of this.#roots) this.#engine.add([positive(root)]);
    for (;;) {
      if (!this.#settle()) return undefined;
      if (this.#top !== undefined) this.#continue(this.#top);
      else if (!this.#startNext()) break;
    }
    return this.#engine.trueVariables.map((variable) => this.#vertex(variable).record);
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
    const root = this.#roots[this.#nextRoot];
    if (root !== undefined) {
      this.#nextRoot++;
      if (this.#visited[root] !== true) this.#visit(root);
      return true;
    }
    const { trueVariables } = this.#engine;
    this.#graph.budget.spend(trueVariables.length);
    const forgotten = trueVariables.find((variable) => this.#visited[variable] !== true);
    if (forgotten !== undefined) this.#visit(forgotten);
    return forgotten !== undefined;
  }

  #visit(variable: number): void {
    this.#visited[variable] = true;
    this.#visits.push(variable);
    this.#top = { variable, step: 0, parent: this.#top };
    this.#steps[variable] ??= this.#expand(variable);
  }

  /** Conflicts become clauses at once, dependencies when their turn comes: no choice is made for a later one's sake. */
  #expand(variable: number): Step[] {
    const vertex = this.#vertex(variable);
    for (const enemy of vertex.enemies) {
      const absent = enemy.isInstalled ? [] : [negative(this.#variable(enemy))];
      this.#engine.add([negative(variable), ...absent]);
    }
    return vertex.edges.filter(({ met }) => !met).map((edge) => this.#step(edge));
  }

  #step({ options, required }: Edge): Step {
    this.#graph.budget.spend(options.length);
    const variables = options.map((option) => this.#variable(option));
    return { options: variables, required, clause: undefined, first: 0, places: undefined };
  }

  #continue(frame: Frame): void {
    const step = this.#steps[frame.variable]?.[frame.step];
    if (step === undefined) {
      this.#top = frame.parent;
      return;
    }
    if (step.required && !this.#state(frame.variable, step)) return;
    const chosen = this.#chosen(step);
    const next = chosen.find((variable) => this.#visited[variable] !== true && !this.#rootVariables.has(variable));
    if (next !== undefined) this.#visit(next);
    else if (chosen.length > 0 || !this.#choose(step)) this.#top = { ...frame, step: frame.step + 1 };
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

  /** The options that are true, in their order. */
  #chosen(step: Step): readonly number[] {
    const { options } = step;
    const { trueVariables } = this.#engine;
    if (options.length <= longList || options.length <= trueVariables.length) {
      this.#graph.budget.spend(options.length);
      return options.filter((variable) => this.#engine.isTrue(positive(variable)));
    }
    this.#graph.budget.spend(trueVariables.length);
    step.places ??= new Map(options.map((variable, place) => [variable, place]));
    const placeOf = (variable: number): number => step.places?.get(variable) ?? -1;
    return trueVariables.filter((variable) => placeOf(variable) >= 0).sort((a, b) => placeOf(a) - placeOf(b));
  }

  /** Decides for the first option that is still possible; false where none is. */
  #choose(step: Step): boolean {
    const { options } = step;
    const literal = (at: number): number => positive(options[at] as number);
    while (step.first < options.length && this.#engine.isFalseForGood(literal(step.first))) step.first++;
    let at = step.first;
    while (at < options.length && this.#engine.isFalse(literal(at))) at++;
    this.#graph.budget.spend(at - step.first + 1);
    if (at === options.length) return false;
    this.#saved.push({ top: this.#top, visits: this.#visits.length, nextRoot: this.#nextRoot });
    this.#engine.decide(literal(at));
    return true;
  }

  #vertex(variable: number): Vertex {
    return this.#vertices[variable] as Vertex;
  }

  #variable(vertex: Vertex): number {
    const known = this.#variables.get(vertex);
    if (known !== undefined) return known;
    const variable = this.#engine.newVariable();
    this.#variables.set(vertex, variable);
    this.#vertices[variable] = vertex;
    return variable;
  }
}
