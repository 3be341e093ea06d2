/** `from: PRESET@TIME`: the indexes of a snapshot archive alone, whatever has expired since, .debs from wherever they are. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type ArchiveReader, startReader, versionsOf } from '../../test/support/archive-reader.ts';
import { makeSigner, type SuiteRecipe, startArchive, type TestArchive } from '../../test/support/archive-server.ts';
import { content, status } from '../../test/support/http-behaviours.ts';
import { failsWith } from '../../test/support/http-client.ts';
import { startHttpServer, type TestServer } from '../../test/support/http-server.ts';
import { isSlimimageError } from '../errors.ts';
import { fetchDebs } from './fetch-debs.ts';
import { locatePreset } from './mirrors.ts';
import { findPreset } from './presets.ts';
import type { ArchiveSpec } from './types.ts';

const timestamp = '20260901T000000Z';
const then = new Date('2026-08-31T20:00:00Z');

let mirror: TestArchive;
let snapshot: TestServer;
let reader: ArchiveReader;

beforeEach(async () => {
  mirror = await startArchive();
  snapshot = await startHttpServer();
  reader = await startReader();
});

afterEach(async () => {
  await reader[Symbol.asyncDispose]();
  await mirror[Symbol.asyncDispose]();
  await snapshot.close();
});

function past(changes: Partial<ArchiveSpec> = {}): ArchiveSpec {
  const pattern = snapshot.url('/{archive}/{timestamp}');
  return mirror.spec({ snapshot: pattern, timestamp, checkValidUntil: false, ...changes });
}

/** Hello 1 then, in the snapshot archive; hello 2 today, on the mirror. */
async function twoStates(recipe: Partial<SuiteRecipe> = {}) {
  const components = { main: [{ name: 'hello', packing: 'none', files: { '/usr/bin/hello': 'then' } }] } as const;
  const before = await mirror.publish({ components, date: then, ...recipe });
  for (const [path, bytes] of before.files) snapshot.serve({ [`/test/${timestamp}/${path}`]: bytes });
  await mirror.publish({ components: { main: [{ name: 'hello', version: '2.0-1' }] } });
  mirror.server.forget();
  return before;
}

test('every index from the snapshot archive, although it has expired; the mirror is asked for .debs first', async () => {
  await twoStates({ validUntil: new Date('2026-09-08') });
  const { universe, releases } = await reader.open([past()]);
  const [record] = universe.candidates('hello');
  assert.equal(record?.version, '1.0-1');
  assert.equal(releases[0]?.date, '2026-08-31T20:00:00Z');
  assert.equal(mirror.server.requests.length, 0);
  snapshot.forget();
  const options = { store: reader.store, http: reader.client, archives: [past()], releases };
  await fetchDebs(record === undefined ? [] : [record], options);
  assert.equal(mirror.server.requests.length, 1);
  assert.equal(snapshot.requests.length, 0, 'the mirror still had it');
});

test('a .deb that has left the mirror is at the same time in the snapshot archive, and at no other', async () => {
  const { debs } = await twoStates();
  const { universe, releases } = await reader.open([past()]);
  const deb = debs.get('hello') ?? '';
  mirror.server.on(mirror.path(deb), status(404));
  snapshot.forget();
  const options = { store: reader.store, http: reader.client, archives: [past()], releases };
  await fetchDebs(universe.candidates('hello'), options);
  snapshot.otherwise(status(404));
  assert.deepEqual(
    snapshot.requests.map(({ path }) => path),
    [`/test/${timestamp}/${deb}`],
  );
});

test('both states are remembered, each for itself, offline too', async () => {
  await twoStates();
  const today = mirror.spec();
  for (const offline of [false, true]) {
    assert.deepEqual(versionsOf(await reader.open([today], { offline }), 'hello'), ['2.0-1 trixie 500']);
    assert.deepEqual(versionsOf(await reader.open([past()], { offline }), 'hello'), ['1.0-1 trixie 500']);
  }
  await failsWith('OFFLINE', reader.open([past({ timestamp: '20260831T210000Z' })], { offline: true }));
});

