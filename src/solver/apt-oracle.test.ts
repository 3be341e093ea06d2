import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { debianVersions, fullPolicy, requests } from '../../test/support/universe.ts';
import { openUniverse } from '../distro/debian/universe.ts';
import { buildPackagesIndex } from '../formats/deb822/packages-index.ts';
import { bytesSource, openPackagesIndex } from '../formats/deb822/packages-reader.ts';
import { renderConflicts } from './render.ts';
import { resolve } from './resolve.ts';

interface Case {
  readonly request: readonly string[];
  readonly ok: boolean;
  /** `name=version:architecture` */
  readonly install: readonly string[];
  /** Of a refusal. */
  readonly apt_message?: readonly string[];
}

const folder = new URL('../../../shared/fixtures/apt-oracle-bookworm/', import.meta.url);
const needsFixtures = { skip: !existsSync(folder) && 'no fixtures' };

test('the same packages and the same refusals as apt', needsFixtures, () => {
  const { universe, cases } = openFixtures();
  assert.equal(cases.length, 91);
  for (const { request, ok, install } of cases) {
    const answer = resolve(universe, requests(request.join(' ')), { policy: fullPolicy, versions: debianVersions });
    const chosen = answer.ok
      ? answer.resolution.packages.map(({ record }) => `${record.name}=${record.version}:${record.architecture}`)
      : [];
    assert.equal(answer.ok, ok, request.join(' '));
    assert.deepEqual(chosen.toSorted(), install.toSorted(), request.join(' '));
  }
});

test("a refusal names every package, version and relation that apt's names", needsFixtures, () => {
  const { universe, cases } = openFixtures();
  const refused = cases.filter(({ ok }) => !ok);
  assert.equal(refused.length, 9);
  for (const { request, apt_message: message = [] } of refused) {
    const answer = resolve(universe, requests(request.join(' ')), { policy: fullPolicy, versions: debianVersions });
    const ours = answer.ok ? '' : renderConflicts(answer.conflicts);
    const facts = message.flatMap(factsOf);
    assert.ok(facts.length > 0);
    for (const fact of facts) assert.ok(ours.includes(fact), `${request.join(' ')}: "${fact}" is not in\n${ours}`);
  }
});

/** What is said of which package, in apt's words and then in ours. */
function factsOf(line: string): readonly string[] {
  const [, a = '', b = '', version = ''] =
    /^ (\S+) : Conflicts: (\S+)(?: but (\S+) is to be installed)?/.exec(line) ?? [];
  if (a !== '') return [a, `conflicts with ${b}`, version];
  const [, wanted = '', of = ''] = /^E: Version '(.*)' for '(.*)' was not found/.exec(line) ?? [];
  if (wanted !== '') return [`no archive has version ${wanted} of ${of}`];
  const [, virtual] = /^E: Package '(.*)' has no installation candidate/.exec(line) ?? [];
  if (virtual !== undefined) return [`${virtual} is not a package`];
  const [, unknown] = /^E: Unable to locate package (.*)/.exec(line) ?? [];
  return unknown === undefined ? [] : [`${unknown}: `];
}

function openFixtures() {
  const bytes = gunzipSync(readFileSync(new URL('Packages.gz', folder)));
  const index = openPackagesIndex(buildPackagesIndex(bytes), bytesSource(bytes));
  const origin = { archive: 'debian', suite: 'bookworm', component: 'main', priority: 500 };
  const universe = openUniverse({ architecture: 'amd64', indexes: [{ index, origin }] });
  const { cases }: { cases: readonly Case[] } = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));
  return { universe, cases };
}
