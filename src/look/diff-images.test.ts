import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeTar } from '../../test/support/deb.ts';
import { putSampleImage, putSampleIndex, type SampleImage, type SampleLayer } from '../../test/support/images.ts';
import { fileTexts, otherPlatformsText } from '../compare/words.ts';
import { openImage } from '../image/open-image.ts';
import { openView } from '../image/open-view.ts';
import type { SharedLayers } from '../image/view-layers.ts';
import { LocalStore } from '../store/local-store.ts';
import { diffFile } from './diff-file.ts';
import { diffImages } from './diff-images.ts';

const base: SampleLayer = [
  ['etc/', ''],
  ['etc/conf', 'one\ntwo\n'],
  ['etc/link', { type: 'symlink', linkTarget: 'conf' }],
  ['etc/moved', { type: 'symlink', linkTarget: 'conf' }],
  ['bin/', ''],
  ['bin/tool', { content: 'tool', mode: 0o755 }],
  ['bin/run', { type: 'symlink', linkTarget: 'tool' }],
];
const next: SampleLayer = [
  ['etc/conf', 'one\nthree\n'],
  ['etc/moved', { type: 'symlink', linkTarget: '../bin/tool' }],
  ['bin/binary', 'a\0b'],
  ['bin/run', { type: 'symlink', linkTarget: 'binary' }],
  ['new', 'new\n'],
];

