import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type ArchiveReader, startReader, versionsOf } from '../support/archive-reader.ts';
import { startArchive, type TestArchive } from '../support/archive-server.ts';
import { content, status } from '../support/http-behaviours.ts';
import { failsWith } from '../support/http-client.ts';

const hello = { name: 'hello', files: { '/usr/bin/hello': '#!/bin/sh\necho hello\n' } };
const common = { name: 'common', architecture: 'all' };

let archive: TestArchive;
let reader: ArchiveReader;

beforeEach(async () => {
  archive = await startArchive();
  reader = await startReader();
});

afterEach(async () => {
  await reader[Symbol.asyncDispose]();
  await archive[Symbol.asyncDispose]();
});

test('is opened, and its packages are found with their origin', async () => {
  await archive.publish({ components: { main: [hello, common] } });
  const opened = await reader.open([archive.spec()]);
  const [record] = opened.universe.candidates('hello');
  assert.deepEqual(record?.origin, {
    archive: 'test',
    suite: 'trixie',
    component: 'main',
    path: 'pool/main/h/hello/hello_1.0-1_amd64.deb',
    priority: 500,
    release: { suite: 'trixie', codename: 'trixie', version: '', origin: 'Test', label: '' },
  });
  assert.deepEqual(versionsOf(opened, 'common'), ['1.0-1 trixie 500']);
  const [release] = opened.releases;
  assert.deepEqual(release?.fingerprints, [archive.signer.getFingerprint().toUpperCase()]);
  assert.deepEqual([release?.archive, release?.suite, release?.date], ['test', 'trixie', '2026-11-20T00:00:00Z']);
  assert.ok(!JSON.stringify(opened.releases).includes('127.0.0.1'), 'papers never name a mirror');
});

for (const packing of ['none', 'gzip', 'zstd', 'xz', 'lzma'] as const) {
  for (const listsPlain of [true, false]) {
    test(`Packages packed as ${packing}, ${listsPlain ? 'listed' : 'not listed'} unpacked`, async () => {
      const components = { main: [hello] };
      const { release } = await archive.publish({ components, packings: [packing], listsPlain, byHash: false });
      const opened = await reader.open([archive.spec()]);
      assert.deepEqual(versionsOf(opened, 'hello'), ['1.0-1 trixie 500']);
      const [index, ...more] = opened.releases[0]?.indexes ?? [];
      assert.equal(more.length, 0);
      assert.match(release, new RegExp(`^ ${index?.sha256} +${index?.size} ${index?.path}$`, 'm'));
      assert.equal(index?.path.endsWith('/Packages'), listsPlain || packing === 'none');
      archive.server.forget();
      assert.deepEqual(versionsOf(await reader.open([archive.spec()]), 'hello'), ['1.0-1 trixie 500']);
      assert.equal(archive.server.requests.length, 1, 'only the Release is asked for again');
    });
  }
}

test('Release with Release.gpg', async () => {
  await archive.publish({ components: { main: [hello] }, form: 'Release.gpg' });
  assert.deepEqual(versionsOf(await reader.open([archive.spec()]), 'hello'), ['1.0-1 trixie 500']);
  assert.deepEqual(versionsOf(await reader.open([archive.spec()], { offline: true }), 'hello'), ['1.0-1 trixie 500']);
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
  const opened = await reader.open([archive.spec({ suites: ['trixie', 'trixie-updates', 'trixie-backports'] })]);
  assert.deepEqual(versionsOf(opened, 'hello'), [
    '1.0-1 trixie 500',
    '1.0-2 trixie-updates 500',
    '2.0-1~bpo13+1 trixie-backports 100',
  ]);
});

test('a flat archive', async () => {
  await archive.publish({ suite: './', components: { '': [hello] } });
  const opened = await reader.open([archive.spec({ suites: ['./'], components: [] })]);
  assert.deepEqual(versionsOf(opened, 'hello'), ['1.0-1  500']);
});

test('packages of architecture all in an index of their own', async () => {
  await archive.publish({ components: { main: [hello, common] }, all: 'apart' });
  const opened = await reader.open([archive.spec()]);
  assert.deepEqual(versionsOf(opened, 'common'), ['1.0-1 trixie 500']);
  assert.deepEqual(versionsOf(opened, 'hello'), ['1.0-1 trixie 500']);
});

test('an empty suite is not asked for its index', async () => {
  await archive.publish({ components: { main: [] } });
  assert.deepEqual(versionsOf(await reader.open([archive.spec()]), 'hello'), []);
  assert.equal(archive.server.requests.length, 1);
});

