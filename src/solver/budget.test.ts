import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { debianVersions, fullPolicy, packages, requests, universeOf } from '../../test/support/universe.ts';
import { openUniverse } from '../distro/debian/universe.ts';
import type { PackageRecord, Universe } from '../distro/types.ts';
import { SlimimageError } from '../errors.ts';
import { buildPackagesIndex } from '../formats/deb822/packages-index.ts';
import { bytesSource, openPackagesIndex } from '../formats/deb822/packages-reader.ts';
import { Budget } from './budget.ts';
import { renderConflicts } from './render.ts';
import { createResolver } from './resolve.ts';

/** The answer of a world to a request, and the steps that it took. */
function measure(world: readonly string[] | Universe, request: string, budget = new Budget()) {
  const universe = 'names' in world ? world : universeOf(packages(...world));
  const resolver = createResolver(universe, { policy: fullPolicy, versions: debianVersions, budget });
  const answer = resolver.resolve(requests(request));
  return { answer, steps: budget.spent };
}

/** Twice the packages may take a little more than twice the steps, and not four times. */
function growsEvenly(world: (size: number) => readonly string[], request: string): void {
  const [half, whole] = [measure(world(200), request), measure(world(400), request)];
  assert.ok(whole.steps > 400 && whole.steps < half.steps * 2.5, `${half.steps} and then ${whole.steps} steps`);
}

function count<T>(size: number, make: (at: number) => T): readonly T[] {
  return Array.from({ length: size }, (_, at) => make(at));
}

/** More pigeons than holes: small to write down, and no search that learns clauses gets through it. */
function pigeons(holes: number): readonly string[] {
  const all = count(holes + 1, (pigeon) => pigeon);
  return [
    `root; Depends: ${all.map((pigeon) => `p${pigeon}`).join(', ')}`,
    ...all.map((pigeon) => `p${pigeon}; Depends: ${count(holes, (hole) => `p${pigeon}h${hole}`).join(' | ')}`),
    ...all.flatMap((pigeon) => count(holes, (hole) => `p${pigeon}h${hole}; Provides: h${hole}; Conflicts: h${hole}`)),
  ];
}

test('a search without an end is given up, with what was asked for and a way out', () => {
  const budget = new Budget(300_000);
  const refusal = (request: string): SlimimageError => {
    try {
      measure([...pigeons(9), 'other'], request, budget);
    } catch (error) {
      if (error instanceof SlimimageError) return error;
    }
    assert.fail('it was not refused');
  };
  const one = refusal('root');
  assert.equal(one.code, 'LIMIT_EXCEEDED');
  assert.match(one.message, /^Choosing packages for root was given up: /);
  assert.match(one.hint ?? '', /name=version/);
  assert.ok(budget.spent < 300_000, `${budget.spent} steps`);
  assert.match(refusal('other root').message, /for other, root was/);
  assert.match(refusal('other root').hint ?? '', /fewer packages at once/);
});

test('each request has the whole budget, whatever the one before it took', () => {
  const universe = universeOf(packages(...pigeons(9), 'other'));
  const resolver = createResolver(universe, {
    policy: fullPolicy,
    versions: debianVersions,
    budget: new Budget(300_000),
  });
  assert.throws(() => resolver.resolve(requests('root')), SlimimageError);
  assert.ok(resolver.resolve(requests('other')).ok);
});

test('an explanation that takes too long is cut short and says so', () => {
  const floors = 3;
  const names = (floor: number) => count(4, (at) => `f${floor}n${at}`);
  const world = [
    `root; Depends: ${names(0).join(' | ')}`,
    ...count(floors, (floor) => floor).flatMap((floor) =>
      names(floor).map((name) => `${name}; Depends: ${floor + 1 < floors ? names(floor + 1).join(' | ') : 'gone'}`),
    ),
  ];
  const full = measure(world, 'root');
  const short = measure(world, 'root', new Budget(full.steps * 0.7));
  const textOf = ({ answer }: ReturnType<typeof measure>) => (answer.ok ? '' : renderConflicts(answer.conflicts));
  assert.doesNotMatch(textOf(full), /not looked into/);
  assert.match(textOf(short), /^root 1 cannot be installed: it needs f0n0 \|/);
  assert.match(textOf(short), /not looked into: there are too many ways to combine packages/);
});

