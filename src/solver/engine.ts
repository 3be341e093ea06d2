import type { Budget } from './budget.ts';

/** A variable's number doubled for "is true", and one more for "is false". */
export type Literal = number;

export function positive(variable: number): Literal {
  return variable * 2;
}

export function negative(variable: number): Literal {
  return variable * 2 + 1;
}

export type Clause = Literal[];

/** What a clause costs beside its literals, in steps: an object and two places to watch. */
const clauseSteps = 24;

/**
 * Clauses over variables, with two watched literals each, learning from conflicts and jumping back over the decisions
 * that had no part in them (conflict-driven clause learning, first unique implication point). What to decide next is the
 * caller's business, and so is adding a clause when it becomes relevant: a clause may come at any moment.
 * Nothing recurses, so the depth of a problem is only a matter of memory; how much of that is taken, and how long a
 * search lasts, is the budget's business: every literal that is looked at is a step.
 *
 * What holds whenever `settle` has returned: no clause is false, for one of the two literals that each clause watches is
 * true or open. What need not hold is that every consequence was drawn. A clause that comes late may have been down to
 * one literal since an earlier level; that literal then becomes true on the level of today, and a jump back to a level
 * between the two opens it again without any watch being told. Were it to become false, its watch would tell of the
 * conflict: nothing wrong is ever found, only found later. A caller that wants the consequence at once, because it is
 * about to choose, has the clause looked at with `check`. `#late` has what is to be looked at before anything else is. A
 * clause leaves it as soon as it is not false: a false one stays through the jump back that it causes, since what is
 * learned from it opens one of its literals and may leave it with just that one.
 */
export class ClauseEngine {
  /** No assignment satisfies the clauses. */
  unsatisfiable = false;
  /** 1 true, -1 false, 0 open; by literal. */
  readonly #values: number[] = [];
  readonly #levels: number[] = [];
  readonly #reasons: (Clause | undefined)[] = [];
  readonly #watches: Clause[][] = [];
  readonly #trail: Literal[] = [];
  /** The variables of the trail that are true. */
  readonly #trueOnes: number[] = [];
  readonly #levelStarts: number[] = [];
  readonly #marked: boolean[] = [];
  #propagated = 0;
  readonly #late: Clause[] = [];
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  newVariable(): number {
    const variable = this.#levels.length;
    this.#values.push(0, 0);
    this.#watches.push([], []);
    this.#levels.push(0);
    this.#reasons.push(undefined);
    this.#marked.push(false);
    return variable;
  }

  get level(): number {
    return this.#levelStarts.length;
  }

  isTrue(literal: Literal): boolean {
    return this.#values[literal] === 1;
  }

  isFalse(literal: Literal): boolean {
    return this.#values[literal] === -1;
  }

  /** No decision made it false, so none will make it anything else. */
  isFalseForGood(literal: Literal): boolean {
    return this.isFalse(literal) && this.#levelOf(literal) === 0;
  }

  /** Variables that are true, in the order in which they became so. */
  get trueVariables(): readonly number[] {
    return this.#trueOnes;
  }

  /** Opens a level in which an open literal is true. `settle` draws the consequences. */
  decide(literal: Literal): void {
    this.#levelStarts.push(this.#trail.length);
    this.#assign(literal, undefined);
  }

  /** Adds a clause for good. Its consequences, or the conflict that it is, come with `settle`. At least one literal, none twice. */
  add(clause: Clause): void {
    this.#budget.spend(clause.length + clauseSteps);
    // A single literal holds on every level, so it is asserted on the ground.
    if (clause.length === 1) this.#backTo(0);
    else this.#watchLatest(clause);
    this.check(clause);
  }

  /** Looks at a clause that was added before: after a jump back it may be down to one literal without being watched. */
  check(clause: Clause): void {
    this.#late.push(clause);
  }

  /**
   * Draws all consequences, learning and jumping back as often as it takes. `level` tells how far it went back.
   * @throws SlimimageError LIMIT_EXCEEDED where the budget is spent
   */
  settle(): void {
    while (!this.unsatisfiable) {
      const conflict = this.#nextLate() ?? this.#propagate();
      if (conflict === undefined) return;
      this.#learn(conflict);
    }
  }

