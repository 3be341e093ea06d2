import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeDeb } from '../../test/support/deb.ts';
import { openImage } from '../image/open-image.ts';
import { LocalStore } from '../store/local-store.ts';
import { build } from './build.ts';

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'slimimage-build-'));
});
after(() => rm(root, { recursive: true, force: true }));

/** Builds in a folder of its own; everything that the image keeps beside its layer. */
async function buildIn(folder: string): Promise<{ readonly digest: string; readonly documents: string }> {
  const place = join(root, folder);
  const store = join(root, 'store');
  await mkdir(join(place, 'debs'), { recursive: true });
  await writeFile(join(place, 'own.deb'), makeDeb({ name: 'own', files: { 'opt/own': 'own' } }));
  await writeFile(join(place, 'debs/other.deb'), makeDeb({ name: 'other', files: { 'opt/other': 'other' } }));
  await writeFile(join(place, 'app'), 'app');
  const config = join(place, 'slimimage.yaml');
  await writeFile(config, 'name: a\nbase: none\npackages: [./own.deb, ./debs/]\nfiles: ["./app:/app"]\n');
  const { digest } = await build({ config }, { store, env: {}, cwd: place, jobs: 1 });
  const opened = await LocalStore.open(store);
  try {
    const image = await openImage('store:a', { store: opened, platform: undefined });
    return { digest, documents: JSON.stringify([image.manifest, image.config]) };
  } finally {
    await opened.close();
  }
}

test('the folder that an image was built in leaves no trace in it', async () => {
  const here = await buildIn('here');
  const there = await buildIn('there/and/deeper');
  assert.equal(here.digest, there.digest);
  assert.ok(!here.documents.includes(root), here.documents);
  assert.match(here.documents, /"comment":"own other \(2 packages\), holds: other 1, own 1"/);
});
