import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { findElsewhere, type Place, type PlacesAnswer } from '../../src/archive/elsewhere.ts';
import { fetchRelease } from '../../src/archive/fetch-release.ts';
import { loadKeys } from '../../src/archive/key-sets.ts';
import { type ArchiveReader, startReader } from '../support/archive-reader.ts';
import { archiveToday, startArchive, type TestArchive } from '../support/archive-server.ts';
import { status } from '../support/http-behaviours.ts';
import { failsWith } from '../support/http-client.ts';

let archive: TestArchive;
let reader: ArchiveReader;

beforeEach(async () => {
  archive = await startArchive();
  reader = await startReader();
  await archive.publish({
    architectures: ['amd64', 'arm64'],
    components: {
      main: [{ name: 'hello' }, { name: 'arm-only', architecture: 'arm64' }],
      extra: [{ name: 'driver', version: '1-1' }],
      more: [{ name: 'driver', version: '3-1' }],
    },
  });
  await archive.publish({ suite: 'trixie-backports', components: { main: [{ name: 'driver', version: '2-1' }] } });
});

afterEach(async () => {
  await reader[Symbol.asyncDispose]();
  await archive[Symbol.asyncDispose]();
});

function place(changes: Partial<Place> = {}): Place {
  const suite = changes.suite ?? 'trixie';
  const components = { not: ['main'] };
  return { spec: archive.spec(), suite, architecture: 'amd64', components, ...changes };
}

async function look(names: string, places: readonly Place[], offline = false): Promise<PlacesAnswer<Place>> {
  const { store, client: http } = reader;
  return findElsewhere(names.split(' '), places, { store, http, offline, now: () => archiveToday.getTime() });
}

/** `NAME VERSION ARCHITECTURE: SUITE/COMPONENT` */
function drawn({ found }: PlacesAnswer<Place>): readonly string[] {
  return found.map(({ name, version, architecture, place, component }) => {
    return `${name} ${version} ${architecture}: ${place.suite}/${component}`;
  });
}

test('other components of a suite, other suites, other architectures, in the order of the places', async () => {
  const places = [
    place({ suite: 'trixie-backports', components: { only: ['main', 'contrib'] } }),
    place(),
    place({ architecture: 'arm64', components: { only: ['main'] } }),
  ];
  assert.deepEqual(drawn(await look('driver arm-only nothing', places)), [
    'driver 2-1 amd64: trixie-backports/main',
    'driver 1-1 amd64: trixie/extra',
    'driver 3-1 amd64: trixie/more',
    'arm-only 1.0-1 arm64: trixie/main',
  ]);
});

test('a suite that is not there has nothing; one that cannot be asked is named', async () => {
  archive.server.on(archive.path('dists/broken/InRelease'), status(500));
  const answer = await look('driver', [place({ suite: 'gone' }), place({ suite: 'broken' }), place()]);
  assert.deepEqual(answer.unreachable, ['test broken (amd64): the server answered 500 Internal Server Error']);
  assert.equal(answer.found.length, 2);
});

test('a suite that another key has signed is not believed', async () => {
  await using other = await startArchive();
  const [spec] = [archive.spec({ signedBy: [other.keyFile] })];
  const answer = await look('driver', [place({ spec })]);
  assert.deepEqual(answer, { found: [], unreachable: ['test trixie (amd64): another key has signed it'] });
});

test('an expired suite is good enough to look at, and no build takes it for that', async () => {
  const suite = 'trixie-backports';
  const fields = { 'Valid-Until': 'Mon, 02 Feb 2026 00:00:00 UTC' };
  const date = new Date('2026-02-01T00:00:00Z');
  await archive.publish({ suite, date, components: { main: [{ name: 'driver', version: '2-1' }] }, fields });
  const places = [place({ suite, components: { only: ['main'] } })];
  const expected = ['driver 2-1 amd64: trixie-backports/main'];
  assert.deepEqual(drawn(await look('driver', places)), expected);
  const { store, client: http } = reader;
  const context = { store, http, now: () => archiveToday.getTime() };
  const spec = archive.spec();
  const keys = await loadKeys(spec.signedBy, spec.name);
  await failsWith('RELEASE_EXPIRED', fetchRelease(spec, suite, { keys, context }));
  await failsWith('OFFLINE', fetchRelease(spec, suite, { keys, context: { ...context, offline: true } }));
});

test('offline, what the store holds counts, and what it does not hold is passed over', async () => {
  assert.deepEqual(await look('driver', [place()], true), { found: [], unreachable: [] });
  await look('driver', [place()]);
  archive.server.forget();
  const places = [place(), place({ suite: 'trixie-backports', components: { only: ['main'] } })];
  assert.deepEqual(drawn(await look('driver', places, true)), [
    'driver 1-1 amd64: trixie/extra',
    'driver 3-1 amd64: trixie/more',
  ]);
  assert.equal(archive.server.requests.length, 0);
});

test('a stop is a stop', async () => {
  const { store, client: http } = reader;
  const context = { store, http, now: () => archiveToday.getTime(), signal: AbortSignal.abort() };
  await failsWith('ABORTED', findElsewhere(['driver'], [place()], context));
});
