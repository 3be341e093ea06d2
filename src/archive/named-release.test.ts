import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { makeSigner, startArchive, type TestArchive } from '../../test/support/archive-server.ts';
import { content } from '../../test/support/http-behaviours.ts';
import { startHttpServer } from '../../test/support/http-server.ts';
import { isSlimimageError } from '../errors.ts';
import { createHttpClient } from '../net/client.ts';
import type { HttpClient } from '../net/types.ts';
import { LocalStore } from '../store/local-store.ts';
import { digestOf } from '../util/digest.ts';
import type { ArchiveContext } from './context.ts';
import { fetchIndex } from './fetch-index.ts';
import { chooseIndexes } from './index-choice.ts';
import { openNamedRelease } from './named-release.ts';

let archive: TestArchive;
let folder: string;
let store: LocalStore;
let http: HttpClient;
let context: ArchiveContext;

const hello = { name: 'hello', files: { '/usr/bin/hello': 'hello' } };
const old = { components: { main: [hello] }, date: new Date('2026-11-10T00:00:00Z') };
const recent = { components: { main: [{ ...hello, version: '2' }] }, date: new Date('2026-11-20T00:00:00Z') };

beforeEach(async () => {
  archive = await startArchive();
  folder = await mkdtemp(join(tmpdir(), 'slimimage-named-'));
  store = await LocalStore.open(folder);
  http = createHttpClient({ env: {} });
  context = { store, http, now: () => Date.parse('2026-11-21T00:00:00Z') };
});

afterEach(async () => {
  await http.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
  await archive[Symbol.asyncDispose]();
});

const about = { suite: 'trixie', date: '2026-11-10T00:00:00Z' };

/** The InRelease as it was published, and its digest. */
async function publish(recipe: Parameters<TestArchive['publish']>[0]) {
  const { files } = await archive.publish(recipe);
  const bytes = files.get('dists/trixie/InRelease') ?? assert.fail();
  return { files, bytes, digest: digestOf(bytes) };
}

test('the Release of a digest is verified, from the mirror and from the store', async () => {
  const { bytes, digest } = await publish(old);
  const opened = await openNamedRelease(archive.spec(), { ...about, digest }, context);
  assert.equal(opened?.verified.date, '2026-11-10T00:00:00Z');
  assert.equal(opened?.verified.fingerprints.length, 1);
  await publish(recent);
  assert.equal(await openNamedRelease(archive.spec(), { ...about, digest }, context), undefined);
  await store.write(bytes);
  const kept = await openNamedRelease(archive.spec(), { ...about, digest }, { ...context, offline: true });
  assert.deepEqual(kept?.verified, opened?.verified);
});

test('of the snapshot archive, some hours after its date, with its indexes', async () => {
  await using snapshot = await startHttpServer();
  const { files, digest } = await publish(old);
  await publish(recent);
  const base = '/own/20261110T060000Z';
  for (const [path, bytes] of files) snapshot.on(`${base}/${path}`, content(bytes));
  const spec = archive.spec({ name: 'own', snapshot: snapshot.url('/{archive}/{timestamp}') });
  const opened = (await openNamedRelease(spec, { ...about, digest }, context)) ?? assert.fail();
  assert.equal(opened.verified.date, '2026-11-10T00:00:00Z');
  const [choice] = chooseIndexes(opened.release, {
    components: opened.spec.components,
    architecture: 'amd64',
    flat: false,
    name: 'own',
  });
  const index = await fetchIndex(opened, choice ?? assert.fail(), context);
  assert.equal(index?.stanza(index.stanzasOf('hello')[0] ?? -1).get('Version'), '1.0-1');
  assert.ok(snapshot.requests.every(({ path }) => path.startsWith('/own/202611')));

  const offline = { ...context, offline: true };
  assert.equal(await openNamedRelease(spec, { ...about, digest: digestOf(new Uint8Array()) }, offline), undefined);
});

test('another signer is refused, whoever names the digest', async () => {
  const { bytes, digest } = await publish({ ...old, signers: [await makeSigner('stranger')] });
  await store.write(bytes);
  await assert.rejects(
    openNamedRelease(archive.spec(), { ...about, digest }, context),
    (error) => isSlimimageError(error, 'SIGNATURE_UNKNOWN_KEY') || isSlimimageError(error, 'SIGNATURE_INVALID'),
  );
});
