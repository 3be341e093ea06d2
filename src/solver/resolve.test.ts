import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, debianVersions, fullPolicy, packages } from '../../test/support/universe.ts';
import type { PackageRecord } from '../distro/types.ts';
import { resolve } from './resolve.ts';
import type { Reason, SolverPolicy } from './types.ts';

/** The chosen packages as `a 1, b 2`, or the types of the conflicts. */
function chosen(records: readonly PackageRecord[], request: string, policy: Partial<SolverPolicy> = {}): string {
  const answer = ask(records, request, policy);
  return answer.ok
    ? answer.resolution.packages.map(({ record }) => `${record.name} ${record.version}`).join(', ')
    : `no: ${answer.conflicts.map((conflict) => conflict.type).join(', ')}`;
}

test('dependencies come along, and nothing else does', () => {
  const world = packages(
    'a; Depends: b; Recommends: r; Suggests: s',
    'b; Pre-Depends: c',
    'c',
    'r',
    's',
    'e; Essential: yes',
  );
  assert.equal(chosen(world, 'a'), 'a 1, b 1, c 1');
  assert.equal(chosen(world, 'a', { recommends: true }), 'a 1, b 1, c 1, r 1');
  assert.equal(chosen(world, 'a', { dependencies: 'none' }), 'a 1');
});

test('the first alternative that can be had, unless another is chosen already', () => {
  const world = packages('a; Depends: gone | b | c', 'b', 'c', 'd; Depends: c, a', 'e; Depends: a, c');
  assert.equal(chosen(world, 'a'), 'a 1, b 1');
  assert.equal(chosen(world, 'a c'), 'a 1, c 1');
  assert.equal(chosen(world, 'd'), 'a 1, c 1, d 1');
  assert.equal(chosen(world, 'e'), 'a 1, b 1, c 1, e 1');
});

test('Pre-Depends are chosen before Depends', () => {
  assert.equal(chosen(packages('a; Depends: b | c; Pre-Depends: c', 'b', 'c'), 'a'), 'a 1, c 1');
});

test('a real package beats a provider; providers go by priority, then the last of the index', () => {
  assert.equal(chosen(packages('a; Depends: v', 'p; Provides: v; Priority: required', 'v'), 'a'), 'a 1, v 1');
  const world = packages('a; Depends: v', 'p; Provides: v', 'q; Provides: v; Priority: important', 'r; Provides: v');
  assert.equal(chosen(world, 'a'), 'a 1, q 1');
  assert.equal(chosen(packages('a; Depends: v', 'p; Provides: v', 'r; Provides: v'), 'a'), 'a 1, r 1');
});

test('a versioned dependency is satisfied by a versioned Provides only', () => {
  const world = packages('a; Depends: v (>= 2)', 'p; Provides: v', 'q; Provides: v (= 1)', 'r 9; Provides: v (= 2)');
  assert.equal(chosen(world, 'a'), 'a 1, r 9');
});

test('what is provided in a range of versions, or for another architecture, is not provided', () => {
  const needs = (needed: string, provided: string) =>
    chosen(packages(`a; Depends: ${needed}`, `p; Provides: ${provided}`), 'a');
  assert.equal(needs('v', 'v (>= 5)'), 'no: unmet');
  assert.equal(needs('w (>= 3)', 'v (>= 5), w (= 5)'), 'a 1, p 1');
  assert.equal(needs('v', 'v:i386'), 'no: unmet');
  assert.equal(needs('v:any', 'v:i386'), 'no: unmet');
  assert.equal(needs('v', 'v:native'), 'no: unmet');
  assert.equal(needs('v', 'v:amd64'), 'a 1, p 1');
  assert.equal(needs('v', 'v:all'), 'a 1, p 1');
  assert.equal(needs('v', 'v:any'), 'no: unmet');
  assert.equal(needs('v:any', 'v:any'), 'a 1, p 1');
  assert.equal(needs('v:any', 'v:amd64'), 'no: unmet');
});

