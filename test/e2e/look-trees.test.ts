/** File trees of images that the real Docker engine made, held against `docker export`, GNU tar, find and umoci. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type LookScene, lackingLookScene, startLookScene } from '../support/look-scene.ts';
import {
  foundTree,
  type ListedPath,
  listedTree,
  tarTree,
  treeDifferences,
  withoutNames,
} from '../support/look-trees.ts';
import { lacking } from '../support/need.ts';

const images = ['base', 'layers', 'python', 'node', 'java', 'static'] as const;
/** What the engine puts into every container, whatever its image has there. */
const ofContainers = new Set([
  ...['.dockerenv', 'dev', 'dev/console', 'dev/pts', 'dev/shm', 'etc', 'etc/hostname', 'etc/hosts', 'etc/mtab'],
  ...['etc/resolv.conf', 'proc', 'sys'],
]);

describe('the tree of an image of the real Docker engine', { skip: lackingLookScene }, () => {
  let scene: LookScene;
  before(async () => {
    scene = await startLookScene(images);
  });
  after(() => scene?.[Symbol.asyncDispose]());

  for (const image of images) {
    test(`${image}: ls equals docker export`, async () => {
      const ours = listedTree(await scene.ask<ListedPath[]>(['ls', scene.place(image)]));
      assert.deepEqual(treeDifferences(ours, withoutNames(tarTree(await scene.exported(image))), ofContainers), []);
      assert.ok(ours.size > (image === 'static' ? 3 : 5000), String(ours.size));
    });
  }

  test('layers: ls equals what umoci unpacks', { skip: lacking({ commands: ['umoci', 'skopeo'] }) }, async () => {
    const saved = join(scene.folder, 'layers-saved.tar');
    await scene.docker('save', '--output', saved, scene.tag('layers'));
    const layout = join(scene.folder, 'layout');
    execFileSync('skopeo', ['copy', '-q', `docker-archive:${saved}`, `oci:${layout}:1`]);
    execFileSync('umoci', ['unpack', '--image', `${layout}:1`, join(scene.folder, 'bundle')], { stdio: 'ignore' });
    const ours = listedTree(await scene.ask<ListedPath[]>(['ls', `oci:${layout}:1`]));
    assert.deepEqual(treeDifferences(ours, withoutNames(foundTree(join(scene.folder, 'bundle/rootfs')))), []);
  });
});
