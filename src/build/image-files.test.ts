import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { putSampleImage } from '../../test/support/images.ts';
import type { ImageSpec } from '../config/spec.ts';
import { isSlimimageError } from '../errors.ts';
import { parsePlatform } from '../oci/platform.ts';
import { LocalStore } from '../store/local-store.ts';
import { copyImageFiles } from './image-files.ts';
import type { Session } from './session.ts';

let root: string;
let store: LocalStore;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'slimimage-image-files-'));
  store = await LocalStore.open(root);
  const links = Array.from({ length: 3000 }, (_, at) => {
    return [`app/links/${at}`, { type: 'hardlink', linkTarget: './app/run' }] as const;
  });
  const { platform: _, ...manifest } = await putSampleImage(store, {
    layers: [
      [
        ['app/', {}],
        ['app/run', { content: 'run', mode: 0o4711 }],
        ['app/empty', ''],
        ['app/escape', { type: 'symlink', linkTarget: '../../../../etc/passwd' }],
        ['app/links/', {}],
        ...links,
      ],
    ],
  });
  await store.tag(manifest, 'app:latest');
});
after(async () => {
  await store.close();
  await rm(root, { recursive: true, force: true });
});

async function copy(source: string): Promise<string> {
  const spec = { directory: root, files: [{ image: 'store:app', source }] } as unknown as ImageSpec;
  const session = { store, signal: undefined } as unknown as Session;
  return (await copyImageFiles(spec, parsePlatform('linux/amd64'), session)).get(0)?.place ?? assert.fail();
}

test('a folder of an image: files, links as they are, thousands of names of one file', async () => {
  const place = await copy('/app');
  assert.equal((await readdir(join(place, 'links'))).length, 3000);
  assert.equal(await readFile(join(place, 'links/2999'), 'utf8'), 'run');
  assert.equal((await stat(join(place, 'links/7'))).mode & 0o7777, 0o755);
  assert.equal((await stat(join(place, 'empty'))).mode & 0o7777, 0o644);
  assert.equal(await readlink(join(place, 'escape')), '../../../../etc/passwd');
});

test('one file, and what is not there, with what is beside it', async () => {
  assert.equal(await readFile(await copy('/app/run'), 'utf8'), 'run');
  await assert.rejects(
    copy('/app/ran'),
    (error) => isSlimimageError(error, 'SOURCE_INVALID') && error.hint?.includes('/app/run') === true,
  );
});
