import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  archiveToday,
  type PublishedSuite,
  startArchive,
  type TestArchive,
} from '../../test/support/archive-server.ts';
import { makeDeb } from '../../test/support/deb-maker.ts';
import {
  announces,
  content,
  cutAfter,
  endless,
  redirectTo,
  requireLogin,
  silent,
  status,
} from '../../test/support/http-behaviours.ts';
import { failsWith, startClient, type TestClient } from '../../test/support/http-client.ts';
import type { PackageRecord } from '../distro/types.ts';
import type { ErrorCode } from '../errors.ts';
import type { SlimimageEvent } from '../events.ts';
import { LocalStore } from '../store/local-store.ts';
import { sha256Hex } from '../util/digest.ts';
import { fetchDebs } from './fetch-debs.ts';
import { openArchives } from './open-archives.ts';
import { openDebs } from './open-debs.ts';

let archive: TestArchive;
let published: PublishedSuite;
let client: TestClient;
let folder: string;
let store: LocalStore;
let records: readonly PackageRecord[];
let events: SlimimageEvent[];

before(async () => {
  client = startClient({ retry: { attempts: 2 } });
  folder = await mkdtemp(join(tmpdir(), 'slimimage-debs-'));
  archive = await startArchive({ base: '/ubuntu', name: 'ubuntu' });
  const main = [
    { name: 'hello', packing: 'zstd', files: { '/usr/bin/hello': 'hello\n'.repeat(1000) } },
    { name: 'libc++1', version: '1:19.1.7-3+b1', packing: 'zstd' },
    { name: 'doc', architecture: 'all', packing: 'none', files: { '/usr/share/doc/x': sha256Hex('x').repeat(100) } },
  ] as const;
  published = await archive.publish({ suite: 'noble', components: { main } });
});

beforeEach(async () => {
  await store?.close();
  store = await LocalStore.open(await mkdtemp(join(folder, 'store-')));
  events = [];
  for (const [path, bytes] of published.files) archive.server.serve({ [archive.path(path)]: bytes });
  const { universe } = await openArchives([archive.spec({ suites: ['noble'] })], {
    architecture: 'amd64',
    store,
    http: client,
    now: () => archiveToday.getTime(),
  });
  records = ['hello', 'libc++1', 'doc'].flatMap((name) => universe.candidates(name));
  archive.server.forget();
});