test('a snapshot archive that throttles is waited for', async () => {
  const { files } = await twoStates();
  const path = `/test/${timestamp}/dists/trixie/InRelease`;
  const inRelease = content(files.get('dists/trixie/InRelease') ?? '');
  snapshot.on(path, status(429, { 'retry-after': '9' }), inRelease);
  assert.deepEqual(versionsOf(await reader.open([past()]), 'hello'), ['1.0-1 trixie 500']);
  assert.deepEqual(reader.client.waits, [9000]);
});

test('a key that has expired since is trusted as it was then, and for nothing of today', async () => {
  const signer = await makeSigner('short-lived', { expires: new Date('2026-10-01') });
  await twoStates({ signers: [signer] });
  const key = join(reader.store.root, 'key.asc');
  await writeFile(key, signer.toPublic().armor());
  const spec = past({ signedBy: [key] });
  assert.deepEqual(versionsOf(await reader.open([spec]), 'hello'), ['1.0-1 trixie 500']);
  const urls = [snapshot.url(`/test/${timestamp}`)];
  await failsWith('SIGNATURE_INVALID', reader.open([{ ...spec, timestamp: undefined, urls }]));
});

describe('refused', () => {
  test('a Release of later than was asked for (RELEASE_INVALID)', async () => {
    await twoStates({ date: new Date('2026-09-01T02:00:00Z') });
    const { message } = await failsWith('RELEASE_INVALID', reader.open([past()]));
    assert.match(message, /is of 2026-09-01T02:00:00Z, but the state of 2026-09-01T00:00:00Z was asked for/);
  });

  test('a signature of a stranger (SIGNATURE_UNKNOWN_KEY), or over other bytes (SIGNATURE_INVALID)', async () => {
    const { files } = await twoStates({ signers: [await makeSigner('stranger')] });
    await failsWith('SIGNATURE_UNKNOWN_KEY', reader.open([past()]));
    const text = Buffer.from((await twoStates()).files.get('dists/trixie/InRelease') ?? '').toString();
    snapshot.on(`/test/${timestamp}/dists/trixie/InRelease`, content(text.replace('Origin: Test', 'Origin: Evil')));
    await failsWith('SIGNATURE_INVALID', reader.open([past()]));
    assert.ok(files.size > 0);
  });

  test('a state that the snapshot archive does not have (HTTP_STATUS)', async () => {
    await failsWith('HTTP_STATUS', reader.open([past()]));
    assert.equal(mirror.server.requests.length, 0);
  });
});

test('a preset at a time: its own snapshot archive, or the one that is named, or an error', () => {
  const debian = locatePreset(findPreset('debian/trixie'), 'amd64', { timestamp, env: {} });
  assert.deepEqual(
    debian.map(({ name, snapshot: pattern, checkValidUntil, timestamp: time }) => [
      name,
      pattern,
      checkValidUntil,
      time,
    ]),
    ['debian', 'debian-security'].map((name) => [
      name,
      'https://snapshot.debian.org/archive/{archive}/{timestamp}',
      false,
      timestamp,
    ]),
  );
  const named = { timestamp, snapshot: 'https://s.example/{archive}/{timestamp}' };
  assert.equal(locatePreset(findPreset('ubuntu/noble'), 'amd64', named)[0]?.snapshot, named.snapshot);
  assert.throws(
    () => locatePreset(findPreset('debian/trixie'), 'amd64', { timestamp, env: { SLIMIMAGE_SNAPSHOT: 'none' } }),
    (error) => isSlimimageError(error, 'CONFIG_INVALID') && error.message.includes(`debian/trixie@${timestamp}`),
  );
  const today = locatePreset(findPreset('debian/trixie'), 'amd64', { env: {} });
  assert.equal(today[0]?.checkValidUntil, true);
});
