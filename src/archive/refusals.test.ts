/** An archive that is refused leaves nothing in the store: each refusal against a real server, with its own code. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ArchiveReader, startReader, versionsOf } from '../../test/support/archive-reader.ts';
import { makeSigner, startArchive, type TestArchive } from '../../test/support/archive-server.ts';
import { announces, content, cutAfter, endless, redirectTo } from '../../test/support/http-behaviours.ts';
import { failsWith, startClient } from '../../test/support/http-client.ts';
import type { ErrorCode } from '../errors.ts';
import { sha256Hex } from '../util/digest.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import type { ArchiveSpec } from './types.ts';

const hello = { name: 'hello', files: { '/usr/bin/hello': '#!/bin/sh\necho hello\n' } };

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

const indexOf = (paths: readonly string[]) => archive.path(paths[0] ?? '');
const inRelease = () => archive.path('dists/trixie/InRelease');

async function refused(code: ErrorCode, changes: { readonly now?: Date; readonly spec?: Partial<ArchiveSpec> } = {}) {
  const error = await failsWith(code, reader.open([archive.spec(changes.spec)], changes));
  assert.ok(error.message.length > 0);
  return error;
}

test('a changed Release (SIGNATURE_INVALID)', async () => {
  const { files } = await archive.publish({ components: { main: [hello] } });
  const text = decodeUtf8(files.get('dists/trixie/InRelease') ?? new Uint8Array());
  archive.server.on(inRelease(), content(text.replace('Origin: Test', 'Origin: Evil')));
  await refused('SIGNATURE_INVALID');
  assert.deepEqual(await reader.kept(), []);
});

test('text around the signed block (SIGNATURE_INVALID)', async () => {
  const { files } = await archive.publish({ components: { main: [hello] } });
  const text = decodeUtf8(files.get('dists/trixie/InRelease') ?? new Uint8Array());
  for (const document of [`Origin: Evil\n\n${text}`, `${text}\nOrigin: Evil\n`]) {
    archive.server.on(inRelease(), content(document));
    await refused('SIGNATURE_INVALID');
  }
  assert.deepEqual(await reader.kept(), []);
});

test('an unknown key (SIGNATURE_UNKNOWN_KEY)', async () => {
  const stranger = await makeSigner('stranger');
  await archive.publish({ components: { main: [hello] }, signers: [stranger] });
  const error = await refused('SIGNATURE_UNKNOWN_KEY');
  assert.match(error.message, new RegExp(stranger.getKeyID().toHex().toUpperCase()));
  assert.match(error.hint ?? '', /signed-by/);
  assert.deepEqual(await reader.kept(), []);
});

test('an expired Release (RELEASE_EXPIRED), unless the archive is old by intention', async () => {
  await archive.publish({ components: { main: [hello] }, validUntil: new Date('2026-11-25T22:17:41Z') });
  await refused('RELEASE_EXPIRED', { now: new Date('2026-11-26') });
  assert.deepEqual(
    (await reader.kept()).filter((path) => path.startsWith('blobs')),
    [],
  );
  const snapshot = archive.spec({ checkValidUntil: false });
  assert.deepEqual(versionsOf(await reader.open([snapshot], { now: new Date('2026-11-26') }), 'hello'), [
    '1.0-1 trixie 500',
  ]);
});

test('a Release that expired in the store is refused offline too', async () => {
  await archive.publish({ components: { main: [hello] }, validUntil: new Date('2026-11-25T22:17:41Z') });
  await reader.open([archive.spec()]);
  await failsWith('RELEASE_EXPIRED', reader.open([archive.spec()], { offline: true, now: new Date('2026-11-26') }));
});

test('a Release from the future (RELEASE_NOT_YET_VALID), by its Date or by its signature', async () => {
  const date = new Date('2026-11-22T00:00:00Z');
  for (const signedAt of [date, new Date('2026-11-20T00:00:00Z')]) {
    await archive.publish({ components: { main: [hello] }, date, signedAt });
    const error = await refused('RELEASE_NOT_YET_VALID');
    assert.equal(error.hint, 'set the clock of this machine');
  }
  assert.deepEqual(
    (await reader.kept()).filter((path) => !path.startsWith('memo')),
    [],
  );
});

test('another suite’s Release (RELEASE_INVALID)', async () => {
  await archive.publish({ suite: 'bookworm', components: { main: [hello] } });
  const { files } = await archive.publish({ suite: 'bookworm', components: { main: [hello] } });
  archive.server.on(inRelease(), content(files.get('dists/bookworm/InRelease') ?? ''));
  await refused('RELEASE_INVALID');
  assert.deepEqual(
    (await reader.kept()).filter((path) => !path.startsWith('memo')),
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
    const left = (await reader.kept()).filter((file) => !file.startsWith('memo'));
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
  assert.deepEqual(await reader.kept(), []);
});

test('an index that unpacks to something else (DIGEST_MISMATCH)', async () => {
  const { release } = await archive.publish({ components: { main: [hello] }, packings: ['xz'] });
  // The archive itself is wrong here: it signs a Packages whose unpacked sum does not fit.
  const lie = release.replace(
    / [0-9a-f]{64} (\d+) main\/binary-amd64\/Packages\n/,
    ` ${'a'.repeat(64)} $1 main/binary-amd64/Packages\n`,
  );
  assert.notEqual(lie, release);
  await serveSigned(lie);
  await refused('DIGEST_MISMATCH');
  assert.equal((await reader.kept()).filter((path) => !path.startsWith('memo')).length, 1);
});

test('a bomb: an index that unpacks to more than the Release says (LIMIT_EXCEEDED)', async () => {
  const { release } = await archive.publish({ components: { main: [hello] }, packings: ['xz'] });
  await serveSigned(release.replace(/ (\d+) main\/binary-amd64\/Packages\n/, ' 10 main/binary-amd64/Packages\n'));
  await refused('LIMIT_EXCEEDED');
  assert.equal((await reader.kept()).filter((path) => !path.startsWith('memo')).length, 1);
});

test('a download that is cut is continued by the next run', async () => {
  const padding = Array.from({ length: 400 }, (_, at) => sha256Hex(String(at))).join(' ');
  const { files, indexes } = await archive.publish({
    components: { main: [{ ...hello, fields: { Padding: padding } }] },
  });
  const bytes = files.get(indexes[0] ?? '') ?? new Uint8Array();
  archive.server.on(indexOf(indexes), cutAfter(bytes, 1000));
  await using hasty = startClient({ retry: { attempts: 1 } });
  await failsWith('DOWNLOAD_SHORT', reader.open([archive.spec()], { http: hasty }));
  archive.server.on(indexOf(indexes), content(bytes));
  archive.server.forget();
  await reader.open([archive.spec()]);
  assert.equal(archive.server.requestsTo(indexOf(indexes))[0]?.headers['range'], 'bytes=1000-');
});

async function serveSigned(release: string): Promise<void> {
  const { createCleartextMessage, sign } = await import('openpgp');
  const message = await createCleartextMessage({ text: release });
  const date = new Date('2026-11-20');
  const document = await sign({ message, signingKeys: archive.signer, date, format: 'armored' });
  archive.server.on(inRelease(), content(encodeUtf8(document)));
}