test('by-hash first, then by name', async () => {
  const { files } = await archive.publish({ components: { main: [hello] } });
  await reader.open([archive.spec()]);
  assert.ok(archive.server.requests.some(({ path }) => path.includes('/by-hash/SHA256/')));
  for (const path of files.keys()) if (path.includes('by-hash')) archive.server.on(archive.path(path), status(404));
  await using other = await startReader();
  assert.deepEqual(versionsOf(await other.open([archive.spec()]), 'hello'), ['1.0-1 trixie 500']);
  assert.ok(archive.server.requests.some(({ path }) => path.endsWith('binary-amd64/Packages.xz')));
});

test('the next mirror answers where the first does not, or lies', async () => {
  await archive.publish({ components: { main: [hello] } });
  await using other = await startArchive();
  for (const behaviour of [status(404), content('<html>please log in</html>')]) {
    other.server.otherwise(behaviour);
    const opened = await reader.open([archive.spec({ urls: [other.url, archive.url] })]);
    assert.deepEqual(versionsOf(opened, 'hello'), ['1.0-1 trixie 500']);
  }
});

test('a Release that has not changed is not fetched again, and needs no OpenPGP', async () => {
  await archive.publish({ components: { main: [hello] } });
  await reader.open([archive.spec()]);
  archive.server.forget();
  await reader.open([archive.spec()]);
  const [request, ...more] = archive.server.requests;
  assert.equal(more.length, 0);
  assert.ok(request?.headers['if-none-match']);
});

test('offline: from the store alone, or OFFLINE with the name of what is missing', async () => {
  await archive.publish({ components: { main: [hello] } });
  const error = await failsWith('OFFLINE', reader.open([archive.spec()], { offline: true }));
  assert.match(error.message, /Release of test trixie/);
  assert.equal(archive.server.requests.length, 0);
  await reader.open([archive.spec()]);
  archive.server.forget();
  assert.deepEqual(versionsOf(await reader.open([archive.spec()], { offline: true }), 'hello'), ['1.0-1 trixie 500']);
  assert.equal(archive.server.requests.length, 0);
  await archive.publish({ suite: 'other', components: { main: [hello] } });
  await failsWith('OFFLINE', reader.open([archive.spec({ suites: ['other'] })], { offline: true }));
});

test('a progress task for each index, ended once', async () => {
  await archive.publish({ components: { main: [hello] } });
  await reader.open([archive.spec()]);
  await reader.open([archive.spec()]);
  const outcomes = reader.events.filter((event) => event.type === 'done').map((event) => event.outcome);
  assert.deepEqual(outcomes, ['ok', 'cached']);
});

test('an architecture that only some suites carry', async () => {
  await archive.publish({
    components: { main: [{ ...hello, architecture: 'riscv64' }] },
    architectures: ['amd64', 'riscv64'],
  });
  await archive.publish({ suite: 'trixie-security', components: { main: [hello] } });
  const spec = archive.spec({ suites: ['trixie', 'trixie-security'] });
  assert.deepEqual(versionsOf(await reader.open([spec], { architecture: 'riscv64' }), 'hello'), ['1.0-1 trixie 500']);
  assert.ok(reader.events.some((event) => event.type === 'warning' && event.message.includes('trixie-security')));
  await failsWith('PLATFORM_UNAVAILABLE', reader.open([spec], { architecture: 's390x' }));
});

test('a component that is not there', async () => {
  await archive.publish({ components: { main: [hello] } });
  const error = await failsWith('CONFIG_INVALID', reader.open([archive.spec({ components: ['mian'] })]));
  assert.equal(error.hint, 'did you mean main?');
});

test('an archive without a key, or with a key file that is none, is the configuration’s mistake', async () => {
  await archive.publish({ components: { main: [hello] } });
  await failsWith('CONFIG_INVALID', reader.open([archive.spec({ signedBy: [] })]));
  await failsWith(
    'CONFIG_INVALID',
    reader.open([archive.spec({ signedBy: [join(reader.store.root, 'missing.asc')] })]),
  );
  const path = join(reader.store.root, 'text.asc');
  await writeFile(path, 'hello');
  await failsWith('CONFIG_INVALID', reader.open([archive.spec({ signedBy: [path] })]));
  const error = await failsWith('CONFIG_INVALID', reader.open([archive.spec({ signedBy: ['debain'] })]));
  assert.equal(error.hint, 'did you mean the key set debian?');
});
