import type { Dependency, PackageRecord } from '../distro/types.ts';
import type { Budget } from './budget.ts';
import type { Catalog } from './catalog.ts';
import type { Reason } from './types.ts';

/** What one package needs: an entry of Pre-Depends, Depends or, where the policy wants them, Recommends. */
export interface Edge {
  /** One object for all answers. */
  readonly reason: Exclude<Reason, { type: 'request' | 'base' }>;
  /** In the order in which apt tries them. */
  readonly options: readonly Vertex[];
  /** By the package itself, by an installed one, or by one that is left out on purpose. */
  readonly met: boolean;
  /** Recommends are tried and let go. */
  readonly required: boolean;
}

/** A package and what it leads to, found when first asked for. */
export class Vertex {
  readonly record: PackageRecord;
  readonly isInstalled: boolean;
  /** Turns in which it was chosen, kept out and found to be needed: a turn is a number, so nothing has to be undone. */
  chosenIn = 0;
  deniedIn = 0;
  neededIn = 0;
  /** Its place in the answer of the turn `neededIn`. */
  place = 0;
  readonly #graph: PackageGraph;
  #edges: readonly Edge[] | undefined;
  #enemies: readonly Vertex[] | undefined;

  constructor(record: PackageRecord, graph: PackageGraph) {
    this.record = record;
    this.isInstalled = graph.catalog.isInstalled(record);
    this.#graph = graph;
  }

  get edges(): readonly Edge[] {
    this.#edges ??= this.#graph.edgesOf(this.record);
    return this.#edges;
  }

  /** What must be absent where this is present, other versions of it too. */
  get enemies(): readonly Vertex[] {
    this.#enemies ??= this.#graph.enemiesOf(this.record);
    return this.#enemies;
  }
}

/** The catalogue's packages as objects that point at each other, for all the requests that are asked of it. */
export class PackageGraph {
  readonly catalog: Catalog;
  readonly #vertices = new Map<PackageRecord, Vertex>();
  readonly #options = new Map<Dependency, readonly Vertex[]>();
  #turn = 0;

  constructor(catalog: Catalog) {
    this.catalog = catalog;
  }

  get budget(): Budget {
    return this.catalog.budget;
  }

  vertex(record: PackageRecord): Vertex {
    const known = this.#vertices.get(record);
    if (known !== undefined) return known;
    const made = new Vertex(record, this);
    this.#vertices.set(record, made);
    return made;
  }

  /** A number that no vertex bears yet. */
  nextTurn(): number {
    return ++this.#turn;
  }

  /** Marks packages as chosen in a turn of their own. */
  choose(records: readonly PackageRecord[]): number {
    const turn = this.nextTurn();
    for (const record of records) this.vertex(record).chosenIn = turn;
    return turn;
  }

  edgesOf(record: PackageRecord): readonly Edge[] {
    const { policy } = this.catalog;
    if (policy.dependencies === 'none' || this.catalog.isInstalled(record)) return [];
    const edges = (type: Edge['reason']['type'], dependencies: readonly Dependency[]): readonly Edge[] =>
      dependencies.map((dependency) => this.#edge(record, { type, from: record.name, dependency }));
    return edges('pre-depends', record.preDepends).concat(
      edges('depends', record.depends),
      edges('recommends', policy.recommends ? record.recommends : []),
    );
  }

  enemiesOf(record: PackageRecord): readonly Vertex[] {
    if (this.catalog.isInstalled(record)) return [];
    const rivals = this.catalog.domain(record.name).filter((other) => other !== record);
    return rivals.concat(this.catalog.enemies(record)).map((enemy) => this.vertex(enemy));
  }

  #edge(record: PackageRecord, reason: Edge['reason']): Edge {
    const { records, assumed } = this.catalog.options(reason.dependency);
    const met = assumed || records.some((option) => option === record || this.catalog.isInstalled(option));
    return { reason, options: this.#optionsOf(reason.dependency), met, required: reason.type !== 'recommends' };
  }

  #optionsOf(dependency: Dependency): readonly Vertex[] {
    const known = this.#options.get(dependency);
    if (known !== undefined) return known;
    const made = this.catalog.options(dependency).records.map((record) => this.vertex(record));
    this.#options.set(dependency, made);
    return made;
  }
}