test('a last + or - is part of the name where there is such a name', () => {
  const world = packages('g++', 'g', 'x', 'x-', 'y+', 'awk; Provides: editor', 'only-');
  assert.equal(chosen(world, 'g++'), 'g++ 1');
  assert.equal(chosen(world, 'g+'), 'g 1');
  assert.equal(chosen(world, 'y+'), 'y+ 1');
  assert.equal(chosen(world, 'y++'), 'y+ 1');
  assert.equal(chosen(world, 'editor+'), 'awk 1');
  assert.equal(chosen(world, 'x-'), 'x- 1');
  assert.equal(chosen(world, 'x x-'), 'x 1, x- 1');
  assert.equal(chosen(world, 'only-'), 'only- 1');
  assert.equal(chosen(world, 'g+ g-'), 'g 1');
  assert.equal(chosen(world, 'zz+'), 'no: unknown');
});

test('the candidate: highest pin priority, then highest version', () => {
  const world = packages('a 1', 'a 2; Suite: updates', 'a 3; Suite: experimental; Pin: 1');
  assert.equal(chosen(world, 'a'), 'a 2');
  assert.equal(chosen(world, 'a=1'), 'a 1');
  assert.equal(chosen(world, 'a/experimental'), 'a 3');
  assert.equal(chosen(world, 'a=4'), 'no: version');
  assert.equal(chosen(world, 'a/sid'), 'no: version');
});

test('the same package of two suites counts once and is found by either', () => {
  const world = packages('a 2; Suite: stable', 'a 2; Suite: proposed; Pin: 100', 'a 1');
  assert.equal(chosen(world, 'a'), 'a 2');
  assert.equal(chosen(world, 'a/proposed'), 'a 2');
});

test('other versions than candidates only for the sake of a version that was asked for', () => {
  const world = packages('a 2; Depends: b (= 2)', 'a 1; Depends: b (= 1)', 'b 2', 'b 1', 'c; Depends: b (= 1)');
  assert.equal(chosen(world, 'a'), 'a 2, b 2');
  assert.equal(chosen(world, 'a=1'), 'a 1, b 1');
  assert.equal(chosen(world, 'c'), 'no: unmet');
});

test('conflicts and breaks lead to another choice', () => {
  const world = packages(
    'a; Depends: b | c, d',
    'b',
    'c',
    'd; Conflicts: b',
    'e; Depends: b | c, f',
    'f 2; Breaks: b (<< 1)',
    'g; Conflicts: c',
  );
  assert.equal(chosen(world, 'a'), 'a 1, c 1, d 1');
  assert.equal(chosen(world, 'e'), 'b 1, e 1, f 2');
  assert.equal(chosen(world, 'a g'), 'no: unmet');
});

test('a conflict with a virtual name keeps other providers out, not the package itself', () => {
  const world = packages(
    'a; Provides: mta; Conflicts: mta',
    'b; Provides: mta; Conflicts: mta',
    'm; Depends: a | b, b',
  );
  assert.equal(chosen(world, 'a'), 'a 1');
  assert.equal(chosen(world, 'm'), 'b 1, m 1');
  assert.equal(chosen(world, 'a b'), 'no: clash');
});

test('a choice deep down gives way to a need elsewhere', () => {
  const world = packages(
    'top; Depends: x, y',
    'x; Depends: x1 | x2',
    'x1; Depends: lib1',
    'x2; Depends: lib2',
    'y; Depends: deep',
    'deep; Depends: lib2',
    'lib1; Conflicts: lib2',
    'lib2',
  );
  assert.equal(chosen(world, 'top'), 'deep 1, lib2 1, top 1, x 1, x2 1, y 1');
});

test('Multi-Arch qualifiers', () => {
  const world = packages(
    'py; Multi-Arch: allowed',
    'f; Multi-Arch: foreign',
    'n',
    'a; Depends: py:any',
    'b; Depends: f:any',
    'c; Depends: n:native, n:amd64',
    'd; Depends: n:arm64',
    'e; Conflicts: n:any',
  );
  assert.equal(chosen(world, 'a'), 'a 1, py 1');
  assert.equal(chosen(world, 'b'), 'no: unmet');
  assert.equal(chosen(world, 'c'), 'c 1, n 1');
  assert.equal(chosen(world, 'd'), 'no: unmet');
  assert.equal(chosen(world, 'e n'), 'e 1, n 1');
});