  #assign(literal: Literal, reason: Clause | undefined): void {
    const variable = literal >> 1;
    this.#values[literal] = 1;
    this.#values[literal ^ 1] = -1;
    this.#levels[variable] = this.level;
    this.#reasons[variable] = reason;
    this.#trail.push(literal);
    if (literal % 2 === 0) this.#trueOnes.push(variable);
  }

  /** The first late clause that is false; it stays in the list until a jump back has opened one of its literals. */
  #nextLate(): Clause | undefined {
    for (let clause = this.#late.at(-1); clause !== undefined; clause = this.#late.at(-1)) {
      const possible = this.#firstPossible(clause, 0);
      const only = clause[possible];
      if (only === undefined) return clause;
      const hasTwo = this.isTrue(only) || this.#firstPossible(clause, possible + 1) < clause.length;
      if (!hasTwo) this.#assign(only, clause);
      this.#late.pop();
    }
    return undefined;
  }

  /** Where the first literal that is not false stands, from a place on; the length where none does. */
  #firstPossible(clause: Clause, from: number): number {
    let at = from;
    while (at < clause.length && this.isFalse(clause[at] as Literal)) at++;
    this.#budget.spend(at - from + 1);
    return at;
  }

  /** Watches literals that are not false, else those that became so last: they are the first to open on a jump back. */
  #watchLatest(clause: Clause): void {
    for (const place of [0, 1]) {
      let best = place;
      for (let at = place + 1; at < clause.length; at++) {
        if (this.#rank(clause[at]) > this.#rank(clause[best])) best = at;
      }
      [clause[place], clause[best]] = [clause[best] as Literal, clause[place] as Literal];
      this.#watches[clause[place] as Literal]?.push(clause);
    }
  }

  #rank(literal: Literal | undefined): number {
    if (literal === undefined) return -1;
    return this.isFalse(literal) ? this.#levelOf(literal) : Number.POSITIVE_INFINITY;
  }

  #levelOf(literal: Literal): number {
    return this.#levels[literal >> 1] as number;
  }

  /** Returns a clause of which every literal is false, or undefined once nothing follows any more. */
  #propagate(): Clause | undefined {
    while (this.#propagated < this.#trail.length) {
      const falsified = (this.#trail[this.#propagated++] as Literal) ^ 1;
      const watching = this.#watches[falsified] as Clause[];
      this.#budget.spend(watching.length + 1);
      let kept = 0;
      for (let at = 0; at < watching.length; at++) {
        const clause = watching[at] as Clause;
        if (this.#moveWatch(clause, falsified)) continue;
        watching[kept++] = clause;
        const other = clause[0] as Literal;
        if (this.isTrue(other)) continue;
        if (!this.isFalse(other)) {
          this.#assign(other, clause);
          continue;
        }
        for (at++; at < watching.length; at++) watching[kept++] = watching[at] as Clause;
        watching.length = kept;
        return clause;
      }
      watching.length = kept;
    }
    return undefined;
  }

  /** Puts the falsified literal second; true where another literal could be watched in its place. */
  #moveWatch(clause: Clause, falsified: Literal): boolean {
    if (clause[0] === falsified) {
      clause[0] = clause[1] as Literal;
      clause[1] = falsified;
    }
    if (this.isTrue(clause[0] as Literal)) return false;
    for (let at = 2; at < clause.length; at++) {
      const literal = clause[at] as Literal;
      if (this.isFalse(literal)) {
        at -= this.#forget(clause, at);
        continue;
      }
      this.#budget.spend(at);
      clause[at] = falsified;
      clause[1] = literal;
      this.#watches[literal]?.push(clause);
      return true;
    }
    this.#budget.spend(clause.length);
    return false;
  }

  /** Takes out a literal that never can be true again: of thousands of alternatives, each is passed over once. 1 if so. */
  #forget(clause: Clause, at: number): 0 | 1 {
    if (this.#levelOf(clause[at] as Literal) > 0) return 0;
    const last = clause.pop() as Literal;
    if (at < clause.length) clause[at] = last;
    return 1;
  }

  #learn(conflict: Clause): void {
    // A clause that came late may be false since an earlier level: that is where its conflict belongs.
    const highest = conflict.reduce((level, literal) => Math.max(level, this.#levelOf(literal)), 0);
    this.#backTo(highest);
    if (highest === 0) {
      this.unsatisfiable = true;
      return;
    }
    const learned = this.#analyse(conflict);
    const asserted = learned[0] as Literal;
    this.#backTo(learned.slice(1).reduce((level, literal) => Math.max(level, this.#levelOf(literal)), 0));
    this.#budget.spend(learned.length + clauseSteps);
    if (learned.length > 1) this.#watchLatest(learned);
    this.#assign(asserted, learned);
  }

  /** Resolves the conflict with the reasons of this level's literals until only one of them is left: it comes first. */
  #analyse(conflict: Clause): Clause {
    const learned: Clause = [0];
    const seen: number[] = [];
    let open = 0;
    let at = this.#trail.length;
    let clause: Clause | undefined = conflict;
    let literal: Literal = -1;
    do {
      this.#budget.spend(clause?.length ?? 0);
      for (const other of clause ?? []) {
        const variable = other >> 1;
        if (other === literal || this.#marked[variable] === true || this.#levels[variable] === 0) continue;
        this.#marked[variable] = true;
        seen.push(variable);
        if (this.#levels[variable] === this.level) open++;
        else learned.push(other);
      }
      do literal = this.#trail[--at] as Literal;
      while (this.#marked[literal >> 1] !== true);
      clause = this.#reasons[literal >> 1];
      open--;
    } while (open > 0);
    learned[0] = literal ^ 1;
    for (const variable of seen) this.#marked[variable] = false;
    return learned;
  }

  #backTo(level: number): void {
    const start = this.#levelStarts[level];
    if (start === undefined) return;
    for (const literal of this.#trail.splice(start)) {
      this.#values[literal] = 0;
      this.#values[literal ^ 1] = 0;
      this.#reasons[literal >> 1] = undefined;
      if (literal % 2 === 0) this.#trueOnes.pop();
    }
    this.#levelStarts.length = level;
    this.#propagated = Math.min(this.#propagated, start);
  }
}
