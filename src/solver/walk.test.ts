import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { debianVersions, fullPolicy, packages, universeOf } from '../../test/support/universe.ts';
import { openUniverse } from '../distro/debian/universe.ts';
import type { Universe } from '../distro/types.ts';
import { buildPackagesIndex } from '../formats/deb822/packages-index.ts';
import { bytesSource, openPackagesIndex } from '../formats/deb822/packages-reader.ts';
import { Catalog } from './catalog.ts';
import { PackageGraph } from './graph.ts';
import { makeResolution } from './resolution.ts';
import { search } from './search.ts';
import type { SolverPolicy } from './types.ts';
import { walk } from './walk.ts';

const fixture = new URL('../../../shared/fixtures/apt-oracle-bookworm/Packages.gz', import.meta.url);

test('a walk and a search give one answer, for packages of Debian', {
  skip: !existsSync(fixture) && 'no fixtures',
}, () => {
  const bytes = gunzipSync(readFileSync(fixture));
  const index = openPackagesIndex(buildPackagesIndex(bytes), bytesSource(bytes));
  const origin = { archive: 'debian', suite: 'bookworm', component: 'main', priority: 500 };
  const universe = openUniverse({ architecture: 'amd64', indexes: [{ index, origin }] });
  const names = [...universe.names()];
  const draw = (step: number) => names.filter((_, at) => at % step === 0);
  const pairs = draw(2).map((name, at) => [name, names[(at * 7919) % names.length] ?? name]);
  for (const recommends of [false, true]) {
    const compare = comparison(universe, { ...fullPolicy, recommends });
    const walked = [...draw(1).map((name) => [name]), ...pairs].filter((request) => compare(request) === 'walked');
    assert.ok(walked.length > (names.length + pairs.length) * 0.9, `${walked.length} without a search`);
  }
});

test('a walk and a search give one answer, whatever the packages say', () => {
  const name = fc.constantFrom(...'abcdefghij');
  const list = (max: number) => fc.array(name, { maxLength: max }).map((names) => names.join(', '));
  const group = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join(' | '));
  const groups = fc.array(group, { maxLength: 3 }).map((all) => all.join(', '));
  const world = fc
    .tuple(...[...'abcdefghij'].map((own) => fc.tuple(fc.constant(own), groups, groups, list(1), list(1), list(1))))
    .map((all) =>
      packages(
        ...all.map(([own, ...values]) => {
          const fields = ['Depends', 'Recommends', 'Pre-Depends', 'Conflicts', 'Provides'];
          const written = fields.map((field, at) => `${field}: ${values[at]}`).filter((field) => !field.endsWith(' '));
          return [own, ...written].join('; ');
        }),
      ),
    );
  fc.assert(
    fc.property(
      world,
      fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (records, asked, recommends) => {
        comparison(universeOf(records), { ...fullPolicy, recommends })(asked);
      },
    ),
    { numRuns: 3_000 },
  );
});

/** Asks both, on one graph for all requests; says how the answer came. */
function comparison(universe: Universe, policy: SolverPolicy) {
  const options = { universe, versions: debianVersions, policy, pinned: new Map(), excluded: new Set<string>() };
  const graph = new PackageGraph(new Catalog({ ...options, allVersions: false }));
  return (names: readonly string[]): 'walked' | 'searched' => {
    const roots = names.flatMap((name) => {
      const [record] = graph.catalog.domain(name);
      return record === undefined ? [] : [{ request: { text: name, name }, record }];
    });
    const vertices = roots.map(({ record }) => graph.vertex(record));
    const turn = walk(graph, vertices);
    if (turn === undefined) return 'searched';
    const walked = makeResolution(graph, roots, turn);
    const found = search(graph, vertices);
    assert.ok(found, names.join(' '));
    assert.deepEqual(shown(makeResolution(graph, roots, graph.choose(found))), shown(walked), names.join(' '));
    return 'walked';
  };
}

/** Names instead of records: what differs is found in them, and comparing takes a tenth of the time. */
function shown({ packages: all, order }: ReturnType<typeof makeResolution>) {
  return {
    all: all.map(({ record, reasons }) => [
      record.name,
      record.version,
      reasons.map((reason) => ('from' in reason ? `${reason.type} ${reason.from}` : reason.type)).join(),
    ]),
    order,
  };
}
