/** What has left the mirrors: real servers, some of which have lost it, throttle, cut, lie or are gone. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type FetchDebsOptions, fetchDebs } from '../../src/archive/fetch-debs.ts';
import { locateSnapshot, snapshotUrls } from '../../src/archive/snapshot.ts';
import type { PackageRecord } from '../../src/distro/types.ts';
import { isSlimimageError } from '../../src/errors.ts';
import { sha256Hex } from '../../src/util/digest.ts';
import { type ArchiveReader, startReader } from '../support/archive-reader.ts';
import { type PublishedSuite, startArchive, type TestArchive } from '../support/archive-server.ts';
import { after, type Behaviour, content, cutAfter, status } from '../support/http-behaviours.ts';
import { failsWith, startClient } from '../support/http-client.ts';
import { startHttpServer, type TestServer } from '../support/http-server.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const main = names.map((name) => ({ name, packing: 'none', files: { [`/usr/${name}`]: name.repeat(3000) } }) as const);

let mirror: TestArchive;
let snapshot: TestServer;
let reader: ArchiveReader;
let published: PublishedSuite;
let records: readonly PackageRecord[];

beforeEach(async () => {
  mirror = await startArchive();
  snapshot = await startHttpServer();
  reader = await startReader();
  published = await mirror.publish({ components: { main }, date: new Date('2026-11-20T08:00:00Z') });
  const { universe } = await reader.open([mirror.spec()]);
  records = names.flatMap((name) => universe.candidates(name));
  mirror.server.forget();
});

afterEach(async () => {
  await reader[Symbol.asyncDispose]();
  await mirror[Symbol.asyncDispose]();
  await snapshot.close();
});

const releases = [{ archive: 'test', suite: 'trixie', date: '2026-11-20T08:00:00Z' }];
const pattern = () => snapshot.url('/archive/{archive}/{timestamp}');

function fetch(wanted: readonly PackageRecord[], changes: Partial<FetchDebsOptions> & { urls?: string[] } = {}) {
  const { urls = [mirror.url], ...others } = changes;
  const archives = [{ name: 'test', urls, snapshot: pattern() }];
  return fetchDebs(wanted, { store: reader.store, http: reader.client, archives, releases, ...others });
}

const first = () => records[0] as PackageRecord;
const bytesOf = (record: PackageRecord) => published.files.get(record.origin.path) ?? new Uint8Array();
const onMirror = (record: PackageRecord) => mirror.path(record.origin.path);
const atTime = (record: PackageRecord, time = '20261120T080000Z') => `/archive/test/${time}/${record.origin.path}`;

/** All .debs have left the mirror; the snapshot archive has them and answers so. */
function gone(behave: (bytes: Uint8Array) => Behaviour = content): void {
  for (const record of records) {
    mirror.server.on(onMirror(record), status(404));
    snapshot.on(atTime(record), behave(bytesOf(record)));
  }
}

test('the store, each mirror in turn, then the snapshot archive at the time of the Release', async () => {
  await using second = await startArchive();
  gone();
  const [fetched] = await fetch([first()], { urls: [mirror.url, second.url] });
  assert.equal(sha256Hex(await readFile(fetched?.file ?? '')), first().sha256);
  const asked = [...mirror.server.requests, ...second.server.requests, ...snapshot.requests];
  assert.deepEqual(
    asked.map(({ path }) => path),
    [onMirror(first()), onMirror(first()), atTime(first())],
  );
  for (const server of [mirror.server, second.server, snapshot]) server.forget();
  await fetch([first()]);
  assert.equal(mirror.server.requests.length + second.server.requests.length + snapshot.requests.length, 0);
});

test('a mirror that has it is enough', async () => {
  await using empty = await startArchive();
  await fetch([first()], { urls: [empty.url, mirror.url] });
  assert.equal(snapshot.requests.length, 0);
});

for (const [what, behaviour] of [
  ['has other bytes', content('nonsense')],
  ['says that it is gone', status(410)],
  ['is broken', status(501)],
] as const) {
  test(`a mirror that ${what}`, async () => {
    gone();
    mirror.server.on(onMirror(first()), behaviour);
    await fetch([first()]);
    assert.equal(snapshot.requests.length, 1);
  });
}