test('the work for a chain grows with its length, and its links are all told', () => {
  const chain = (size: number) => count(size, (at) => `d${at}; Depends: d${at + 1}`);
  growsEvenly(chain, 'd0');
  growsEvenly((size) => [...chain(size), `d${size}`], 'd0');
  const { answer } = measure(chain(400), 'd0');
  const [conflict] = answer.ok ? [] : answer.conflicts;
  assert.ok(conflict?.type === 'unmet');
  assert.deepEqual(
    conflict.chain,
    count(400, (at) => `d${at}`),
  );
});

test('the work for alternatives that all fail grows with their number', () => {
  growsEvenly(
    (size) => [
      `root; Depends: ${count(size, (at) => `a${at}`).join(' | ')}`,
      ...count(size, (at) => `a${at}; Depends: gone`),
    ],
    'root',
  );
});

test('the work for providers that all conflict with each other grows with their number', () => {
  const providers = (size: number) => count(size, (at) => `c${at}; Provides: v; Conflicts: v`);
  growsEvenly((size) => ['root; Depends: v', ...providers(size)], 'root');
  const all = (size: number) => [`root; Depends: ${count(size, (at) => `c${at}`).join(', ')}`, ...providers(size)];
  growsEvenly(all, 'root');
  const { answer } = measure(all(400), 'root');
  const [conflict] = answer.ok ? [] : answer.conflicts;
  assert.ok(conflict?.type === 'clash' && (conflict.also?.length ?? 0) < 100);
});

test('packages that keep thousands of others out are part of the budget', () => {
  const world = [
    `root; Depends: ${count(300, (at) => `c${at}`).join(', ')}`,
    ...count(300, (at) => `c${at}; Conflicts: v`),
    ...count(300, (at) => `d${at}; Provides: v`),
  ];
  assert.ok(measure(world, 'root').steps > 300 * 300);
  assert.throws(() => measure(world, 'root', new Budget(50_000)), { code: 'LIMIT_EXCEEDED' });
});

test('of many versions of one package each is looked at a few times', () => {
  let looks = 0;
  const versions = packages(...count(2_000, (at) => `m ${at}`)).map((record): PackageRecord => {
    const { sha256 } = record;
    return Object.defineProperty({ ...record }, 'sha256', { get: () => [sha256, looks++][0] });
  });
  const universe = universeOf([...packages('root; Depends: m (>= 1)'), ...versions]);
  assert.ok(measure(universe, 'root').answer.ok);
  assert.ok(looks <= 2_000 * 4, `${looks} looks`);
});

const fixture = new URL('../../../shared/fixtures/apt-oracle-bookworm/Packages.gz', import.meta.url);

test('packages of Debian need a small part of the budget', { skip: !existsSync(fixture) && 'no fixtures' }, () => {
  const bytes = gunzipSync(readFileSync(fixture));
  const index = openPackagesIndex(buildPackagesIndex(bytes), bytesSource(bytes));
  const origin = { archive: 'debian', suite: 'bookworm', component: 'main', priority: 500 };
  const universe = openUniverse({ architecture: 'amd64', indexes: [{ index, origin }] });
  const budget = new Budget(1_000_000);
  const policy = { ...fullPolicy, recommends: true };
  const resolver = createResolver(universe, { policy, versions: debianVersions, budget });
  const names = [...universe.names()];
  for (const name of names) resolver.resolve([{ text: name, name }]);
  resolver.resolve(names.slice(0, 50).map((name) => ({ text: name, name })));
});