after(async () => {
  await store.close();
  await client.close();
  await archive[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function fetch(
  wanted: readonly PackageRecord[],
  changes: {
    readonly offline?: boolean;
    readonly urls?: readonly string[];
    readonly http?: TestClient;
    readonly silent?: Set<string>;
  } = {},
) {
  return fetchDebs(wanted, {
    store,
    http: changes.http ?? client,
    offline: changes.offline,
    silent: changes.silent,
    archives: [{ name: 'ubuntu', urls: changes.urls ?? [archive.url] }],
    onEvent: (event) => events.push(event),
  });
}

/** Every file below the store. */
async function kept(): Promise<readonly string[]> {
  const entries = await readdir(store.root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

test('.debs arrive in the order asked for, each with its own bytes', async () => {
  const fetched = await fetch([...records, ...records.slice(0, 1)]);
  assert.deepEqual(
    fetched.map(({ record }) => record.name),
    ['hello', 'libc++1', 'doc', 'hello'],
  );
  for (const { record, file } of fetched) {
    assert.deepEqual(
      new Uint8Array(await readFile(file)),
      new Uint8Array(published.files.get(record.origin.path) ?? []),
    );
  }
  assert.equal(archive.server.requests.length, 3);
  assert.ok(
    archive.server.requests.some(({ path }) => path.includes('libc%2B%2B1')),
    'a plus is no blank to anyone',
  );
  const total = (id: string) => events.filter((event) => 'id' in event && event.id === id).map((event) => event.type);
  const types = total(`deb ${records[0]?.sha256}`);
  assert.equal(types[0], 'task');
  assert.equal(types.at(-1), 'done');
  assert.ok(types.includes('advance'));
});

test('what is there is not fetched again, not even online', async () => {
  await fetch(records);
  archive.server.forget();
  events = [];
  await fetch(records);
  assert.equal(archive.server.requests.length, 0);
  assert.deepEqual(
    events.filter((event) => event.type === 'done').map((event) => event.outcome),
    ['cached', 'cached', 'cached'],
  );
  assert.equal((await fetch(records, { offline: true })).length, 3);
});

test('a mirror that gives no answer is remembered for the next call, which asks it last', async () => {
  const urls = ['http://127.0.0.1:1', archive.url];
  const known = new Set<string>();
  await fetch(records.slice(0, 1), { urls, silent: known });
  assert.deepEqual([...known], urls.slice(0, 1));
  await fetch(records.slice(1), { urls: [...urls, 'http://127.0.0.1:2'], silent: known });
  assert.deepEqual([...known], urls.slice(0, 1));
});

test('offline, what is missing is named', async () => {
  await fetch(records.slice(0, 1));
  const error = await failsWith('OFFLINE', fetch(records, { offline: true }));
  assert.match(error.message, /doc 1\.0-1 \(all\), libc\+\+1 1:19\.1\.7-3\+b1 \(amd64\)$/);
});

test('offline, one of another size is missing: nobody is asked', async () => {
  await fetch(records);
  archive.server.forget();
  const [first, ...rest] = records as [PackageRecord, ...PackageRecord[]];
  const error = await failsWith('OFFLINE', fetch([{ ...first, size: first.size + 1 }, ...rest], { offline: true }));
  assert.match(error.message, /hello 1\.0-1 \(amd64\)$/);
  assert.equal(archive.server.requests.length, 0);
});

test('the next mirror has what the first has not, or has wrong', async () => {
  await using broken = await startArchive({ base: '/ubuntu' });
  for (const behaviour of [status(404), content('nonsense')]) {
    store = await LocalStore.open(await mkdtemp(join(folder, 'store-')));
    broken.server.otherwise(behaviour);
    assert.equal((await fetch(records, { urls: [broken.url, archive.url] })).length, 3);
  }
});

test('a record without a sum is not fetched (ARCHIVE_INVALID)', async () => {
  const [record] = records as readonly [PackageRecord];
  await failsWith('ARCHIVE_INVALID', fetch([{ ...record, sha256: '' }]));
});

describe('a .deb that is refused leaves nothing in the store', () => {
  for (const [what, code, behave] of [
    ['short', 'DOWNLOAD_SHORT', (bytes) => content(bytes.slice(0, -1))],
    ['long', 'DOWNLOAD_TOO_LARGE', (bytes) => content(new Uint8Array([...bytes, 0]))],
    ['changed', 'DIGEST_MISMATCH', (bytes) => content(bytes.map((byte, at) => (at === 200 ? byte ^ 1 : byte)))],
    ['endless', 'DOWNLOAD_TOO_LARGE', () => endless()],
    ['announced as larger', 'DOWNLOAD_TOO_LARGE', (bytes) => announces(bytes.length + 1, bytes)],
    ['in a redirect loop', 'HTTP_REDIRECT_LOOP', (_, path) => redirectTo(path)],
    ['not there', 'HTTP_STATUS', () => status(404)],
    ['behind a login', 'HTTP_AUTH', (bytes) => requireLogin('me', 'secret', content(bytes))],
  ] as const satisfies readonly (readonly [
    string,
    ErrorCode,
    (bytes: Uint8Array, path: string) => ReturnType<typeof content>,
  ])[]) {
    test(`${what} (${code})`, async () => {
      const [record] = records as readonly [PackageRecord];
      const path = archive.path(record.origin.path);
      archive.server.on(path, behave(published.files.get(record.origin.path) ?? new Uint8Array(), path));
      const before = await kept();
      await failsWith(code, fetch([record]));
      assert.deepEqual(await kept(), before);
      assert.deepEqual(
        events.filter((event) => event.type === 'done').map((event) => event.outcome),
        ['failed'],
      );
    });
  }
});

test('what was cut is continued by the next run', async () => {
  const record = records.find(({ name }) => name === 'doc') as PackageRecord;
  const bytes = published.files.get(record.origin.path) ?? new Uint8Array();
  const path = archive.path(record.origin.path);
  await using hasty = startClient({ retry: { attempts: 1 } });
  archive.server.on(path, cutAfter(bytes, 1500));
  await failsWith('DOWNLOAD_SHORT', fetch([record], { http: hasty }));
  archive.server.on(path, content(bytes));
  archive.server.forget();
  const [fetched] = await fetch([record]);
  assert.equal(archive.server.requestsTo(path)[0]?.headers['range'], 'bytes=1500-');
  assert.equal(sha256Hex(await readFile(fetched?.file ?? '')), record.sha256);
});

test('a fired signal stops everything (ABORTED), and the next run goes on', async () => {
  const path = archive.path(records[0]?.origin.path ?? '');
  archive.server.on(path, silent());
  const controller = new AbortController();
  const options = {
    store,
    http: client,
    archives: [{ name: 'ubuntu', urls: [archive.url] }],
    signal: controller.signal,
  };
  const work = fetchDebs(records, options);
  setTimeout(() => controller.abort(), 100);
  await failsWith('ABORTED', work);
  archive.server.on(path, content(published.files.get(records[0]?.origin.path ?? '') ?? ''));
  assert.equal((await fetch(records)).length, 3);
});

describe('the user’s own .debs', () => {
  let debs: string;

  beforeEach(async () => {
    debs = await mkdtemp(join(folder, 'own-'));
  });

  async function put(name: string, recipe: Parameters<typeof makeDeb>[0]): Promise<string> {
    const path = join(debs, name);
    await writeFile(path, await makeDeb(recipe));
    return path;
  }

  test('a file and a folder become records', async () => {
    await put('b.deb', { name: 'b', architecture: 'all', packing: 'zstd', fields: { Depends: 'hello (>= 1)' } });
    await put('a.deb', { name: 'a', packing: 'gzip' });
    await put('other.deb', { name: 'other', architecture: 's390x' });
    await writeFile(join(debs, 'README'), 'not a package');
    const single = await put('c.deb', { name: 'c', packing: 'none' });
    const found = await openDebs([single, debs], { architecture: 'amd64', store });
    assert.deepEqual(
      found.map(({ name, origin }) => [name, origin.archive, origin.priority, origin.path.slice(debs.length)]),
      [
        ['c', 'file', 1000, '/c.deb'],
        ['a', 'file', 1000, '/a.deb'],
        ['b', 'file', 1000, '/b.deb'],
        ['c', 'file', 1000, '/c.deb'],
      ],
    );
    assert.deepEqual(found[2]?.depends, [[{ name: 'hello', operator: '>=', version: '1' }]]);
    assert.equal(found[0]?.sha256, sha256Hex(await readFile(single)));
    const [fetched] = await fetch(found.slice(0, 1), { offline: true });
    assert.equal(fetched?.file, single);
  });

  test('a file that was changed is noticed, and so is one that changes meanwhile (DIGEST_MISMATCH)', async () => {
    const path = await put('a.deb', { name: 'a' });
    const first = await openDebs([path], { architecture: 'amd64', store });
    await put('a.deb', { name: 'a', version: '2.0' });
    await failsWith('DIGEST_MISMATCH', fetch(first));
    const [second] = await openDebs([path], { architecture: 'amd64', store });
    assert.equal(second?.version, '2.0');
  });

  test('what is no .deb for this image is refused by name', async () => {
    const other = await put('other.deb', { name: 'other', architecture: 's390x' });
    const text = join(debs, 'text.deb');
    await writeFile(text, 'hello');
    const options = { architecture: 'amd64', store };
    const empty = await mkdtemp(join(folder, 'empty-'));
    for (const [path, code] of [
      [other, 'SOURCE_INVALID'],
      [join(debs, 'missing.deb'), 'SOURCE_INVALID'],
      [empty, 'SOURCE_INVALID'],
      [text, 'AR_INVALID'],
    ] as const) {
      const error = await failsWith(code, openDebs([path], options));
      assert.ok(error.message.includes(path), error.message);
    }
  });
});
