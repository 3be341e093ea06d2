import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { putSampleImage, putSampleIndex, variedLayers } from '../../test/support/images.ts';
import { schemaText } from '../build/answer-schemas.ts';
import { LocalStore } from '../store/local-store.ts';
import { inspectImage } from './inspect-image.ts';
import { inspectSchema } from './inspect-schema.ts';

describe('looking into an image of the store', () => {
  let folder = '';
  let places = { store: '', cwd: '', env: {}, today: '2026-11-21' };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slimimage-inspect-'));
    places = { ...places, store: join(folder, 'store'), cwd: folder };
    const store = await LocalStore.open(places.store);
    await store.tag(await putSampleImage(store, { layers: variedLayers, cmd: ['tool'] }), 'varied');
    await store.close();
  });
  after(() => rm(folder, { recursive: true }));

  it('tells what its layers and its tree hold', async () => {
    const report = await inspectImage('store:varied', places);
    const { layers, contents, waste, users, entrypoint, compressedSize, size } = report;
    assert.deepEqual(
      layers.map(({ added, changed, removed, command }) => [added.paths, changed.paths, removed.paths, command]),
      [
        [15, 0, 0, 'sample'],
        [3, 2, 3, 'sample'],
      ],
    );
    assert.equal(
      compressedSize,
      layers.reduce((sum, layer) => sum + (layer.compressedSize ?? 0), 0),
    );
    assert.ok(compressedSize < size);
    // etc/gone, the first etc/passwd and opt/old/file.
    assert.equal(waste.bytes, 'soon'.length + 'root:x:0:0::/root:/bin/sh\n'.length + 'old'.length);
    const [fileBytes, shown] = [layers.reduce((sum, layer) => sum + layer.fileBytes, 0), contents.bytes];
    assert.equal(fileBytes - shown, waste.bytes, 'what layers carry and the tree does not show');
    assert.equal(contents.hardLinks, 2);
    assert.deepEqual(users.runsAs, { configured: '65532', uid: 65532, gids: [0], name: undefined });
    assert.deepEqual(entrypoint?.programs[0]?.steps, ['/usr/bin/tool']);
    assert.ok(new Ajv({ strict: true }).compile(inspectSchema)(JSON.parse(JSON.stringify(report))));
  });

  it('tells the index that it was chosen from, and its other platforms', async () => {
    const store = await LocalStore.open(places.store);
    const index = await putSampleIndex(
      store,
      ['linux/amd64', 'linux/s390x', 'linux/arm64'].map((platform) => ({ layers: [[['f', platform]]], platform })),
    );
    await store.tag(index, 'many');
    await store.close();
    const { platform, digest, indexDigest, otherPlatforms } = await inspectImage('store:many', {
      ...places,
      platform: 'linux/arm64',
    });
    assert.deepEqual([platform, otherPlatforms], ['linux/arm64', ['linux/amd64', 'linux/s390x']]);
    assert.equal(indexDigest, index.digest);
    assert.notEqual(digest, index.digest);
    const one = await inspectImage('store:varied', places);
    assert.deepEqual([one.indexDigest, one.otherPlatforms], [undefined, []]);
  });

  it('refuses a limit before it opens anything', async () => {
    await assert.rejects(inspectImage('store:missing', { ...places, failOn: ['waist>1MB'] }), { code: 'USAGE' });
    await assert.rejects(inspectImage('store:missing', places), { code: 'IMAGE_NOT_FOUND' });
  });

  it('has an answer whose schema is published (npm run schema)', async () => {
    const published = await readFile(new URL('../../schema/inspect.schema.json', import.meta.url), 'utf8');
    assert.equal(published, schemaText(inspectSchema));
  });
});
