/** Locks of configurations that copy files from images, through the command line. */
import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type LockScene, old, startLockScene } from '../support/lock-scene.ts';
import { lackingRegistry, startRegistry, type TestRegistry } from '../support/registry.ts';

let scene: LockScene;
beforeEach(async () => {
  scene = await startLockScene();
});
afterEach(() => scene[Symbol.asyncDispose]());

const outdated = { code: 'LOCK_OUTDATED', status: 2 } as const;
const invalid = { code: 'LOCK_INVALID', status: 2 } as const;

/** Makes an image of one file, /tool, there. */
async function makeTools(content: string, place = 'store:tools', platforms = ['linux/amd64']): Promise<string> {
  await scene.user.write('content', content);
  const config = `name: tools\nbase: none\nplatforms: [${platforms}]\nfiles: ["./content:/tool"]\n`;
  await scene.user.write('tools.yaml', config);
  const digest = await scene.build(['tools.yaml']);
  if (place !== 'store:tools') await scene.user.succeed(['copy', 'store:tools', place, '--all']);
  return digest;
}

async function configureCopy(image: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  await scene.configure(['tool'], { files: `[{ image: "${image}", source: /tool, path: /opt/tool }]`, ...more });
}

describe('of a registry', { skip: lackingRegistry }, () => {
  let registry: TestRegistry;
  let image: string;
  beforeEach(async () => {
    registry = await startRegistry(undefined);
    image = `docker://${registry.host}/team/tools:1`;
  });
  afterEach(() => registry.close());

  test('a locked build copies from what the tag meant, update tells what it means today', async () => {
    const before = await makeTools('old', image);
    await configureCopy(image);
    const digest = await scene.lockAndBuild();
    const locked = await scene.readLock();
    assert.deepEqual(locked.platforms[0]?.images, [{ image, digest: before }]);
    assert.deepEqual(locked.configuration.inputs['files'], [{ image }]);

    const after = await makeTools('new', image);
    assert.notEqual(after, before);
    const asked = registry.log.length;
    await scene.user.succeed(['lock', '--check']);
    await scene.user.succeed(['build', '--locked', '--dry-run']);
    assert.equal(registry.log.length, asked);
    assert.equal(await scene.build(['--locked', '-o', 'tar:root.tar'], scene.fresh()), digest);
    assert.match((await scene.user.files('root.tar'))['opt/tool'] ?? '', /old$/);
    const { stdout: papers } = await scene.user.succeed(['sbom', 'store:sample', '--provenance'], scene.fresh());
    assert.ok(papers.includes(before.slice('sha256:'.length)) && !papers.includes(after.slice('sha256:'.length)));
    assert.equal(await scene.build(['--locked', '--offline'], scene.fresh()), digest);
    const today = await scene.build([], scene.fresh('today'));
    assert.notEqual(today, digest);

    await copyFile(join(scene.user.folder, 'slimimage.lock.json'), join(scene.user.folder, 'old.lock.json'));
    const change = `files from ${image}: was ${before}, is ${after}\n`;
    const update = await scene.user.run(['update']);
    assert.equal(update.status, 1);
    assert.ok(update.stdout.includes(change), update.stdout);
    await scene.user.succeed(['update', '--write']);
    assert.equal(await scene.build(['--locked'], scene.fresh()), today);
    const { stdout } = await scene.user.succeed(['diff', 'old.lock.json', 'slimimage.lock.json']);
    assert.ok(stdout.includes(change), stdout);
    assert.equal((await scene.user.run(['update'])).status, 0);
  });

  test('each platform has its own digest', async () => {
    const platforms = ['linux/amd64', 'linux/arm64'];
    const both = [undefined, 'arm64'].flatMap((other) =>
      old.map(({ architecture = other, ...recipe }) =>
        architecture === undefined ? recipe : { ...recipe, architecture },
      ),
    );
    await scene.publish(both, ['amd64', 'arm64']);
    await makeTools('old', image, platforms);
    await configureCopy(image, { platforms: `[${platforms}]` });
    const digest = await scene.lockAndBuild();
    const digests = (await scene.readLock()).platforms.flatMap(({ images }) => images.map((one) => one.digest));
    assert.equal(new Set(digests).size, 2);
    await makeTools('new', image);
    assert.equal(await scene.build(['--locked'], scene.fresh()), digest);
  });
});

describe('of another place', () => {
  for (const image of ['store:tools', 'oci:./tools', 'oci-archive:tools.tar', 'docker-archive:tools.tar']) {
    test(`${image.split(':')[0]}: has to be the same`, async () => {
      await makeTools('old', image);
      await configureCopy(image);
      const digest = await scene.lockAndBuild();
      await scene.user.succeed(['lock', '--check']);
      assert.equal(await scene.build(['--locked']), digest);

      await makeTools('new', image);
      const change = /files: \S+ is sha256:[0-9a-f]{64}, locked sha256:[0-9a-f]{64}$/m;
      for (const argv of [
        ['build', '--locked'],
        ['build', '--locked', '--dry-run'],
      ]) {
        const { message } = await scene.user.refused(outdated, argv);
        assert.match(message, change);
      }
      const check = await scene.user.run(['lock', '--check']);
      assert.equal(check.status, 1);
      assert.match(check.stdout, change);
      assert.equal((await scene.user.run(['update', '--security-only', '--write'])).status, 0);
      await scene.user.succeed(['build', '--locked']);
    });
  }

  test('a bare file tree is your own, as a folder is', async () => {
    await scene.user.write('tree/tool', 'old');
    await configureCopy('dir:./tree');
    await scene.user.succeed(['lock']);
    await scene.user.write('tree/tool', 'new');
    await scene.user.succeed(['lock', '--check']);
    await scene.user.succeed(['build', '--locked', '-o', 'tar:root.tar']);
    assert.match((await scene.user.files('root.tar'))['opt/tool'] ?? '', /new$/);
  });
});

test('another image than the one that was locked is a configuration that has moved', async () => {
  await makeTools('old');
  await configureCopy('store:tools');
  await scene.user.succeed(['lock']);
  await configureCopy('store:others');
  const { message } = await scene.user.refused(outdated, ['build', '--locked']);
  assert.match(message, /files: \{"image":"store:others"\} was added/);
  assert.match((await scene.user.run(['lock', '--check'])).stdout, /files: \{"image":"store:tools"\} was removed/);
});

test('a lock that lacks an image, or has one too many, is refused', async () => {
  await makeTools('old');
  await configureCopy('store:tools');
  await scene.user.succeed(['lock']);
  const digest = `sha256:${'0'.repeat(64)}` as const;
  const edits = [
    [() => [], /it has no digest of store:tools, which the configuration copies from/],
    [
      (images: readonly object[]) => [...images, { image: 'store:zoo', digest }],
      /it has the image store:zoo, which the configuration does not copy from/,
    ],
  ] as const;
  const lock = await scene.readLock();
  for (const [edit, message] of edits) {
    await scene.user.write('slimimage.lock.json', JSON.stringify(lock));
    await scene.edit(({ images }) => ({ images: edit(images) }));
    for (const argv of [
      ['build', '--locked'],
      ['lock', '--check'],
    ]) {
      const refusal = await scene.user.refused(invalid, argv);
      assert.match(refusal.message, message);
    }
  }
});
