import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { buildImage, type SlimimageEvent } from '../../src/index.ts';

let folder: string;
let events: SlimimageEvent[];

beforeEach(async () => {
  events = [];
  folder = await mkdtemp(join(tmpdir(), 'slimimage-own-'));
  await mkdir(join(folder, 'app/out'), { recursive: true });
  await writeFile(join(folder, 'app/slimimage.yaml'), 'name: web\nbase: none\nfiles: [{ source: ., path: /app }]\n');
  await writeFile(join(folder, 'app/main.py'), '');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Builds it with outputs relative to the folder of the configuration; returns the digest and what is below /app. */
async function build(options: Parameters<typeof buildImage>[1] = {}) {
  const cwd = join(folder, 'app');
  // Another store would not know it for its own.
  await rm(join(folder, 'seen'), { recursive: true, force: true });
  const outputs = [...(options.outputs ?? []), `dir:${join(folder, 'seen')}`];
  const surroundings = { store: join(folder, 'store'), env: {}, cwd, jobs: 1, onEvent: events.push.bind(events) };
  const { digest } = await buildImage(
    { config: join(cwd, 'slimimage.yaml') },
    { ...surroundings, ...options, outputs },
  );
  return { digest, app: (await readdir(join(folder, 'seen/app'), { recursive: true })).sort() };
}

const own = ['main.py', 'out', 'slimimage.yaml'];

test('a store in the folder of files: goes into no image', async () => {
  const store = join(folder, 'app/.slimimage');
  const first = await build({ store });
  assert.deepEqual(first.app, own);
  assert.deepEqual(await build({ store }), first);
  const told = events.flatMap((event) => (event.type === 'info' ? [event.message] : []));
  assert.ok(told.includes(`files: leaves out ${store}, because it is the local store`));
});

test('nor does one behind a link, whichever way it is named', async () => {
  const { digest } = await build();
  await mkdir(join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), join(folder, 'app/linked'));
  assert.equal((await build({ store: join(folder, 'app/linked') })).digest, digest);
  await rm(join(folder, 'app/linked'));
  await symlink(join(folder, 'app'), join(folder, 'same'));
  assert.equal((await build({ store: join(folder, 'same/store') })).digest, digest);
});

test('what a build writes is the same image each time, and what others wrote there is in it', async () => {
  const outputs = ['oci-archive:web.tar', 'oci:out/layout', 'docker-archive:out/web.tar.gz'];
  const options = { outputs, metadataFile: 'm.json' };
  const first = await build(options);
  assert.deepEqual(first.app, own);
  assert.deepEqual(await build(options), first);
  assert.deepEqual(await build({ ...options, sboms: [] }), first);
  await writeFile(join(folder, 'app/web.cdx.json'), 'mine');
  await writeFile(join(folder, 'app/slimimage.lock.json'), '{}');
  const more = await build({ ...options, sboms: ['spdx'] });
  assert.deepEqual(more.app, [...own, 'slimimage.lock.json', 'web.cdx.json'].sort());
  assert.equal(await readFile(join(folder, 'app/web.cdx.json'), 'utf8'), 'mine');
});

test('a folder of the store that is named itself is copied', async () => {
  await mkdir(join(folder, 'store/kept'), { recursive: true });
  await writeFile(join(folder, 'store/kept/a'), '');
  await writeFile(join(folder, 'app/slimimage.yaml'), 'name: web\nbase: none\nfiles: [../store/kept:/app]\n');
  assert.deepEqual((await build()).app, ['a']);
});
