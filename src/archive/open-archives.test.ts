import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { archiveToday, makeSigner, startArchive, type TestArchive } from '../../test/support/archive-server.ts';
import { announces, content, cutAfter, endless, redirectTo, status } from '../../test/support/http-behaviours.ts';
import { failsWith, startClient, type TestClient } from '../../test/support/http-client.ts';
import type { ErrorCode } from '../errors.ts';
import type { SlimimageEvent } from '../events.ts';
import { LocalStore } from '../store/local-store.ts';
import { sha256Hex } from '../util/digest.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import { openArchives } from './open-archives.ts';
import type { ArchiveSpec, OpenedArchives } from './types.ts';

const hello = { name: 'hello', files: { '/usr/bin/hello': '#!/bin/sh\necho hello\n' } };
const common = { name: 'common', architecture: 'all' };

let archive: TestArchive;
let client: TestClient;
let folder: string;
let store: LocalStore;
let events: SlimimageEvent[];

before(async () => {
  client = startClient({ timeouts: { idleMs: 2000 } });
  folder = await mkdtemp(join(tmpdir(), 'slimimage-open-'));
});

beforeEach(async () => {
  await archive?.[Symbol.asyncDispose]();
  await store?.close();
  archive = await startArchive();
  store = await LocalStore.open(await mkdtemp(join(folder, 'store-')));
  events = [];
});