describe('images wherever they are', () => {
  let cwd = '';
  let options: Parameters<typeof diffImages>[2];

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'slimimage-diff-'));
    options = { store: join(cwd, 'store'), cwd, env: {}, offline: true };
    await put('old', { layers: [base] });
    await put('new', { layers: [base, next] });
    await put('zstd', { layers: [base, next], compression: 'zstd' });
    await put('squashed', { layers: [[...base, ...next]] });
    await put('arm', { layers: [base], platform: 'linux/arm64' });
    await writeFile(join(cwd, 'new.tar'), makeTar([...base, ...next]));
    await mkdir(join(cwd, 'root/etc'), { recursive: true });
    await writeFile(join(cwd, 'root/etc/conf'), 'one\nfour\n');
    await symlink('conf', join(cwd, 'root/etc/link'));
  });
  after(() => rm(cwd, { recursive: true }));

  async function put(name: string, ...images: readonly SampleImage[]): Promise<void> {
    const store = await LocalStore.open(join(cwd, 'store'));
    try {
      const [image] = images;
      const one = images.length === 1 && image !== undefined;
      await store.tag(one ? await putSampleImage(store, image) : await putSampleIndex(store, images), name);
    } finally {
      await store.close();
    }
  }

  async function paths(from: string, to: string): Promise<readonly string[]> {
    const { files } = await diffImages(from, to, options);
    return files.changes.map(({ change, path }) => `${change} ${path}`);
  }

  const changes = ['added /bin/binary', 'changed /bin/run', 'changed /etc/conf', 'changed /etc/moved', 'added /new'];

  test('of the store, of tars, of folders', async () => {
    assert.deepEqual(await paths('store:old', 'store:new'), changes);
    assert.deepEqual(await paths('store:old', 'tar:new.tar'), changes);
    assert.deepEqual(await paths('store:new', 'tar:new.tar'), []);
    const folder = await diffFile('tar:new.tar', 'dir:root', { ...options, path: 'etc/conf' });
    assert.ok(folder.content.type === 'text');
    assert.equal(folder.content.patch, '--- a/etc/conf\n+++ b/etc/conf\n@@ -1,2 +1,2 @@\n one\n-three\n+four\n');
  });

  test('what is other beneath images of one content', async () => {
    const beneath = async (to: string) => (await diffImages('store:new', to, options)).beneath;
    assert.deepEqual(await beneath('store:new'), []);
    assert.deepEqual(await beneath('store:zstd'), ['compression']);
    const squashed = await diffImages('store:new', 'store:squashed', options);
    assert.deepEqual([squashed.files.changes, squashed.layers.shared.count], [[], 0]);
    assert.equal(squashed.history.removed.length, 1);
    const { layers } = await diffImages('store:old', 'store:new', options);
    assert.deepEqual([layers.common, layers.shared.count, layers.from[0]?.shared], [1, 1, true]);
  });

  test('one platform of both, where both have one', async () => {
    const amd64: SampleImage = { layers: [[['a', 'amd64']]], platform: 'linux/amd64' };
    const arm64: SampleImage = { layers: [[['a', 'arm64']]], platform: 'linux/arm64' };
    await put('both', amd64, arm64);
    await put('other', { ...amd64, layers: [[['a', 'other']]] }, { ...arm64, layers: [[['a', 'other arm']]] });
    const platforms = async (from: string, to: string, platform?: string) => {
      const { from: a, to: b } = await diffImages(from, to, { ...options, platform });
      return [a.platform, b.platform];
    };
    assert.deepEqual(await platforms('store:both', 'store:arm'), ['linux/arm64', 'linux/arm64']);
    assert.deepEqual(await platforms('store:arm', 'store:both'), ['linux/arm64', 'linux/arm64']);
    assert.deepEqual(await platforms('store:both', 'store:other', 'arm64'), ['linux/arm64', 'linux/arm64']);
    await assert.rejects(platforms('store:both', 'store:old', 'arm64'), { code: 'PLATFORM_UNAVAILABLE' });
    const others = await diffImages('store:both', 'store:old', { ...options, platform: 'amd64' });
    assert.deepEqual([others.from.otherPlatforms, others.to.otherPlatforms], [['linux/arm64'], []]);
    assert.deepEqual(otherPlatformsText(others), ['not compared: linux/arm64 in store:both:latest']);
    const different = await diffImages('store:old', 'store:arm', options);
    assert.deepEqual(
      [different.same, different.from.platform, different.to.platform],
      [false, 'linux/amd64', 'linux/arm64'],
    );
  });

  test('what an audit finds, where it is asked for', async () => {
    await put('setuid', { layers: [base, [['bin/tool', { content: 'tool', mode: 0o4755 }]]] });
    const { findings } = await diffImages('store:old', 'store:setuid', {
      ...options,
      audit: true,
      date: '2026-01-01',
    });
    assert.deepEqual(
      findings?.gained.filter(({ rule }) => rule === 'setuid-file').map(({ path }) => path),
      ['/bin/tool'],
    );
    assert.deepEqual((await diffImages('store:old', 'store:setuid', options)).findings, undefined);
  });

  test('one file: links, what is on one side alone, folders', async () => {
    const file = async (path: string) => diffFile('store:old', 'store:new', { ...options, path });
    // The same link on both sides is followed.
    const link = await file('/etc/link');
    assert.deepEqual([link.path, link.aspects, link.before?.type], ['/etc/link', ['size', 'content'], 'file']);
    const moved = await file('/etc/moved');
    assert.deepEqual([moved.aspects, moved.before?.link, moved.after?.link], [['link'], 'conf', '../bin/tool']);
    assert.ok(moved.content.type === 'text');
    const binary = await file('/bin/run');
    assert.deepEqual(
      fileTexts(binary).map((line) => line.replace(/[0-9a-f]{64}/, '...')),
      [
        'link tool -> binary',
        'no text',
        'before: /bin/tool, 4 bytes, sha256:...',
        'after: /bin/binary, 3 bytes, sha256:...',
      ],
    );
    const added = await file('/new');
    assert.ok(added.content.type === 'text');
    assert.deepEqual(
      [added.same, added.before, added.content.patch],
      [false, undefined, '--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+new\n'],
    );
    const same = await file('bin/tool');
    assert.deepEqual([same.same, same.content], [true, { type: 'same' }]);
    await assert.rejects(file('/etc'), { code: 'SOURCE_INVALID', message: /^\/etc is a folder/ });
    await assert.rejects(file('/none'), {
      code: 'SOURCE_INVALID',
      message: /^neither store:old:latest nor store:new:latest/,
    });
  });

  test('layers that both images have are kept once', async () => {
    const store = await LocalStore.open(join(cwd, 'store'));
    try {
      const shared: SharedLayers = new Map();
      const [old, fresh] = await Promise.all(['store:old', 'store:new'].map((name) => openImage(name, { store })));
      assert.ok(old !== undefined && fresh !== undefined);
      const before = await openView(old, { store, shared });
      const after = await openView(fresh, { store, shared });
      assert.equal(before.layers[0]?.entries, after.layers[0]?.entries);
    } finally {
      await store.close();
    }
  });
});
