/** What an archive does wrong ends a build with its own code and status 3, and leaves nothing of it in the store. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { decodeUtf8 } from '../../src/util/text.ts';
import { archiveConfig } from '../support/archive-config.ts';
import {
  makeSigner,
  type PublishedSuite,
  type SuiteRecipe,
  startArchive,
  type TestArchive,
} from '../support/archive-server.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import {
  announces,
  type Behaviour,
  content,
  cutAfter,
  endless,
  redirectTo,
  status,
} from '../support/http-behaviours.ts';

const hello = { name: 'hello', files: { '/usr/bin/hello': 'hello world, this is long enough to be cut' } };
const inRelease = 'dists/trixie/InRelease';
const hour = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * hour);

let user: TestUser;
let archive: TestArchive;

beforeEach(async () => {
  user = await startUser();
  archive = await startArchive();
});

afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await user[Symbol.asyncDispose]();
});

interface Wrong {
  readonly what: string;
  readonly code: string;
  readonly suite?: Partial<SuiteRecipe>;
  /** Which file misbehaves, and how. */
  readonly file?: (published: PublishedSuite) => string | undefined;
  readonly behave?: (bytes: Uint8Array, url: string) => Behaviour;
  /** What the store may hold in the end: the documents that were good. */
  readonly kept: number;
  readonly message: RegExp;
  readonly hint?: RegExp;
}

const release = () => inRelease;
const index = ({ indexes }: PublishedSuite) => indexes[0];
const deb = ({ debs }: PublishedSuite) => debs.get('hello');
const changed = (bytes: Uint8Array) => content(bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte)));
const long = (bytes: Uint8Array) => content(new Uint8Array([...bytes, 0]));
const short = (bytes: Uint8Array) => content(bytes.subarray(0, -1));
const loop = (_: Uint8Array, url: string) => redirectTo(url);

const wrongs: readonly Wrong[] = [
  {
    what: 'a Release that was changed after it was signed',
    code: 'SIGNATURE_INVALID',
    file: release,
    behave: (bytes) => content(decodeUtf8(bytes).replace('Origin: Test', 'Origin: Evil')),
    kept: 0,
    message: /own\/dists\/trixie\/InRelease/,
    hint: /./,
  },
  {
    what: 'a Release without a signature',
    code: 'SIGNATURE_INVALID',
    file: release,
    behave: () => content('Suite: trixie\nSHA256:\n'),
    kept: 0,
    message: /InRelease/,
  },
  {
    what: 'a Release that its Release.gpg is not about',
    code: 'SIGNATURE_INVALID',
    suite: { form: 'Release.gpg' },
    file: () => 'dists/trixie/Release',
    behave: (bytes) => content(decodeUtf8(bytes).replace('Origin: Test', 'Origin: Evil')),
    kept: 0,
    message: /own\/dists\/trixie\/Release/,
  },
  {
    what: 'a Release without its Release.gpg',
    code: 'HTTP_STATUS',
    suite: { form: 'Release.gpg' },
    file: () => 'dists/trixie/Release.gpg',
    behave: () => status(404),
    kept: 0,
    message: /Release\.gpg: the server answered 404/,
  },
  {
    what: 'an expired Release',
    code: 'RELEASE_EXPIRED',
    suite: { date: ago(48), validUntil: ago(24) },
    kept: 0,
    message: /own trixie/,
    hint: /check-valid-until/,
  },
  {
    what: 'a Release of tomorrow',
    code: 'RELEASE_NOT_YET_VALID',
    suite: { date: ago(-24), signedAt: ago(1) },
    kept: 0,
    message: /own trixie/,
    hint: /clock/,
  },
  {
    what: 'an endless Release',
    code: 'DOWNLOAD_TOO_LARGE',
    file: release,
    behave: endless,
    kept: 0,
    message: /InRelease/,
  },
  {
    what: 'a Release behind a redirect loop',
    code: 'HTTP_REDIRECT_LOOP',
    file: release,
    behave: loop,
    kept: 0,
    message: /InRelease/,
  },
  {
    what: 'no Release at all',
    code: 'HTTP_STATUS',
    file: release,
    behave: () => status(404),
    kept: 0,
    message: /404/,
    hint: /address/,
  },
  { what: 'a short Packages', code: 'DOWNLOAD_SHORT', file: index, behave: short, kept: 1, message: /by-hash/ },
  { what: 'a long Packages', code: 'DOWNLOAD_TOO_LARGE', file: index, behave: long, kept: 1, message: /by-hash/ },
  {
    what: 'a changed Packages',
    code: 'DIGEST_MISMATCH',
    file: index,
    behave: changed,
    kept: 1,
    message: /by-hash/,
    hint: /./,
  },
  {
    what: 'an endless Packages',
    code: 'DOWNLOAD_TOO_LARGE',
    file: index,
    behave: endless,
    kept: 1,
    message: /by-hash/,
  },
  {
    what: 'a Packages behind a redirect loop',
    code: 'HTTP_REDIRECT_LOOP',
    file: index,
    behave: loop,
    kept: 1,
    message: /by-hash/,
  },
  {
    what: 'a short .deb',
    code: 'DOWNLOAD_SHORT',
    file: deb,
    behave: short,
    kept: 3,
    message: /hello_1\.0-1_amd64\.deb/,
  },
  {
    what: 'a long .deb',
    code: 'DOWNLOAD_TOO_LARGE',
    file: deb,
    behave: long,
    kept: 3,
    message: /hello_1\.0-1_amd64\.deb/,
  },
  {
    what: 'a .deb that promises too much',
    code: 'DOWNLOAD_TOO_LARGE',
    file: deb,
    behave: (bytes) => announces(bytes.length + 9, bytes),
    kept: 3,
    message: /hello_1/,
  },
  {
    what: 'a changed .deb',
    code: 'DIGEST_MISMATCH',
    file: deb,
    behave: changed,
    kept: 3,
    message: /hello_1\.0-1_amd64\.deb/,
    hint: /./,
  },
  { what: 'an endless .deb', code: 'DOWNLOAD_TOO_LARGE', file: deb, behave: endless, kept: 3, message: /hello_1/ },
  {
    what: 'a .deb behind a redirect loop',
    code: 'HTTP_REDIRECT_LOOP',
    file: deb,
    behave: loop,
    kept: 3,
    message: /hello_1/,
  },
  { what: 'a .deb that is gone', code: 'HTTP_STATUS', file: deb, behave: () => status(404), kept: 3, message: /404/ },
  {
    what: 'a redirect to a file of this machine',
    code: 'HTTP_REDIRECT_UNSAFE',
    file: deb,
    behave: () => redirectTo('file:///etc/passwd'),
    kept: 3,
    message: /redirects to/,
  },
];

