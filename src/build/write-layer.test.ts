import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WorkerPool } from '../content/pool.ts';
import { readTarSync } from '../formats/tar/events.ts';
import { endOfTar } from '../formats/tar/writer.ts';
import { LocalStore } from '../store/local-store.ts';
import { digestOf, sha256Hex } from '../util/digest.ts';
import type { PlannedPiece } from './layer-pieces.ts';
import { writeLayer } from './write-layer.ts';

let root: string;
let store: LocalStore;
const pool = new WorkerPool(1);

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'slimimage-write-layer-'));
  store = await LocalStore.open(join(root, 'store'));
  await writeFile(join(root, 'app'), 'app');
});
after(async () => {
  await pool.close();
  await store.close();
  await rm(root, { recursive: true, force: true });
});

/** One copied-in file. */
function pieces(): readonly PlannedPiece[] {
  const header = { path: 'app', type: 'file', mode: 0o755, uid: 0, gid: 0, mtime: 1, size: 3 } as const;
  const entry = { header, file: join(root, 'app'), sha256: sha256Hex(new TextEncoder().encode('app')) };
  return [
    { type: 'pack', entries: [entry] },
    { type: 'bytes', bytes: endOfTar() },
  ];
}

function write(onWrite?: () => void) {
  const compression = { algorithm: 'none', level: 0 } as const;
  return writeLayer(pieces(), { store, pool, compression, onWrite, label: 'linux/amd64' });
}

/** The fragment's file, wherever the store has it. */
async function fragment(): Promise<string> {
  const names = await readdir(join(root, 'store'), { recursive: true });
  return join(root, 'store', names.find((name) => name.endsWith('/fragment')) ?? assert.fail('no fragment'));
}

test('a layer is what its pieces are', async () => {
  const layer = await write();
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.open(layer.digest)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  assert.equal(digestOf(bytes), layer.diffId);
  assert.deepEqual([layer.size, layer.compressedSize], [bytes.length, bytes.length]);
  const entries = [...readTarSync([bytes])].flatMap((event) => (event.type === 'entry' ? [event.header.path] : []));
  assert.deepEqual(entries, ['app']);
});

test('a fragment that is whole stays where it is, as another build may read it; a damaged one is made anew', async () => {
  const first = await write();
  const file = await fragment();
  const { ino } = await stat(file);
  await write(() => assert.fail('it was made before'));
  await rm(join(root, 'store/memo'), { recursive: true });
  let written = 0;
  assert.deepEqual(await write(() => written++), first);
  assert.equal(written, 1);
  assert.equal((await stat(file)).ino, ino);

  await rm(join(root, 'store/memo'), { recursive: true });
  await truncate(file, 10);
  assert.deepEqual(await write(), first);
  assert.equal((await stat(file)).size, first.size - endOfTar().length);
});
