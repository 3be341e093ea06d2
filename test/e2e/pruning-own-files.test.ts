/** `dependencies: runtime` where files of the user's own are in the image. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { BuildResult } from '../../src/index.ts';
import { type LockScene, old, startLockScene } from '../support/lock-scene.ts';

let scene: LockScene;

const program = { content: 'program', mode: 0o755 };

beforeEach(async () => {
  scene = await startLockScene();
  await scene.publish([
    ...old,
    {
      name: 'job',
      fields: { Depends: 'procps' },
      files: { '/usr/bin/job': { content: '#!/usr/bin/sh\nps aux\n', mode: 0o755 } },
    },
    { name: 'procps', files: { '/usr/bin/ps': program } },
  ]);
  await mkdir(join(scene.user.folder, 'tools'));
});
afterEach(() => scene[Symbol.asyncDispose]());

/** Names of the packages that were cut. */
async function cuts(packages: readonly string[], files: string, store?: string): Promise<string> {
  await scene.configure(packages, { files });
  const { stdout } = await scene.user.succeed(
    ['build', '--format', 'json'],
    store === undefined ? {} : scene.fresh(store),
  );
  const [platform] = (JSON.parse(stdout) as BuildResult).platforms;
  return (platform ?? assert.fail()).pruning.cuts.map((cut) => cut.package).join(' ');
}

test('what was remembered for files in one place is no answer for the same files in another', async () => {
  await scene.user.write('tools/sh', 'a shell');
  const asShell = '["./tools:/usr/bin"]';
  const aside = '["./tools:/app"]';
  for (const [store, order] of [
    ['one', [asShell, aside, asShell]],
    ['two', [aside, asShell, aside]],
  ] as const)
    for (const files of order) assert.equal(await cuts(['job'], files, store), files === aside ? 'procps' : '');
});