test('a mirror that nobody reaches', async () => {
  gone();
  await mirror.server.close();
  await fetch(records);
  assert.equal(snapshot.requests.length, records.length);
});

test('what the Release brought is in the next state that the snapshot archive took', async () => {
  gone();
  snapshot.on(atTime(first()), status(404));
  snapshot.on(atTime(first(), '20261121T080000Z'), content(bytesOf(first())));
  await fetch([first()]);
  assert.deepEqual(
    snapshot.requests.map(({ path }) => path),
    [atTime(first()), atTime(first(), '20261121T080000Z')],
  );
});

test('no more than two requests at a time, whatever else one client is asked for', async () => {
  gone((bytes) => after(20, content(bytes)));
  for (const [path, bytes] of published.files) {
    if (path.startsWith('dists/')) snapshot.on(`/archive/test/20261120T120000Z/${path}`, after(20, content(bytes)));
  }
  const past = mirror.spec({ snapshot: pattern(), timestamp: '20261120T120000Z', checkValidUntil: false });
  await Promise.all([fetch(records.slice(0, 4)), fetch(records.slice(4)), reader.open([past]), reader.open([past])]);
  assert.ok(snapshot.requests.length >= records.length + 2);
  assert.equal(snapshot.connections.busiest, 2);
});

test('who is told to wait keeps the place, so that the others do not press on', async () => {
  gone();
  snapshot.on(atTime(first()), status(429, { 'retry-after': '7' }), status(503), content(bytesOf(first())));
  await fetch(records);
  assert.deepEqual(reader.client.waits, [7000, 1000]);
  assert.equal(snapshot.requestsTo(atTime(first())).length, 3);
  assert.equal(snapshot.connections.busiest <= 2, true);
});

describe('what was cut is continued', () => {
  test('by the next run, at the snapshot archive', async () => {
    gone();
    snapshot.on(atTime(first()), cutAfter(bytesOf(first()), 1500));
    await using hasty = startClient({ retry: { attempts: 1 } });
    await failsWith('DOWNLOAD_SHORT', fetch([first()], { http: hasty }));
    snapshot.on(atTime(first()), content(bytesOf(first())));
    snapshot.forget();
    await fetch([first()]);
    assert.deepEqual(
      snapshot.requests.map(({ headers }) => headers['range']),
      ['bytes=1500-'],
    );
  });

  test('in the same run, where the mirror left off', async () => {
    gone();
    mirror.server.on(onMirror(first()), cutAfter(bytesOf(first()), 1000), status(404));
    const [fetched] = await fetch([first()]);
    assert.equal(snapshot.requests[0]?.headers['range'], 'bytes=1000-');
    assert.equal(sha256Hex(await readFile(fetched?.file ?? '')), first().sha256);
  });

  test('and wrong bytes of the mirror are not', async () => {
    gone();
    mirror.server.on(onMirror(first()), cutAfter(Buffer.alloc(first().size, 'x'), 1000), status(404));
    const [fetched] = await fetch([first()]);
    assert.equal(sha256Hex(await readFile(fetched?.file ?? '')), first().sha256);
  });
});

