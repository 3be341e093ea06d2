/** An old state of an archive is not taken for the present one. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ArchiveReader, startReader, versionsOf } from '../../test/support/archive-reader.ts';
import { startArchive, type TestArchive } from '../../test/support/archive-server.ts';

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

const old = { components: { main: [hello] }, date: new Date('2026-11-10T00:00:00Z') };
const recent = { components: { main: [{ ...hello, version: '1.0-2' }] }, date: new Date('2026-11-20T00:00:00Z') };

test('an older Release does not replace a newer one', async () => {
  await archive.publish(recent);
  await reader.open([archive.spec()]);
  await archive.publish(old);
  assert.deepEqual(versionsOf(await reader.open([archive.spec()]), 'hello'), ['1.0-2 trixie 500']);
  assert.ok(reader.events.some((event) => event.type === 'warning' && event.message.includes('2026-11-10T00:00:00Z')));
  assert.deepEqual(versionsOf(await reader.open([archive.spec()], { offline: true }), 'hello'), ['1.0-2 trixie 500']);
});

test('nor does another mirror’s', async () => {
  await archive.publish(recent);
  await reader.open([archive.spec()]);
  await using lagging = await startArchive();
  await lagging.publish({ ...old, signers: [archive.signer] });
  assert.deepEqual(versionsOf(await reader.open([archive.spec({ urls: [lagging.url] })]), 'hello'), [
    '1.0-2 trixie 500',
  ]);
});

test('a snapshot is old by intention', async () => {
  await archive.publish(recent);
  await reader.open([archive.spec()]);
  await archive.publish(old);
  assert.deepEqual(versionsOf(await reader.open([archive.spec({ checkValidUntil: false })]), 'hello'), [
    '1.0-1 trixie 500',
  ]);
});

test('a newer one does', async () => {
  await archive.publish(old);
  await reader.open([archive.spec()]);
  await archive.publish(recent);
  assert.deepEqual(versionsOf(await reader.open([archive.spec()]), 'hello'), ['1.0-2 trixie 500']);
});