test('requests: architecture, virtual names, unknown names', () => {
  const world = packages('a; Provides: v', 'b; Provides: w', 'c; Provides: w');
  assert.equal(chosen(world, 'a:amd64 b:native'), 'a 1, b 1');
  assert.equal(chosen(world, 'a:arm64'), 'no: unknown');
  assert.equal(chosen(world, 'v'), 'a 1');
  assert.equal(chosen(world, 'w'), 'no: virtual');
  assert.equal(chosen(world, 'w b-'), 'no: virtual');
  assert.equal(chosen(world, 'zzz v=2'), 'no: unknown, virtual');
});

test('exclusions: another alternative, a refusal, or nothing where the name is asked for as well', () => {
  const world = packages('a; Depends: b | c', 'b', 'c', 'd; Depends: b');
  assert.equal(chosen(world, 'a b-'), 'a 1, c 1');
  assert.equal(chosen(world, 'd b-'), 'no: unmet');
  assert.equal(chosen(world, 'b b-'), 'b 1');
  assert.equal(chosen(world, 'a zzz-'), 'no: unknown');
});

test('recommends that cannot be had are let go', () => {
  const world = packages('a; Recommends: gone, broken | d, clash', 'broken; Depends: gone', 'd', 'clash; Conflicts: a');
  assert.equal(chosen(world, 'a', { recommends: true }), 'a 1, d 1');
});

test('omitted packages count as there, with all that they would bring', () => {
  const world = packages(
    'a; Depends: debconf | debconf-2.0, b',
    'debconf; Depends: perl',
    'cdebconf; Provides: debconf-2.0',
    'perl',
    'b; Depends: debconf-2.0',
  );
  assert.equal(chosen(world, 'a', { omit: new Set(['debconf']) }), 'a 1, b 1, cdebconf 1');
  assert.equal(chosen(world, 'a', { omit: new Set(['debconf', 'debconf-2.0']) }), 'a 1, b 1');
  assert.equal(chosen(world, 'a', { omit: new Set(['debconf', 'cdebconf']) }), 'a 1, b 1');
});

test('installed packages satisfy, are never added, and may conflict', () => {
  const world = packages('a; Depends: libc', 'libc 2', 'b; Conflicts: old', 'c; Depends: libc (>= 2)', 'd; Depends: v');
  const installed = packages('libc 1', 'old; Provides: v; Conflicts: e', 'keeper; Conflicts: a');
  const without = installed.filter(({ name }) => name !== 'keeper');
  assert.equal(chosen(world, 'a', { installed: without }), 'a 1');
  assert.equal(chosen(world, 'a', { installed }), 'no: clash');
  assert.equal(chosen(world, 'b', { installed }), 'no: clash');
  assert.equal(chosen(world, 'c', { installed }), 'no: unmet');
  assert.equal(chosen(world, 'd libc', { installed }), 'd 1');
});

test('the answer says why each package is there and in which order they stand', () => {
  const world = packages(
    'a; Depends: b, c',
    'b; Depends: c',
    'c; Depends: loop1',
    'loop1; Depends: loop2',
    'loop2; Depends: loop1',
  );
  const answer = ask(world, 'a c');
  assert.ok(answer.ok);
  const show = (reason: Reason): string =>
    reason.type === 'request'
      ? `asked ${reason.text}`
      : 'from' in reason
        ? `${reason.type} of ${reason.from}`
        : reason.type;
  assert.deepEqual(
    answer.resolution.packages.map(({ record, reasons }) => `${record.name}: ${reasons.map(show).join(', ')}`),
    [
      'a: asked a',
      'b: depends of a',
      'c: asked c, depends of a, depends of b',
      'loop1: depends of c, depends of loop2',
      'loop2: depends of loop1',
    ],
  );
  assert.deepEqual(answer.resolution.order, ['loop1', 'loop2', 'c', 'b', 'a']);
});

test('a chain of 5,000 packages is no matter of stack', () => {
  const names = Array.from({ length: 5_000 }, (_, index) => `p${index}`);
  const world = packages(...names.map((name, index) => `${name}; Depends: ${names[index + 1] ?? 'p0'}`));
  const byName = new Map(world.map((record) => [record.name, [record]]));
  const universe = {
    architecture: 'amd64',
    candidates: (name: string) => byName.get(name) ?? [],
    providers: () => [],
    essentials: () => [],
    names: () => names,
  };
  const answer = resolve(universe, [{ text: 'p0', name: 'p0' }], { policy: fullPolicy, versions: debianVersions });
  assert.ok(answer.ok);
  assert.equal(answer.resolution.packages.length, 5_000);
});