describe('gone everywhere', () => {
  test('package, version and every place are named, no password, and what to do', async () => {
    const secret = mirror.url.replace('http://', 'http://ann:s3cret@');
    mirror.server.on(onMirror(first()), status(404));
    const error = await failsWith('HTTP_STATUS', fetch([first()], { urls: [secret] }));
    const shown = error.message.replaceAll(mirror.server.host, 'mirror.example');
    assert.equal(
      shown.replaceAll(snapshot.host, 'snapshot.example'),
      `a 1.0-1 (amd64) of the archive test is gone from every place that was asked:
  mirror: http://mirror.example/debian/pool/main/a/a/a_1.0-1_amd64.deb: the server answered 404 Not Found
  snapshot archive: http://snapshot.example/archive/test/20261120T080000Z/pool/main/a/a/a_1.0-1_amd64.deb: the server answered 404 Not Found
  snapshot archive: http://snapshot.example/archive/test/20261121T080000Z/pool/main/a/a/a_1.0-1_amd64.deb: the server answered 404 Not Found`,
    );
    assert.equal(
      error.hint,
      'take what the archive has now (with a lock: slimimage update --write), or name a place that still has it: mirrors: or snapshot:',
    );
  });

  test('a snapshot archive that is down is asked once, and the error does not say that it is gone', async () => {
    mirror.server.on(onMirror(first()), status(404));
    snapshot.otherwise(status(501));
    const error = await failsWith('HTTP_STATUS', fetch([first()]));
    assert.match(error.message, /could not be fetched from any place/);
    assert.equal(snapshot.requests.length, 1);
  });

  test('wrong bytes everywhere (DIGEST_MISMATCH), and nothing of them stays', async () => {
    const kept = await reader.kept();
    const wrong = Buffer.alloc(first().size, 'x');
    mirror.server.on(onMirror(first()), content(wrong));
    snapshot.otherwise(content(wrong));
    await failsWith('DIGEST_MISMATCH', fetch([first()]));
    assert.deepEqual(await reader.kept(), kept);
  });

  test('progress is one task, ended once', async () => {
    const seen: string[] = [];
    mirror.server.on(onMirror(first()), cutAfter(bytesOf(first()), 1000), status(404));
    snapshot.otherwise(status(404));
    const onEvent: FetchDebsOptions['onEvent'] = (event) => seen.push(event.type);
    await failsWith('HTTP_STATUS', fetch([first()], { onEvent }));
    assert.equal(seen[0], 'task');
    assert.deepEqual(
      seen.filter((type) => type === 'task' || type === 'done'),
      ['task', 'done'],
    );
  });
});

describe('where a snapshot archive is', () => {
  const debian = 'https://snapshot.debian.org/archive/{archive}/{timestamp}';

  test('the configuration, else the environment, else the preset; none is none', () => {
    const env = { SLIMIMAGE_SNAPSHOT: 'http://ann:pw@s.example/{timestamp}/' };
    assert.equal(locateSnapshot({ env }, debian), 'http://ann:pw@s.example/{timestamp}');
    assert.equal(
      locateSnapshot({ env, snapshot: 'https://c.example/{timestamp}' }, debian),
      'https://c.example/{timestamp}',
    );
    assert.equal(locateSnapshot({ env: {} }, debian), debian);
    assert.equal(locateSnapshot({ env, snapshot: 'none' }, debian), undefined);
    assert.equal(locateSnapshot({ env: { SLIMIMAGE_SNAPSHOT: 'none' } }, debian), undefined);
    assert.equal(locateSnapshot({}), undefined);
    for (const url of [
      'ftp://ann:s3cret@h/{timestamp}',
      'https://h.example/',
      'https://{timestamp}/x',
      'x',
      'http://h/{timestamp}/{x}',
    ]) {
      assert.throws(
        () => locateSnapshot({ env: { SLIMIMAGE_SNAPSHOT: url } }),
        (error) => isSlimimageError(error, 'CONFIG_INVALID') && !error.message.includes('s3cret'),
        url,
      );
    }
  });

  test('at the date of the suite’s own Release and a day later; at the time asked for; nowhere without either', () => {
    const origin = { archive: 'debian-security', suite: 'trixie-security' };
    const dates = [
      { archive: 'debian', suite: 'trixie', date: '2026-09-01T00:00:00Z' },
      { archive: 'debian-security', suite: 'trixie-security', date: '2026-11-19T20:05:09Z' },
      { archive: 'debian-security', suite: 'trixie-security', date: '2026-11-18T20:05:09Z' },
    ];
    const base = 'https://snapshot.debian.org/archive/debian-security/';
    assert.deepEqual(snapshotUrls(origin, { snapshot: debian }, dates), [
      `${base}20261119T200509Z`,
      `${base}20261120T200509Z`,
      `${base}20261118T200509Z`,
    ]);
    const asked = { snapshot: debian, timestamp: '20260901T000000Z' };
    assert.deepEqual(snapshotUrls(origin, asked, dates), [`${base}20260901T000000Z`]);
    assert.deepEqual(snapshotUrls(origin, { snapshot: debian }, []), []);
    assert.deepEqual(snapshotUrls(origin, { snapshot: debian }, [{ ...origin, date: '' }]), []);
    assert.deepEqual(snapshotUrls(origin, {}, dates), []);
    const flat = { archive: 'own', suite: '' };
    const own = [{ archive: 'own', suite: './', date: '2026-11-19T00:00:00Z' }];
    assert.equal(snapshotUrls(flat, { snapshot: debian }, own).length, 2);
  });
});
