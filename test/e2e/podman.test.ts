import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lackingPodman, startPodman } from '../support/podman.ts';

test('podman imports and inspects in a storage of its own', { skip: lackingPodman }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-e2e-'));
  const { podman, stop } = await startPodman();
  t.after(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });
  await mkdir(join(folder, 'root'));
  await writeFile(join(folder, 'root/hello'), 'hello\n');
  const tar = join(folder, 'root.tar');
  assert.equal(spawnSync('tar', ['-C', join(folder, 'root'), '-cf', tar, '.']).status, 0);
  const imported = await podman(['import', tar, 'hello:test']);
  assert.equal(imported.status, 0, imported.stderr);
  const shown = await podman(['image', 'inspect', '--format', '{{len .RootFS.Layers}}', 'hello:test']);
  assert.equal(shown.stdout.trim(), '1', shown.stderr);
});