for (const { what, code, kept, message, hint, ...wrong } of wrongs) {
  test(`${what} (${code})`, async () => {
    const published = await archive.publish({ date: ago(1), components: { main: [hello] }, ...wrong.suite });
    const file = wrong.file?.(published);
    if (file !== undefined) {
      const url = archive.path(file);
      archive.server.on(url, wrong.behave?.(published.files.get(file) ?? new Uint8Array(), url) ?? status(500));
    }
    await user.write('slimimage.yaml', archiveConfig(archive, ['hello']));
    const error = await user.refused({ code, status: 3 }, ['build', '-o', 'tar:root.tar']);
    assert.match(error.message, message);
    if (hint !== undefined) assert.match(error.hint ?? '', hint);
    assert.ok(!existsSync(join(user.folder, 'root.tar')));
    const held = (await user.stored()).filter((path) => !path.startsWith('memo/'));
    assert.ok(
      held.every((path) => path.startsWith('blobs/')),
      held.join('\n'),
    );
    assert.equal(held.length, kept, held.join('\n'));
    // Once the archive is well again, so is the build.
    if (code === 'DIGEST_MISMATCH' && file !== undefined) {
      archive.server.serve({ [archive.path(file)]: published.files.get(file) ?? '' });
      await user.succeed(['build']);
    }
  });
}

test('a key that is not the archive’s (SIGNATURE_UNKNOWN_KEY): the error names both', async () => {
  const stranger = await makeSigner('stranger');
  await archive.publish({ date: ago(1), components: { main: [hello] }, signers: [stranger] });
  await user.write('slimimage.yaml', archiveConfig(archive, ['hello']));
  const error = await user.refused({ code: 'SIGNATURE_UNKNOWN_KEY', status: 3 }, ['build']);
  assert.match(error.message, new RegExp(stranger.getKeyID().toHex(), 'i'));
  assert.match(error.hint ?? '', /signed-by/);
  assert.deepEqual(await user.stored(), []);
});

test('what a person reads of a refusal', async () => {
  const { debs } = await archive.publish({ date: ago(1), components: { main: [hello] } });
  archive.server.on(archive.path(debs.get('hello') ?? ''), status(404));
  await user.write('slimimage.yaml', archiveConfig(archive, ['hello']));
  const { status: ended, stdout, stderr } = await user.run(['build', '--quiet']);
  assert.deepEqual([ended, stdout], [3, '']);
  assert.equal(
    stderr,
    `error: hello 1.0-1 (amd64) of the archive own is gone from every place that was asked:
  mirror: ${archive.url}/pool/main/h/hello/hello_1.0-1_amd64.deb: the server answered 404 Not Found
hint: take what the archive has now (with a lock: slimimage update --write), or name a place that still has it: mirrors: or snapshot:
`,
  );
});

test('a cut .deb is resumed, within a build and by the next one', async () => {
  const { debs, files } = await archive.publish({ date: ago(1), components: { main: [hello] } });
  const path = debs.get('hello') ?? '';
  const bytes = files.get(path) ?? new Uint8Array();
  archive.server.on(archive.path(path), cutAfter(bytes, 100), content(bytes));
  await user.write('slimimage.yaml', archiveConfig(archive, ['hello']));
  await user.succeed(['build']);
  assert.deepEqual(
    archive.server.requestsTo(archive.path(path)).map(({ headers }) => headers['range']),
    [undefined, 'bytes=100-'],
  );
});
