/**
 * Dependency order: each vertex after those that it needs, vertices that need each other by number (Tarjan's strongly
 * connected components, without recursion).
 * @param needs what each vertex needs, by number; not changed
 * @returns all numbers
 */
export function dependencyOrder(needs: readonly (readonly number[])[]): readonly number[] {
  return new Ordering(needs).run();
}

const unseen = -1;

class Ordering {
  readonly #needs: readonly (readonly number[])[];
  readonly #order: number[] = [];
  readonly #numbers: Int32Array;
  readonly #lowest: Int32Array;
  /** Seen, and in no component yet. */
  readonly #open: number[] = [];
  readonly #isOpen: Uint8Array;
  /** The way to where the visit is, and the next need to look at of each vertex. */
  readonly #path: number[] = [];
  readonly #next: Int32Array;
  #count = 0;

  constructor(needs: readonly (readonly number[])[]) {
    this.#needs = needs.map((list) => (list.length > 1 ? list.toSorted((a, b) => a - b) : list));
    this.#numbers = new Int32Array(needs.length).fill(unseen);
    this.#lowest = new Int32Array(needs.length);
    this.#isOpen = new Uint8Array(needs.length);
    this.#next = new Int32Array(needs.length);
  }

  run(): readonly number[] {
    for (let start = 0; start < this.#needs.length; start++) {
      if (this.#numbers[start] !== unseen) continue;
      this.#enter(start);
      for (let at = this.#path.at(-1); at !== undefined; at = this.#path.at(-1)) this.#step(at);
    }
    return this.#order;
  }

  #enter(vertex: number): void {
    this.#numbers[vertex] = this.#count;
    this.#lowest[vertex] = this.#count++;
    this.#isOpen[vertex] = 1;
    this.#open.push(vertex);
    this.#path.push(vertex);
  }

  #step(vertex: number): void {
    const next = this.#needs[vertex]?.[this.#next[vertex] ?? 0];
    this.#next[vertex] = (this.#next[vertex] ?? 0) + 1;
    if (next === undefined) this.#leave(vertex);
    else if (this.#numbers[next] === unseen) this.#enter(next);
    else if (this.#isOpen[next] === 1) this.#lower(vertex, this.#numbers[next] ?? 0);
  }

  #leave(vertex: number): void {
    this.#path.pop();
    const parent = this.#path.at(-1);
    if (parent !== undefined) this.#lower(parent, this.#lowest[vertex] ?? 0);
    if (this.#lowest[vertex] !== this.#numbers[vertex]) return;
    const component = this.#open.splice(this.#open.lastIndexOf(vertex));
    for (const member of component) this.#isOpen[member] = 0;
    this.#order.push(...component.sort((a, b) => a - b));
  }

  #lower(vertex: number, number: number): void {
    if (number < (this.#lowest[vertex] ?? 0)) this.#lowest[vertex] = number;
  }
}