after(async () => {
  await store.close();
  await client.close();
  await archive[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

interface Changes {
  readonly now?: Date;
  readonly offline?: boolean;
  readonly architecture?: string;
}

function open(specs: readonly ArchiveSpec[], changes: Changes = {}): Promise<OpenedArchives> {
  return openArchives(specs, {
    architecture: changes.architecture ?? 'amd64',
    store,
    http: client,
    offline: changes.offline,
    now: () => (changes.now ?? archiveToday).getTime(),
    onEvent: (event) => events.push(event),
  });
}

/** Everything below the store but its own bookkeeping. */
async function kept(): Promise<readonly string[]> {
  const names = await readdir(store.root, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(store.root.length + 1))
    .filter((path) => /^(?:blobs|memo|partial|tmp)\//.test(path));
}

function versions({ universe }: OpenedArchives, name: string): readonly string[] {
  return universe
    .candidates(name)
    .map((record) => `${record.version} ${record.origin.suite} ${record.origin.priority}`);
}

describe('an archive that behaves', () => {
  test('is opened, and its packages are found with their origin', async () => {
    await archive.publish({ components: { main: [hello, common] } });
    const opened = await open([archive.spec()]);
    const [record] = opened.universe.candidates('hello');
    assert.deepEqual(record?.origin, {
      archive: 'test',
      suite: 'trixie',
      component: 'main',
      path: 'pool/main/h/hello/hello_1.0-1_amd64.deb',
      priority: 500,
    });
    assert.deepEqual(versions(opened, 'common'), ['1.0-1 trixie 500']);
    const [release] = opened.releases;
    assert.deepEqual(release?.fingerprints, [archive.signer.getFingerprint().toUpperCase()]);
    assert.deepEqual([release?.archive, release?.suite, release?.date], ['test', 'trixie', '2026-11-20T00:00:00Z']);
    assert.ok(!JSON.stringify(opened.releases).includes('127.0.0.1'), 'papers never name a mirror');
  });

  for (const packing of ['none', 'gzip', 'zstd', 'xz', 'lzma'] as const) {
    for (const listsPlain of [true, false]) {
      test(`Packages packed as ${packing}, ${listsPlain ? 'listed' : 'not listed'} unpacked`, async () => {
        await archive.publish({ components: { main: [hello] }, packings: [packing], listsPlain, byHash: false });
        assert.deepEqual(versions(await open([archive.spec()]), 'hello'), ['1.0-1 trixie 500']);
        archive.server.forget();
        assert.deepEqual(versions(await open([archive.spec()]), 'hello'), ['1.0-1 trixie 500']);
        assert.equal(archive.server.requests.length, 1, 'only the Release is asked for again');
      });
    }
  }

  test('Release with Release.gpg', async () => {
    await archive.publish({ components: { main: [hello] }, form: 'Release.gpg' });
    assert.deepEqual(versions(await open([archive.spec()]), 'hello'), ['1.0-1 trixie 500']);
    assert.deepEqual(versions(await open([archive.spec()], { offline: true }), 'hello'), ['1.0-1 trixie 500']);
  });

  test('several suites with their priorities, in parallel', async () => {
    const fields = { NotAutomatic: 'yes', ButAutomaticUpgrades: 'yes' };
    await archive.publish({ components: { main: [hello] } });
    await archive.publish({ suite: 'trixie-updates', components: { main: [{ ...hello, version: '1.0-2' }] } });
    await archive.publish({
      suite: 'trixie-backports',
      components: { main: [{ ...hello, version: '2.0-1~bpo13+1' }] },
      fields,
    });
    const opened = await open([archive.spec({ suites: ['trixie', 'trixie-updates', 'trixie-backports'] })]);
    assert.deepEqual(versions(opened, 'hello'), [
      '1.0-1 trixie 500',
      '1.0-2 trixie-updates 500',
      '2.0-1~bpo13+1 trixie-backports 100',
    ]);
  });

  test('a flat archive', async () => {
    await archive.publish({ suite: './', components: { '': [hello] } });
    const opened = await open([archive.spec({ suites: ['./'], components: [] })]);
    assert.deepEqual(versions(opened, 'hello'), ['1.0-1  500']);
  });

  test('packages of architecture all in an index of their own', async () => {
    await archive.publish({ components: { main: [hello, common] }, all: 'apart' });
    const opened = await open([archive.spec()]);
    assert.deepEqual(versions(opened, 'common'), ['1.0-1 trixie 500']);
    assert.deepEqual(versions(opened, 'hello'), ['1.0-1 trixie 500']);
  });

  test('an empty suite is not asked for its index', async () => {
    await archive.publish({ components: { main: [] } });
    assert.deepEqual(versions(await open([archive.spec()]), 'hello'), []);
    assert.equal(archive.server.requests.length, 1);
  });

  test('by-hash first, then by name', async () => {
    const { files } = await archive.publish({ components: { main: [hello] } });
    await open([archive.spec()]);
    assert.ok(archive.server.requests.some(({ path }) => path.includes('/by-hash/SHA256/')));
    for (const path of files.keys()) if (path.includes('by-hash')) archive.server.on(archive.path(path), status(404));
    store = await LocalStore.open(await mkdtemp(join(folder, 'store-')));
    assert.deepEqual(versions(await open([archive.spec()]), 'hello'), ['1.0-1 trixie 500']);
    assert.ok(archive.server.requests.some(({ path }) => path.endsWith('binary-amd64/Packages.xz')));
  });

  test('the next mirror answers where the first does not, or lies', async () => {
    await archive.publish({ components: { main: [hello] } });
    await using other = await startArchive();
    for (const behaviour of [status(404), content('<html>please log in</html>')]) {
      other.server.otherwise(behaviour);
      const opened = await open([archive.spec({ urls: [other.url, archive.url] })]);
      assert.deepEqual(versions(opened, 'hello'), ['1.0-1 trixie 500']);
    }
  });

  test('a Release that has not changed is not fetched again, and needs no OpenPGP', async () => {
    await archive.publish({ components: { main: [hello] } });
    await open([archive.spec()]);
    archive.server.forget();
    await open([archive.spec()]);
    const [request, ...more] = archive.server.requests;
    assert.equal(more.length, 0);
    assert.ok(request?.headers['if-none-match']);
  });

  test('offline: from the store alone, or OFFLINE with the name of what is missing', async () => {
    await archive.publish({ components: { main: [hello] } });
    const error = await failsWith('OFFLINE', open([archive.spec()], { offline: true }));
    assert.match(error.message, /Release of test trixie/);
    assert.equal(archive.server.requests.length, 0);
    await open([archive.spec()]);
    archive.server.forget();
    assert.deepEqual(versions(await open([archive.spec()], { offline: true }), 'hello'), ['1.0-1 trixie 500']);
    assert.equal(archive.server.requests.length, 0);
    await archive.publish({ suite: 'other', components: { main: [hello] } });
    await failsWith('OFFLINE', open([archive.spec({ suites: ['other'] })], { offline: true }));
  });

  test('a progress task for each index, ended once', async () => {
    await archive.publish({ components: { main: [hello] } });
    await open([archive.spec()]);
    await open([archive.spec()]);
    const outcomes = events.filter((event) => event.type === 'done').map((event) => event.outcome);
    assert.deepEqual(outcomes, ['ok', 'cached']);
  });

  test('an architecture that only some suites carry', async () => {
    await archive.publish({
      components: { main: [{ ...hello, architecture: 'riscv64' }] },
      architectures: ['amd64', 'riscv64'],
    });
    await archive.publish({ suite: 'trixie-security', components: { main: [hello] } });
    const spec = archive.spec({ suites: ['trixie', 'trixie-security'] });
    assert.deepEqual(versions(await open([spec], { architecture: 'riscv64' }), 'hello'), ['1.0-1 trixie 500']);
    assert.ok(events.some((event) => event.type === 'warning' && event.message.includes('trixie-security')));
    await failsWith('PLATFORM_UNAVAILABLE', open([spec], { architecture: 's390x' }));
  });

  test('a component that is not there', async () => {
    await archive.publish({ components: { main: [hello] } });
    const error = await failsWith('CONFIG_INVALID', open([archive.spec({ components: ['mian'] })]));
    assert.equal(error.hint, 'did you mean main?');
  });
});

describe('an archive that is refused leaves nothing in the store', () => {
  const indexOf = (paths: readonly string[]) => archive.path(paths[0] ?? '');
  const inRelease = () => archive.path('dists/trixie/InRelease');

  async function refused(code: ErrorCode, changes: { readonly now?: Date; readonly spec?: Partial<ArchiveSpec> } = {}) {
    const error = await failsWith(code, open([archive.spec(changes.spec)], changes));
    assert.ok(error.message.length > 0);
    return error;
  }

  test('a changed Release (SIGNATURE_INVALID)', async () => {
    const { files } = await archive.publish({ components: { main: [hello] } });
    const text = decodeUtf8(files.get('dists/trixie/InRelease') ?? new Uint8Array());
    archive.server.on(inRelease(), content(text.replace('Origin: Test', 'Origin: Evil')));
    await refused('SIGNATURE_INVALID');
    assert.deepEqual(await kept(), []);
  });

  test('text around the signed block (SIGNATURE_INVALID)', async () => {
    const { files } = await archive.publish({ components: { main: [hello] } });
    const text = decodeUtf8(files.get('dists/trixie/InRelease') ?? new Uint8Array());
    for (const document of [`Origin: Evil\n\n${text}`, `${text}\nOrigin: Evil\n`]) {
      archive.server.on(inRelease(), content(document));
      await refused('SIGNATURE_INVALID');
    }
    assert.deepEqual(await kept(), []);
  });

  test('an unknown key (SIGNATURE_UNKNOWN_KEY)', async () => {
    const stranger = await makeSigner('stranger');
    await archive.publish({ components: { main: [hello] }, signers: [stranger] });
    const error = await refused('SIGNATURE_UNKNOWN_KEY');
    assert.match(error.message, new RegExp(stranger.getKeyID().toHex().toUpperCase()));
    assert.match(error.hint ?? '', /signed-by/);
    assert.deepEqual(await kept(), []);
  });

  test('an expired Release (RELEASE_EXPIRED), unless the archive is old by intention', async () => {
    await archive.publish({ components: { main: [hello] }, validUntil: new Date('2026-11-25T22:17:41Z') });
    await refused('RELEASE_EXPIRED', { now: new Date('2026-11-26') });
    assert.deepEqual(
      (await kept()).filter((path) => path.startsWith('blobs')),
      [],
    );
    const snapshot = archive.spec({ checkValidUntil: false });
    assert.deepEqual(versions(await open([snapshot], { now: new Date('2026-11-26') }), 'hello'), ['1.0-1 trixie 500']);
  });

  test('a Release that expired in the store is refused offline too', async () => {
    await archive.publish({ components: { main: [hello] }, validUntil: new Date('2026-11-25T22:17:41Z') });
    await open([archive.spec()]);
    await failsWith('RELEASE_EXPIRED', open([archive.spec()], { offline: true, now: new Date('2026-11-26') }));
  });

  test('a Release from the future (RELEASE_NOT_YET_VALID), by its Date or by its signature', async () => {
    const date = new Date('2026-11-22T00:00:00Z');
    for (const signedAt of [date, new Date('2026-11-20T00:00:00Z')]) {
      await archive.publish({ components: { main: [hello] }, date, signedAt });
      const error = await refused('RELEASE_NOT_YET_VALID');
      assert.equal(error.hint, 'set the clock of this machine');
    }
    assert.deepEqual(
      (await kept()).filter((path) => !path.startsWith('memo')),
      [],
    );
  });

  test('another suite’s Release (RELEASE_INVALID)', async () => {
    await archive.publish({ suite: 'bookworm', components: { main: [hello] } });
    const { files } = await archive.publish({ suite: 'bookworm', components: { main: [hello] } });
    archive.server.on(inRelease(), content(files.get('dists/bookworm/InRelease') ?? ''));
    await refused('RELEASE_INVALID');
    assert.deepEqual(
      (await kept()).filter((path) => !path.startsWith('memo')),
      [],
    );
  });

  for (const [what, code, behave] of [
    ['a short index', 'DOWNLOAD_SHORT', (bytes) => content(bytes.slice(0, -1))],
    ['a long index', 'DOWNLOAD_TOO_LARGE', (bytes) => content(new Uint8Array([...bytes, 0]))],
    [
      'an index with one bit changed',
      'DIGEST_MISMATCH',
      (bytes) => content(bytes.map((byte, at) => (at === 30 ? byte ^ 1 : byte))),
    ],
    ['an endless index', 'DOWNLOAD_TOO_LARGE', () => endless()],
    ['an index that promises too much', 'DOWNLOAD_TOO_LARGE', (bytes) => announces(bytes.length + 10, bytes)],
    ['an index behind a redirect loop', 'HTTP_REDIRECT_LOOP', (_, path) => redirectTo(path)],
    ['a web page instead of an index', 'DOWNLOAD_SHORT', () => content('<html>')],
  ] as const satisfies readonly (readonly [
    string,
    ErrorCode,
    (bytes: Uint8Array, path: string) => ReturnType<typeof content>,
  ])[]) {
    test(`${what} (${code})`, async () => {
      const { files, indexes } = await archive.publish({ components: { main: [hello] } });
      const path = indexOf(indexes);
      archive.server.on(path, behave(files.get(indexes[0] ?? '') ?? new Uint8Array(), path));
      await refused(code);
      const left = (await kept()).filter((file) => !file.startsWith('memo'));
      const [release, ...more] = left;
      assert.match(release ?? '', /^blobs\/sha256\//);
      assert.deepEqual(more, [], 'only the verified Release is kept');
    });
  }

  test('an endless InRelease, and one behind a redirect loop', async () => {
    archive.server.on(inRelease(), endless());
    await refused('DOWNLOAD_TOO_LARGE');
    archive.server.on(inRelease(), redirectTo(inRelease()));
    await refused('HTTP_REDIRECT_LOOP');
    assert.deepEqual(await kept(), []);
  });

  test('an index that unpacks to something else (DIGEST_MISMATCH or COMPRESSION_INVALID)', async () => {
    const { release } = await archive.publish({ components: { main: [hello] }, packings: ['xz'] });
    // The archive itself is wrong here: it signs a Packages whose unpacked sum does not fit.
    const lie = release.replace(
      / [0-9a-f]{64} (\d+) main\/binary-amd64\/Packages\n/,
      ` ${'a'.repeat(64)} $1 main/binary-amd64/Packages\n`,
    );
    assert.notEqual(lie, release);
    await serveSigned(lie);
    await refused('DIGEST_MISMATCH');
    assert.equal((await kept()).filter((path) => !path.startsWith('memo')).length, 1);
  });

  test('a bomb: an index that unpacks to more than the Release says (COMPRESSION_INVALID, LIMIT_EXCEEDED, ...)', async () => {
    const { release } = await archive.publish({ components: { main: [hello] }, packings: ['xz'] });
    await serveSigned(release.replace(/ (\d+) main\/binary-amd64\/Packages\n/, ' 10 main/binary-amd64/Packages\n'));
    await assert.rejects(open([archive.spec()]), (error: { code?: string }) =>
      ['LIMIT_EXCEEDED', 'DOWNLOAD_TOO_LARGE', 'DIGEST_MISMATCH'].includes(error.code ?? ''),
    );
    assert.equal((await kept()).filter((path) => !path.startsWith('memo')).length, 1);
  });

  test('a download that is cut is continued by the next run', async () => {
    const padding = Array.from({ length: 400 }, (_, at) => sha256Hex(String(at))).join(' ');
    const { files, indexes } = await archive.publish({
      components: { main: [{ ...hello, fields: { Padding: padding } }] },
    });
    const bytes = files.get(indexes[0] ?? '') ?? new Uint8Array();
    archive.server.on(indexOf(indexes), cutAfter(bytes, 1000));
    await using hasty = startClient({ retry: { attempts: 1 } });
    const options = { architecture: 'amd64', store, now: () => archiveToday.getTime() };
    await failsWith('DOWNLOAD_SHORT', openArchives([archive.spec()], { ...options, http: hasty }));
    archive.server.on(indexOf(indexes), content(bytes));
    archive.server.forget();
    await openArchives([archive.spec()], { ...options, http: hasty });
    assert.equal(archive.server.requestsTo(indexOf(indexes))[0]?.headers['range'], 'bytes=1000-');
  });

  async function serveSigned(release: string): Promise<void> {
    const { createCleartextMessage, sign } = await import('openpgp');
    const message = await createCleartextMessage({ text: release });
    const date = new Date('2026-11-20');
    const document = await sign({ message, signingKeys: archive.signer, date, format: 'armored' });
    archive.server.on(inRelease(), content(encodeUtf8(document)));
  }
});

describe('replay', () => {
  const old = { components: { main: [hello] }, date: new Date('2026-11-10T00:00:00Z') };
  const recent = { components: { main: [{ ...hello, version: '1.0-2' }] }, date: new Date('2026-11-20T00:00:00Z') };

  test('an older Release does not replace a newer one', async () => {
    await archive.publish(recent);
    await open([archive.spec()]);
    await archive.publish(old);
    assert.deepEqual(versions(await open([archive.spec()]), 'hello'), ['1.0-2 trixie 500']);
    assert.ok(events.some((event) => event.type === 'warning' && event.message.includes('2026-11-10T00:00:00Z')));
    assert.deepEqual(versions(await open([archive.spec()], { offline: true }), 'hello'), ['1.0-2 trixie 500']);
  });

  test('nor does another mirror’s', async () => {
    await archive.publish(recent);
    await open([archive.spec()]);
    await using lagging = await startArchive();
    await lagging.publish({ ...old, signers: [archive.signer] });
    assert.deepEqual(versions(await open([archive.spec({ urls: [lagging.url] })]), 'hello'), ['1.0-2 trixie 500']);
  });

  test('a snapshot is old by intention', async () => {
    await archive.publish(recent);
    await open([archive.spec()]);
    await archive.publish(old);
    assert.deepEqual(versions(await open([archive.spec({ checkValidUntil: false })]), 'hello'), ['1.0-1 trixie 500']);
  });

  test('a newer one does', async () => {
    await archive.publish(old);
    await open([archive.spec()]);
    await archive.publish(recent);
    assert.deepEqual(versions(await open([archive.spec()]), 'hello'), ['1.0-2 trixie 500']);
  });
});

test('an archive without a key, or with a key file that is none, is the configuration’s mistake', async () => {
  await archive.publish({ components: { main: [hello] } });
  await failsWith('CONFIG_INVALID', open([archive.spec({ signedBy: [] })]));
  await failsWith('CONFIG_INVALID', open([archive.spec({ signedBy: [join(folder, 'missing.asc')] })]));
  const path = join(folder, 'text.asc');
  await writeFile(path, 'hello');
  await failsWith('CONFIG_INVALID', open([archive.spec({ signedBy: [path] })]));
  const error = await failsWith('CONFIG_INVALID', open([archive.spec({ signedBy: ['debain'] })]));
  assert.equal(error.hint, 'did you mean the key set debian?');
});
