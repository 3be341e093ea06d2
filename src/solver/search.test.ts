import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ask, debianVersions, fullPolicy, packages, universeOf } from '../../test/support/universe.ts';
import type { PackageRecord } from '../distro/types.ts';
import { Budget } from './budget.ts';
import { Catalog } from './catalog.ts';
import { ClauseEngine, negative, positive } from './engine.ts';
import { renderConflicts } from './render.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const name = fc.constantFrom(...names);
const relations = (max: number) => fc.array(name, { maxLength: max }).map((list) => list.join(', '));
const alternatives = fc.array(name, { minLength: 1, maxLength: 3 }).map((list) => list.join(' | '));
const line = (own: string) =>
  fc
    .record({
      depends: fc.array(alternatives, { maxLength: 3 }).map((list) => list.join(', ')),
      conflicts: relations(2),
      provides: relations(1),
    })
    .map(({ depends, conflicts, provides }) => {
      const field = (title: string, value: string): string => (value === '' ? '' : `; ${title}: ${value}`);
      return `${own}${field('Depends', depends)}${field('Conflicts', conflicts)}${field('Provides', provides)}`;
    });
const world = fc.tuple(...names.map(line)).map((lines) => packages(...lines));

test('a search finds an answer exactly where there is one, and the answer holds', () => {
  fc.assert(
    fc.property(world, name, name, (records, first, second) => {
      const answer = ask(records, first === second ? first : `${first} ${second}`);
      const possible = subsets(records).some((set) => holds(records, set) && has(set, first) && has(set, second));
      assert.equal(answer.ok, possible);
      if (answer.ok) {
        const chosen = answer.resolution.packages.map(({ record }) => record);
        assert.ok(holds(records, chosen) && has(chosen, first) && has(chosen, second));
        assert.deepEqual(
          [...answer.resolution.order].sort(),
          chosen.map((record) => record.name),
        );
      } else {
        assert.match(renderConflicts(answer.conflicts), /cannot be/);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('clauses in any order, any of them late: satisfiable exactly where some assignment does it', () => {
  const literal = fc.tuple(fc.nat({ max: 6 }), fc.boolean()).map(([variable, sign]) => variable * 2 + Number(sign));
  const clause = fc.uniqueArray(literal, { minLength: 1, maxLength: 3, selector: (value) => value >> 1 });
  fc.assert(
    fc.property(fc.array(clause, { maxLength: 40 }), fc.nat({ max: 40 }), (clauses, late) => {
      const engine = new ClauseEngine(new Budget());
      for (let variable = 0; variable < 7; variable++) engine.newVariable();
      const pending = clauses.map((literals) => [...literals]);
      for (const literals of pending.splice(0, late)) engine.add(literals);
      while (!engine.unsatisfiable) {
        engine.settle();
        const next = pending.pop();
        const open = [0, 1, 2, 3, 4, 5, 6].find(
          (variable) => !engine.isTrue(positive(variable)) && !engine.isTrue(negative(variable)),
        );
        if (next !== undefined) engine.add(next);
        if (open !== undefined && !engine.unsatisfiable && next === undefined) engine.decide(positive(open));
        else if (open !== undefined && next !== undefined) {
          engine.settle();
          if (!engine.unsatisfiable && !engine.isTrue(positive(open)) && !engine.isTrue(negative(open)))
            engine.decide(negative(open));
        }
        if (open === undefined && next === undefined) break;
      }
      const model = (bits: number) =>
        clauses.every((literals) => literals.some((one) => ((bits >> (one >> 1)) & 1) !== (one & 1)));
      assert.equal(!engine.unsatisfiable, Array.from({ length: 128 }, (_, bits) => bits).some(model));
      if (!engine.unsatisfiable) {
        assert.ok(clauses.every((literals) => literals.some((one) => engine.isTrue(one))));
      }
    }),
    { numRuns: 10_000 },
  );
});

function subsets(records: readonly PackageRecord[]): readonly (readonly PackageRecord[])[] {
  return Array.from({ length: 2 ** records.length }, (_, bits) => records.filter((_, at) => (bits >> at) & 1));
}

function has(set: readonly PackageRecord[], wanted: string): boolean {
  return set.some((record) => record.name === wanted);
}

/** Every dependency met, no conflict: judged record by record, without the solver's own shortcuts. */
function holds(records: readonly PackageRecord[], set: readonly PackageRecord[]): boolean {
  const catalog = new Catalog({
    universe: universeOf(records),
    versions: debianVersions,
    policy: fullPolicy,
    pinned: new Map(),
    excluded: new Set(),
    allVersions: false,
  });
  return set.every(
    (record) =>
      record.depends.every((group) => group.some((relation) => set.some((other) => catalog.fits(other, relation)))) &&
      !set.some((other) => catalog.clash(record, other) !== undefined),
  );
}
